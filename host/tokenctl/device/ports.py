"""Finding the token among the serial ports of the computer.

Only ports of USB chips that ESP32 boards use are addressed: a greeting
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
    NoToken,
    OtherTokens,
    PortBusy,
    SeveralTokens,
    TokenctlError,
)
from tokenctl.language import _


@dataclass(frozen=True)
class Port:
    """A serial port: what pyserial opens, the system's description, and the USB vendor id."""

    device: str
    description: str
    vendor: int | None

    @property
    def is_board(self) -> bool:
        """Whether a board may be there, judging by the USB chip."""
        return self.vendor in USB_VENDORS

    @property
    def named(self) -> str:
        """The port as a user knows it."""
        described = self.description not in ("", "n/a")
        return f"{self.device} ({self.description})" if described else self.device

    @property
    def strangeness(self) -> str:
        """Why no board is looked for at it, as a clause; only where not is_board."""
        if self.vendor is None:
            return _("it is not a USB port")
        return _("its USB chip is not one used by such boards")

    def with_token(self, serial_number: str) -> str:
        """The token that answers at the port, as a user knows it."""
        return _("{serial} at {device}").format(device=self.named, serial=serial_number)


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

    Raises NoToken or SeveralTokens, which name the ports that were seen, or the
    port's own error if only one port could be meant and it fails.
    """
    found: list[tuple[Port, Token]] = []
    remarks: list[str] = []
    failures: list[TokenctlError | WireError] = []
    try:
        for port in ports():
            remark = _("skipped, as {why} (use --port if it is the token)").format(
                why=port.strangeness
            )
            if port.is_board:
                try:
                    token = open_token(port.device, on_notice)
                except (TokenctlError, WireError) as error:
                    failures.append(error)
                    remark = _remark(error)
                else:
                    found.append((port, token))
                    remark = _("token {serial}").format(serial=token.identity.serial)
            remarks.append(f"{port.named}: {remark}")
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
    seen = listed(remarks, is_board_there=bool(failures or found))
    if serial_number:
        raise (OtherTokens if found else NoToken)(
            _("no token with the serial number {serial} was found; {listed}").format(
                serial=serial_number, listed=seen
            )
        )
    raise NoToken(_("no token was found; {listed}").format(listed=seen))


def boards() -> list[Port]:
    """Return the ports at which a board may be."""
    return [port for port in serial_ports() if port.is_board]


def _choose(serial_number: str | None, found: list[tuple[Port, Token]]) -> Token | None:
    """Return the token that is meant, None if it is not there."""
    meant = [
        (port, token)
        for port, token in found
        if serial_number is None or token.identity.serial == serial_number.upper()
    ]
    if len(meant) > 1:
        tokens = ", ".join(port.with_token(token.identity.serial) for port, token in meant)
        raise SeveralTokens(
            _("there are several tokens: {tokens}; choose one with --serial or --port").format(
                tokens=tokens
            )
        )
    return meant[0][1] if meant else None


def _close(tokens: list[tuple[Port, Token]]) -> None:
    for _port, token in tokens:
        token.close()


def _is_silent(error: TokenctlError | WireError) -> bool:
    return isinstance(error, NoToken) and not isinstance(error, NoFirmware)


def _remark(error: TokenctlError | WireError) -> str:
    if _is_silent(error):
        return _("no token answers")
    if isinstance(error, PortBusy):
        return _("in use, or not permitted (--port shows which)")
    return str(error)


def listed(remarks: list[str], *, is_board_there: bool) -> str:
    """Return a clause with all ports; if none is a board's, also why that may be."""
    ports = _("the serial ports are {joined}").format(joined="; ".join(remarks))
    if is_board_there:
        return ports
    ports = ports if remarks else _("the computer has no serial ports")
    return f"{ports}. {no_board()}. {_(ASLEEP)}"
