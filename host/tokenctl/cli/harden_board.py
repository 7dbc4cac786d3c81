"""The board of a token that is hardened: in its loader, with every burning confirmed."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from otpcore.errors import WireError
from tokenctl.cli import terminal
from tokenctl.cli.output import Output
from tokenctl.cli.session import Session
from tokenctl.errors import (
    HardeningRefused,
    NoSuchPort,
    NoToken,
    OtherTokens,
    TokenctlError,
    WrongBoard,
)
from tokenctl.language import _, marked

if TYPE_CHECKING:
    from tokenctl.device.token import Token
    from tokenctl.flashing.loader import Board, Loader
    from tokenctl.hardening.burning import Finding

_Reached = TypeVar("_Reached", bound="Loader")
TRIED = marked(
    "burning an eFuse is permanent, and has been tested with virtual eFuses "
    "only, never on a real chip"
)


@contextmanager
def reach(kind: Callable[[str], _Reached], port: str) -> Iterator[_Reached]:
    """Provide a board in its loader, and restart it afterwards in any case."""
    try:
        opened = kind(port)
    except NoToken as error:
        raise NoToken(
            _("{error}; a loader that has been disabled never answers").format(error=error)
        ) from None
    with opened:
        try:
            yield opened
        finally:
            with suppress(TokenctlError):
                opened.reset()


def working(session: Session) -> "Token":
    """Return the token, once it answers; raise HardeningRefused if what is there does not.

    Raises NoSuchPort if nothing is there, and OtherTokens if the options name another one.
    """
    try:
        return session.open()
    except (NoSuchPort, OtherTokens):
        raise
    except (TokenctlError, WireError):
        raise HardeningRefused(
            _(
                "the token at {port} does not answer, and only a working token can be "
                "hardened; nothing was burnt"
            ).format(port=session.port)
        ) from None


def require_same(board: "Board", serial: str) -> None:
    """Raise HardeningRefused unless the board in its loader is the token that answered before."""
    if board.mac != serial:
        raise HardeningRefused(
            _("the board at {port} is not the token that answered; nothing was burnt").format(
                port=board.port
            )
        )


def require_wiring(board: "Board", wiring: Path | None) -> None:
    """Raise HardeningRefused if the firmware on the board is for another wiring than is meant.

    That can be so only if the options name none.
    """
    from tokenctl.flashing import wiring as flashed

    if wiring is not None:
        return
    try:
        flashed.check_default(board)
    except WrongBoard as error:
        raise HardeningRefused(_("{error}; nothing was burnt").format(error=error)) from None


def check_serial(session: Session, loader: "Loader") -> None:
    """Raise NoToken if the options name another board."""
    if session.serial is not None and session.serial.upper() != loader.mac:
        if not loader.mac:
            raise NoToken(
                _("the board at {port} reports no serial number").format(port=loader.port)
            )
        raise NoToken(
            _("the board at {port} has the serial number {mac}").format(
                port=loader.port, mac=loader.mac
            )
        )


def confirm(output: Output, board: "Board", chosen: Sequence["Finding"]) -> None:
    """Require the user to type the measures and the serial number; a pipe works too."""
    for each in chosen:
        output.note(f"{each.measure.name}: {_(each.measure.title)} ({each.efuse})")
        output.note(_("  benefit: {buys}").format(buys=_(each.measure.buys)))
        output.note(_("  cost: {costs}").format(costs=_(each.measure.costs)))
    output.warn(_(TRIED))
    names = " ".join(each.measure.name for each in chosen)
    if not typed(f"burn {names} {board.mac}"):
        raise HardeningRefused(_("nothing was burnt, because it was not confirmed"))


def typed(phrase: str) -> bool:
    """Prompt for this phrase; return whether it was typed."""
    terminal.say(_("Type {phrase} to continue: ").format(phrase=f"'{phrase}'"), newline=False)
    line = sys.stdin.readline()
    if not (line.endswith("\n") and sys.stdin.isatty()):
        terminal.say("")  # nobody's Enter ended the prompt's line
    return line.strip().strip("'") == phrase
