"""A chip's eFuses, through espefuse. The only module that burns any.

An eFuse goes from 0 to 1 once, and never back. espefuse retries a burning that did not
take, and reads back; where the burning itself ends the connection, it ends the program
with success, which is caught here.
"""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import serial
from espefuse import init_commands
from esptool.util import FatalError

from tokenctl.errors import LinkError
from tokenctl.language import _

OPEN, BURNT, LOCKED, UNREADABLE = "open", "burnt", "locked", "unreadable"
_CLOSE_THE_LINK = ("DIS_DOWNLOAD_MODE", "ENABLE_SECURITY_DOWNLOAD")


HMAC_UP = "HMAC_UP"  # the purpose of a key whose HMACs software may have, and never the key
_UNUSED = "USER"  # … of a block that has none yet
KEY_BLOCKS = 6


@dataclass(frozen=True)
class KeyBlock:
    """A key block, by its number; `is_open` says that its purpose can still be burnt."""

    number: int
    purpose: str
    is_empty: bool
    is_readable: bool
    is_open: bool

    @property
    def name(self) -> str:
        """Return its name in espefuse's tables."""
        return f"BLOCK_KEY{self.number}"

    @property
    def is_free(self) -> bool:
        """Whether it is empty and a key can be burnt into it."""
        return self.purpose == _UNUSED and self.is_empty and self.is_readable and self.is_open

    @property
    def has_hidden_key(self) -> bool:
        """Whether it holds a key for HMACs that software cannot read."""
        return self.purpose == HMAC_UP and not self.is_readable


class Efuses:
    """The eFuses of the chip behind `esp`, esptool's loader or espefuse's virtual chip.

    Raises LinkError if they cannot be read.
    """

    def __init__(self, esp: Any) -> None:
        self._esp = esp
        with _explained(_("reading the eFuses")):
            self._commands: Any = init_commands(esp=esp, do_not_confirm=True)

    def state(self, name: str) -> str:
        """Return OPEN, BURNT, or LOCKED if it is write-protected and can never be burnt."""
        efuse = self._commands.efuses[name]
        if efuse.get_bitstring().any(True):
            return BURNT
        return OPEN if efuse.is_writeable() else LOCKED

    def burn(self, name: str) -> str:
        """Burn one eFuse; return BURNT as read back, or UNREADABLE if that ended the connection.

        Raises LinkError if the board was lost, or the eFuse did not take.
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

    def key_blocks(self) -> list[KeyBlock]:
        """Return the chip's key blocks; none for an ESP32."""
        efuses = self._commands.efuses
        return [self._key_block(efuses, number) for number in range(KEY_BLOCKS)]

    def _key_block(self, efuses: Any, number: int) -> KeyBlock:
        block, purpose = efuses[f"BLOCK_KEY{number}"], efuses[f"KEY_PURPOSE_{number}"]
        return KeyBlock(
            number,
            str(purpose.get()),
            not block.get_bitstring().any(True),
            block.is_readable(),
            block.is_writeable() and purpose.is_writeable(),
        )

    def can_hide(self) -> bool:
        """Return whether a block can still be read-protected: Secure Boot ends that."""
        return self._commands.efuses["RD_DIS"].is_writeable()

    def burn_key(self, number: int, key: bytes) -> KeyBlock:
        """Burn an HMAC key, hidden and protected; return what its block reads back as.

        Raises LinkError if the board was lost, or the chip did not take the key.
        """
        name = f"BLOCK_KEY{number}"
        with _explained(_("burning {name}").format(name=name)):
            try:
                self._commands.burn_key([name], [io.BytesIO(key)], [HMAC_UP])
            except SystemExit:
                raise FatalError("the burning ended early") from None
        return Efuses(self._esp).key_blocks()[number]


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
