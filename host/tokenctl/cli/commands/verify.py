"""tokenctl verify: whether a board's flash matches the release."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tokenctl.cli.flash_board import choose_port, meet, released
from tokenctl.cli.flash_events import WORDS, Events, Words, place
from tokenctl.cli.global_options import global_options
from tokenctl.cli.image_options import image_options
from tokenctl.cli.session import Session
from tokenctl.errors import FlashingFailed, NotAsReleased, WrongBoard
from tokenctl.language import _, marked

if TYPE_CHECKING:
    from tokenctl.flashing.loader import Board
    from tokenctl.flashing.micropython_source import Choice

_NAMES_MAX = 8  # file names in a sentence
_HOW = {
    "changed": marked("changed"),
    "missing": marked("missing"),
    "added": marked("added"),
}


@click.command()
@image_options
@global_options
@click.pass_obj
def verify(session: Session, choice: "Choice", board: Path | None) -> None:
    """Read a board's flash back, and compare it with the release.

    Partition table, boot loader, MicroPython and firmware are read completely and
    compared with what tokenctl flash would write. Nothing is written, and the board
    restarts at the end. Exit code 0 means that everything matches the release, 14 that
    something does not.

    This proves that the board will start the released firmware, as far as the chip's ROM
    and this computer can be trusted: the ROM loader is asked, not the firmware, which
    could report any hash. At a port with no reset line (socket://), whoever answers there
    is asked. It says nothing about the vault, the eFuses and the hardware, or about who
    had the board before or will have it after.
    """
    from tokenctl.flashing import verification
    from tokenctl.flashing.loader import Board

    events = Events(session.output, _WORDS)
    with Board(choose_port(session)) as found:
        try:
            meet(found, session, events.report)
            with events.bar():
                regions = released(found, choice, board, events.report)
            found.wake()
            found.fast()
            with events.bar():
                verification.verify(found.read, regions, events.report)
        except NotAsReleased as error:
            if board is None:
                _remark_on_wiring(error, found)
            raise
        finally:
            found.reset()
    if not session.json:
        size = sum(len(region.data) for region in regions)
        session.output.line(
            _("Matches the release: board {mac}, {size} bytes.").format(mac=found.mac, size=size)
        )
        if not found.has_reset_line:
            session.output.note(_("This port has no reset line: press EN on the board."))


def _remark_on_wiring(error: NotAsReleased, found: "Board") -> None:
    """Set behind the error that the board has firmware for another wiring, if it has."""
    from tokenctl.flashing import wiring

    try:
        wiring.check_default(found)
    except WrongBoard as other:
        error.followed_by(other.sentence)
    except FlashingFailed:
        pass  # the difference is what matters


def _compared(event: dict[str, Any]) -> str:
    if event["differs_from"] is None:
        return _("Matches the release: {place}.").format(place=place(event))
    sentence = _("Differs from {differs_from:#x} on: {place}.").format(
        differs_from=event["differs_from"], place=place(event)
    )
    if "files" not in event:
        return sentence
    files = event["files"]
    if files is None:
        return _("{sentence} It holds no firmware files.").format(sentence=sentence)
    parts = [f"{_(_HOW[how])}: {_names(files[how])}" for how in _HOW if files[how]]
    if not parts:
        return _("{sentence} All its files match the release.").format(sentence=sentence)
    return _("{sentence} Files {joined}.").format(joined="; ".join(parts), sentence=sentence)


def _names(names: list[str]) -> str:
    more = (
        _(" and {more} more").format(more=len(names) - _NAMES_MAX)
        if len(names) > _NAMES_MAX
        else ""
    )
    return ", ".join(names[:_NAMES_MAX]) + more


_WORDS: Words = WORDS | {"compared": _compared, "result": lambda event: ""}
