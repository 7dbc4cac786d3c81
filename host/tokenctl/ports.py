"""Finding the token among the serial ports of the computer.

Only ports of the USB chips that ESP32 boards carry are spoken to: a greeting
could upset another kind of device.
"""

from collections.abc import Callable
from dataclasses import dataclass

from serial.tools import list_ports

from tokenctl.errors import NoToken, PortError, SeveralTokens, TokenctlError
from tokenctl.token import Token

# USB vendor numbers: Silicon Labs (CP210x), WCH (CH340, CH910x), FTDI, Espressif.
USB_VENDORS = (0x10C4, 0x1A86, 0x0403, 0x303A)


@dataclass(frozen=True)
class Port:
    """A serial port: what pyserial opens, what the system says of it, its USB vendor number."""

    device: str
    description: str
    vendor: int | None


def serial_ports() -> list[Port]:
    """Return all serial ports of the computer."""
    return [
        Port(each.device, each.description or "", each.vid) for each in list_ports.comports()
    ]


def find(
    serial_number: str | None,
    on_notice: Callable[[str], None],
    ports: Callable[[], list[Port]] = serial_ports,
    open_token: Callable[[str, Callable[[str], None]], Token] = Token.open,
) -> Token:
    """Return the only token, or the one with this serial number.

    Raises NoToken or SeveralTokens, which name the ports that were seen, or
    the port's own error when there is one port and it cannot be used.
    """
    seen = ports()
    found: list[tuple[Port, Token]] = []
    failures: list[TokenctlError] = []
    for port in seen:
        if port.vendor not in USB_VENDORS:
            continue
        try:
            token = open_token(port.device, on_notice)
        except TokenctlError as error:
            failures.append(error)
            continue
        if serial_number is None or token.identity.serial == serial_number.upper():
            found.append((port, token))
        else:
            token.close()
    if len(found) == 1:
        return found[0][1]
    for _, token in found:
        token.close()
    if found:
        tokens = ", ".join(f"{token.identity.serial} at {port.device}" for port, token in found)
        raise SeveralTokens(f"there are several tokens: {tokens}; choose one with --serial or --port")
    busy = [error for error in failures if isinstance(error, PortError) and not _silent(error)]
    if len(failures) == 1 and busy:
        raise busy[0]
    wanted = f"no token with the serial number {serial_number}" if serial_number else "no token"
    raise NoToken(f"{wanted} was found; {_list(seen)}")


def _silent(error: TokenctlError) -> bool:
    return isinstance(error, NoToken)


def _list(seen: list[Port]) -> str:
    if not seen:
        return "the computer has no serial port: is the token plugged in, with a cable that has data?"
    named = ", ".join(f"{port.device} ({port.description})" for port in seen)
    return f"the serial ports are {named}"
