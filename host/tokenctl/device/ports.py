"""Finding the token among the serial ports of the computer.

Only ports of the USB chips that ESP32 boards carry are spoken to: a greeting
could upset another kind of device.
"""

from collections.abc import Callable
from dataclasses import dataclass

from serial.tools import list_ports

from otpcore.errors import WireError
from tokenctl.device.port_advice import ASLEEP, no_board
from tokenctl.device.token import Token
from tokenctl.device.usb_chips import USB_VENDORS
from tokenctl.errors import (
    NoFirmware,
    NoSuchPort,
    NoToken,
    PortBusy,
    SeveralTokens,
    TokenctlError,
)


@dataclass(frozen=True)
class Port:
    """A serial port: what pyserial opens, what the system says of it, its USB vendor number."""

    device: str
    description: str
    vendor: int | None


def serial_ports() -> list[Port]:
    """Return all serial ports of the computer."""
    return [Port(each.device, each.description or "", each.vid) for each in list_ports.comports()]


def find(
    serial_number: str | None,
    on_notice: Callable[[str], None],
    ports: Callable[[], list[Port]] = serial_ports,
    open_token: Callable[[str, Callable[[str], None]], Token] = Token.open,
) -> Token:
    """Return the only token, or the one with this serial number.

    Raises NoToken or SeveralTokens, which name the ports that were seen, or
    the port's own error when only one port could be meant and it fails.
    """
    found: list[tuple[Port, Token]] = []
    remarks: list[str] = []
    failures: list[TokenctlError | WireError] = []
    try:
        for port in ports():
            remark = (
                "not tried: no USB chip that such boards have; name it with --port if it is one"
            )
            if port.vendor in USB_VENDORS:
                try:
                    token = open_token(port.device, on_notice)
                except (TokenctlError, WireError) as error:
                    failures.append(error)
                    remark = _remark(error)
                else:
                    found.append((port, token))
                    remark = f"token {token.identity.serial}"
            remarks.append(f"{named(port)}: {remark}")
        chosen = _choose(serial_number, found)
    except BaseException:
        _close(found)
        raise
    if chosen is not None:
        _close([each for each in found if each[1] is not chosen])
        return chosen
    _close(found)
    if not found and len(failures) == 1 and not _is_silent(failures[0]):
        raise failures[0]
    wanted = f"no token with the serial number {serial_number}" if serial_number else "no token"
    raise NoToken(f"{wanted} was found; {_list(remarks, bool(failures or found))}")


def boards() -> list[Port]:
    """Return the ports that have a board behind them, by their USB chips."""
    return [port for port in serial_ports() if port.vendor in USB_VENDORS]


def only(found: list[Port]) -> Port:
    """Return the one port that there is; raise NoSuchPort or SeveralTokens."""
    if not found:
        remarks = [f"{named(port)}: no USB chip that such boards have" for port in serial_ports()]
        raise NoSuchPort(f"no board was found; {_list(remarks, False)}")
    if len(found) > 1:
        several = ", ".join(named(port) for port in found)
        raise SeveralTokens(f"there are several boards: {several}; choose one with --port")
    return found[0]


def _choose(serial_number: str | None, found: list[tuple[Port, Token]]) -> Token | None:
    """Return the token that is meant, None when it is not there."""
    meant = [
        (port, token)
        for port, token in found
        if serial_number is None or token.identity.serial == serial_number.upper()
    ]
    if len(meant) > 1:
        tokens = ", ".join(f"{token.identity.serial} at {port.device}" for port, token in meant)
        raise SeveralTokens(
            f"there are several tokens: {tokens}; choose one with --serial or --port"
        )
    return meant[0][1] if meant else None


def _close(tokens: list[tuple[Port, Token]]) -> None:
    for _, token in tokens:
        token.close()


def named(port: Port) -> str:
    """Return the port as a user knows it."""
    described = port.description not in ("", "n/a")
    return f"{port.device} ({port.description})" if described else port.device


def _is_silent(error: TokenctlError | WireError) -> bool:
    return isinstance(error, NoToken) and not isinstance(error, NoFirmware)


def _remark(error: TokenctlError | WireError) -> str:
    if _is_silent(error):
        return "no token answers"
    if isinstance(error, PortBusy):
        return "in use, or not allowed (with --port it is said why)"
    return str(error)


def _list(remarks: list[str], is_board_there: bool) -> str:
    """Return which ports there are; where none is a board's, also why that can be."""
    listed = f"the serial ports are {'; '.join(remarks)}"
    if is_board_there:
        return listed
    listed = listed if remarks else "the computer has no serial port"
    return f"{listed}. {no_board()}. {ASLEEP}"
