"""Which board is meant, for commands that need no firmware on it: by its port or serial number.

A board's serial number is known without its loader only where a token answers at its port.
"""

import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NoReturn

from otpcore.errors import WireError
from tokenctl.device import ports
from tokenctl.device.ports import Port, listed
from tokenctl.device.token import Token
from tokenctl.errors import NoSuchPort, NoToken, SeveralTokens, TokenctlError
from tokenctl.language import _

SERIAL = "[0-9A-Fa-f]{12}"


@dataclass(frozen=True)
class BoardPort:
    """The port of a board; `serial` is None where no token answers at it."""

    port: Port
    serial: str | None

    @property
    def named(self) -> str:
        """The board as a user knows it."""
        if self.serial is None:
            return _("{named} (no token answers)").format(named=self.port.named)
        return self.port.with_token(self.serial)


def asked(
    found: Sequence[Port],
    open_token: Callable[[str, Callable[[str], None]], Token] = Token.open,
) -> list[BoardPort]:
    """Ask at each port for a token, some seconds at most; nobody has to press anything."""
    return [BoardPort(each, _serial(each.device, open_token)) for each in found]


def _serial(device: str, open_token: Callable[[str, Callable[[str], None]], Token]) -> str | None:
    try:
        with open_token(device, _nobody_waits) as token:
            return token.identity.serial
    except (TokenctlError, WireError):
        return None


def _nobody_waits(notice: str) -> NoReturn:
    """End the search where a press would be waited for."""
    raise NoToken(notice)


def only(found: Sequence[Port], serial_number: str | None = None) -> Port:
    """Return the only board, or of several the one with this serial number.

    Raises NoSuchPort; SeveralTokens, or NoToken where the number was not found, name them all.
    Whether the only board has that number is left to who opens it.
    """
    if not found:
        remarks = [f"{port.named}: {port.strangeness}" for port in ports.serial_ports()]
        text = _("no board was found; {listed}")
        raise NoSuchPort(text.format(listed=listed(remarks, is_board_there=False)))
    if len(found) == 1:
        return found[0]
    known = asked(found)
    several = "; ".join(each.named for each in known)
    if serial_number is None:
        text = _("there are several boards: {several}; choose one with --serial or --port")
        raise SeveralTokens(text.format(several=several))
    return _with_number(known, serial_number)


def device(name: str) -> str:
    """Return the port of the token with the serial number `name`; any other name is a port's."""
    if not re.fullmatch(SERIAL, name) or os.path.exists(name):
        return name
    found = ports.boards()
    if not found:
        return only(found).device  # which says why
    return _with_number(asked(found), name).device


def _with_number(known: Sequence[BoardPort], serial_number: str) -> Port:
    for each in known:
        if each.serial == serial_number.upper():
            return each.port
    text = _(
        "no token with the serial number {serial} answers; the boards are {several}; give its port "
        "instead"
    )
    several = "; ".join(each.named for each in known)
    raise NoToken(text.format(serial=serial_number, several=several))
