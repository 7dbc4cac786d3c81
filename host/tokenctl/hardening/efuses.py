"""A chip's eFuses, through espefuse. The only module that burns any.

An eFuse goes from 0 to 1 once, and never back. espefuse retries a burning that did not
take, and reads back; where the burning itself ends the connection, it ends the program
with success, which is caught here.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import serial
from espefuse import init_commands
from esptool.util import FatalError

from tokenctl.errors import LinkError
from tokenctl.language import _

OPEN, BURNT, LOCKED, UNREADABLE = "open", "burnt", "locked", "unreadable"
_CLOSE_THE_LINK = ("DIS_DOWNLOAD_MODE", "ENABLE_SECURITY_DOWNLOAD")


class Efuses:
    """The eFuses of the chip behind `esp`, esptool's loader or espefuse's virtual chip.

    Raises LinkError when they cannot be read.
    """

    def __init__(self, esp: Any) -> None:
        self._esp = esp
        with _explained(_("reading the eFuses")):
            self._commands: Any = init_commands(esp=esp, do_not_confirm=True)

    def state(self, name: str) -> str:
        """Return OPEN, BURNT, or LOCKED when it is write-protected and can never be burnt."""
        efuse = self._commands.efuses[name]
        if efuse.get_bitstring().any(True):
            return BURNT
        return OPEN if efuse.is_writeable() else LOCKED

    def burn(self, name: str) -> str:
        """Burn one eFuse, and return what reads back: BURNT, or UNREADABLE when that ended it.

        Raises LinkError when the board went away, or the eFuse did not take.
        """
        with _explained(_("burning {name}").format(name=name)):
            try:
                self._commands.burn_efuse({name: "1"})
            except SystemExit as end:
                if end.code or name not in _CLOSE_THE_LINK:
                    raise FatalError("the burning ended early") from None
                return UNREADABLE
        # After such a one the chip may refuse a second look; espefuse has just taken one.
        after = self if name in _CLOSE_THE_LINK else Efuses(self._esp)
        state = after.state(name)
        if state != BURNT:
            raise LinkError(
                _("{name} was burnt, but does not read back: the chip did not accept it").format(
                    name=name
                )
            )
        return state


@contextmanager
def _explained(what: str) -> Iterator[None]:
    try:
        yield
    except (FatalError, serial.SerialException, OSError):
        raise LinkError(
            _(
                "the board was disconnected or failed during this step: {step}; tokenctl harden "
                "shows what is burnt"
            ).format(step=what)
        ) from None
