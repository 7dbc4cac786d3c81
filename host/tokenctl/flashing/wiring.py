"""The wiring for which a board has firmware: an update must not put another in its place.

With the wrong pins a token has neither screen nor buttons, so nobody can use its accounts; and if
its loader were closed then, nobody ever could.
"""

from typing import Any

from tokenctl.boards.definition import Definition, load, parse
from tokenctl.errors import WrongBoard
from tokenctl.flashing.app_image import BOARD as FILE
from tokenctl.flashing.firmware_files import Read, beginning
from tokenctl.flashing.loader import Board
from tokenctl.language import _
from tokenctl.payload import board_definition, definitions_folder

_DEFINITION_MAX = 16384  # bytes; ours have five hundred


def on_board(read: Read) -> Definition | None:
    """Return the definition in the firmware on a board, None if it has none that can be used.

    Raises what `read` raises.
    """
    try:
        return parse(beginning(read, FILE, _DEFINITION_MAX) or b"")
    except WrongBoard:
        return None


def check_default(board: Board) -> None:
    """Raise WrongBoard if the firmware on a board is for another wiring than its chip's default.

    A clause: what was not done because of it remains to be said. Raises FlashingFailed.
    """
    there, ours = on_board(board.read_firmware), load(board_definition(board.chip.name))
    if there is None or _pins(there) == _pins(ours):
        return
    raise WrongBoard(
        _(
            "the firmware on the board is for the wiring '{there}', and not for '{ours}', the "
            "default: add --board {keep}, or --board {ours} if it was rewired"
        ).format(keep=_known(there) or "FILE", ours=ours.name, there=there.name)
    )


def _pins(definition: Definition) -> list[Any]:
    """Return what is connected where; the rest may change from version to version."""
    return [definition.uses, definition.whole["panel"], definition.whole["i2c"]["id"]]


def _known(there: Definition) -> str | None:
    """Return the name of the definition of tokenctl's that has this wiring."""
    for path in definitions_folder().glob("*.json"):
        if path.stem == there.name and _pins(load(path)) == _pins(there):
            return there.name
    return None
