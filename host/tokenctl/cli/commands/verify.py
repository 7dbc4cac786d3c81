"""tokenctl verify: whether a board holds what was released."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tokenctl.cli.flash_board import choose_port, meet, released
from tokenctl.cli.flash_events import WORDS, Events, Words, place
from tokenctl.cli.image_options import image_options
from tokenctl.cli.session import Session, global_options

if TYPE_CHECKING:
    from tokenctl.flashing.micropython_source import Choice

_NAMES_MAX = 8  # file names in a sentence


@click.command()
@image_options
@global_options
@click.pass_obj
def verify(session: Session, choice: "Choice", board: Path | None) -> None:
    """Read a board's flash back, and compare it with what was released.

    Partition table, boot loader, MicroPython and the firmware are read, all their bytes,
    and compared with what tokenctl flash would write; nothing is written, and at the end
    the board starts anew. Exit code 0 says that all are as released, 14 that one is not.

    It proves that the board will start the released firmware, as far as the chip's ROM
    and this computer can be trusted: the ROM's loader is asked, not the firmware, which
    could report any hash of itself. At a port with no reset line (socket://) whoever
    answers there is asked. It says nothing of the vault, the eFuses and the hardware, nor
    of who had the board before or has it after.
    """
    from tokenctl.flashing import verification
    from tokenctl.flashing.loader import Board

    events = Events(session.output, _WORDS)
    with Board(session.port or choose_port(session.output)) as found:
        try:
            meet(found, session, events.report)
            with events.bar():
                regions = released(found.chip, choice, board, events.report)
            found.wake()
            found.fast()
            with events.bar():
                verification.verify(found.read, regions, events.report)
        finally:
            found.reset()
    if not session.json:
        size = sum(len(region.data) for region in regions)
        session.output.line(f"As released: the board {found.mac}, {size} bytes.")
        if not found.has_reset_line:
            session.output.note("This port has no reset line: press EN on the board.")


def _compared(event: dict[str, Any]) -> str:
    if event["differs_from"] is None:
        return f"As released: {place(event)}."
    sentence = f"Differs from {event['differs_from']:#x} on: {place(event)}."
    if "files" not in event:
        return sentence
    files = event["files"]
    if files is None:
        return f"{sentence} It holds no files of a firmware."
    parts = [
        f"{how}: {_names(files[how])}" for how in ("changed", "missing", "added") if files[how]
    ]
    if not parts:
        return f"{sentence} All its files are as released."
    return f"{sentence} Files {'; '.join(parts)}."


def _names(names: list[str]) -> str:
    more = f" and {len(names) - _NAMES_MAX} more" if len(names) > _NAMES_MAX else ""
    return ", ".join(names[:_NAMES_MAX]) + more


_WORDS: Words = WORDS | {"compared": _compared, "result": lambda event: ""}
