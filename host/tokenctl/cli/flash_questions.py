"""What tokenctl flash asks at the computer before it overwrites what is not its own.

The answers may come through a pipe. Without the right one nothing is written: WrongBoard.
"""

import sys

from tokenctl.cli import terminal
from tokenctl.cli.dialog import says_yes
from tokenctl.cli.output import Output
from tokenctl.errors import Quit, WrongBoard
from tokenctl.language import _

_CONFIRMATION = "erase"


def erase(output: Output, serial: str) -> None:
    """Require the user to type that the vault partition may be erased."""
    output.warn(
        _("everything in the vault partition of board {serial} will be erased permanently").format(
            serial=serial
        )
    )
    terminal.say(
        _("Type {confirmation} to continue: ").format(confirmation=_CONFIRMATION), newline=False
    )
    if sys.stdin.readline().strip() != _CONFIRMATION:
        raise WrongBoard(_("nothing was written, because erasing was not confirmed"))


def overwrite(serial: str) -> None:
    """Ask whether the firmware on a board, which is not a token's, may be overwritten."""
    try:
        agreed = says_yes(_("Overwrite the firmware on board {serial}?").format(serial=serial))
    except Quit:
        agreed = False
    if not agreed:
        raise WrongBoard(
            _(
                "the board {serial} has other firmware, and was left unchanged; to overwrite it "
                "without being asked, name it with --port, or add --yes"
            ).format(serial=serial)
        )
