"""All checks of a token, in the order of the report, including those it cannot answer."""

from collections.abc import Callable, Iterator
from typing import Any

from otpcore.errors import Busy, UnknownMethod, WireError
from tokenctl.cli.checks import contents, interactive, link, parts, timing
from tokenctl.cli.checks.finding import FAIL, SKIPPED, Finding
from tokenctl.clock import computer
from tokenctl.device.models import Status
from tokenctl.device.token import Token
from tokenctl.errors import LinkError
from tokenctl.language import _

_AGAIN = 3.0  # seconds until what an interrupted erase has left is erased


def examined(token: Token, someone: bool) -> Iterator[Finding]:
    """Yield findings about a token; with `someone` at the terminal, ask them, too.

    Raises Busy; any other refusal or failure is a finding.
    """
    try:
        yield from _examined(token, someone)
    except LinkError as error:
        text = _("the token stopped answering: {why}").format(why=error)
        advice = _("plug it in again with another cable, and run tokenctl doctor again")
        yield Finding("link", FAIL, text, advice)
    except Busy:  # nothing is wrong with it: somebody is at it
        raise
    except WireError as error:
        advice = _("unplug the token and plug it in again; if this happens again, report it")
        yield Finding("firmware", FAIL, str(error), advice)


def _examined(token: Token, someone: bool) -> Iterator[Finding]:
    status = token.status()
    board = None if status.fault is not None else _asked(token.examination.board)
    yield contents.firmware(token.identity, board, status)
    if status.fault is not None:
        return
    yield from _board(token, board, status, someone)
    yield from _clock(token, board, status)
    yield contents.vault(status)
    yield from _inside(token, status)
    if board is not None:
        yield contents.randomness(board["random"], status)
    yield contents.pin(status)
    yield link.link(token.examination.link())


def _asked(question: Callable[[], dict[str, Any]]) -> dict[str, Any] | None:
    """Return what the token answers, None if its firmware is too old for the question."""
    try:
        return question()
    except UnknownMethod:
        return None


def _board(
    token: Token, board: dict[str, Any] | None, status: Status, someone: bool
) -> Iterator[Finding]:
    if board is None:
        text = _("not examined: this firmware is too old for that")
        for check in ("bus", "clock_chip", "panel", "buttons", "supply"):
            yield Finding(check, SKIPPED, text, _("run tokenctl flash"))
        return
    yield from parts.soldered(board, status)
    if someone:
        yield from interactive.tried(token, board["buttons"])
    else:
        yield from interactive.not_asked()


def _clock(token: Token, board: dict[str, Any] | None, status: Status) -> Iterator[Finding]:
    yield timing.time(status, board["clock"]["stopped"] if board else None)
    yield timing.offset(None if status.unix_time is None else token.clock_offset())
    yield timing.computer(computer.read())
    yield timing.drift(status)
    log = None
    if status.vault == "ready":
        log = token.clock_log()
    yield timing.cell(status, log)


def _inside(token: Token, status: Status) -> Iterator[Finding]:
    if status.vault in ("ready", "locked"):
        survey = _asked(token.examination.flash)
        if survey is not None and survey["unclean"]:
            token.wait(_AGAIN)  # the power may have gone in an erase: the start does it again
            survey = token.examination.flash()
        if survey is not None:
            yield from contents.flash(survey)
    try:
        left = _asked(token.examination.memory)
    except WireError as error:  # there is not enough for the question
        yield Finding("memory", FAIL, str(error), _("unplug the token and plug it in again"))
        return
    if left is not None:
        yield contents.memory(left)
