"""The serial port, or whatever pyserial has a URL for, as bytes in and out.

Opening does not reset the board where that can be avoided: on the usual boards
EN is pulled low while DTR is off and RTS on, so both stay as the system sets
them, and at the end RTS falls before DTR.
"""

import contextlib
import errno
import socket
import time
from typing import Any, Protocol

import serial
from serial import rfc2217
from serial.urlhandler import protocol_socket

from tokenctl.device import journal, port_advice
from tokenctl.errors import LinkError, NoSuchPort, PortBusy, PortError
from tokenctl.language import _

BAUD = 115200
READ_MAX = 4096  # bytes that one read returns, give or take a few
_POLL = 0.05  # seconds
WRITE_MAX = 2.0  # seconds for one line to leave
RESTART = 10.0  # seconds until a token that restarts has its port back, twice over


class Transport(Protocol):
    """Bytes to and from a token, and the computer's clock."""

    name: str

    def write(self, data: bytes) -> None:
        """Send bytes; raise LinkError."""
        ...

    def read(self, timeout: float) -> bytes:
        """Return what has arrived, waiting up to `timeout` s for the first byte; b"" if nothing.

        It returns even if data keeps arriving.
        """
        ...

    def restarts(self) -> None:
        """The token is about to restart: its port may go away, and come back."""
        ...

    def close(self) -> None:
        """Close the port."""
        ...

    def time(self) -> float:
        """Return the computer's Unix time (s)."""
        ...

    def monotonic(self) -> float:
        """Return a time (s) that only goes forward."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


class SerialTransport:
    """A port by its device path or pyserial URL. Raises NoSuchPort, PortBusy, PortError.

    Where the USB port is the chip's own it goes away in a restart. Then it is opened again.
    """

    _back_by = 0.0  # the time.monotonic() until which it may be away

    def __init__(self, port: str) -> None:
        self.name = port
        try:
            self._serial = _opened(port)
        except (OSError, ValueError, LookupError) as error:  # the last: a URL's parameters
            raise explain_port(port, error) from None
        journal.opened(port)

    def write(self, data: bytes) -> None:
        """See Transport."""
        try:
            self._serial.write(data)
        except serial.SerialTimeoutException:
            pass  # nobody takes it: then nobody answers, either
        except OSError:
            self._open_again()  # the line is sent again when nobody acknowledges it

    def read(self, timeout: float) -> bytes:
        """See Transport."""
        end = time.monotonic() + timeout
        try:
            while not (data := self._serial.read(1)):
                if time.monotonic() >= end:
                    return b""
            while len(data) < READ_MAX and (waiting := self._serial.in_waiting):
                data += self._serial.read(min(waiting, READ_MAX))
        except OSError:
            self._open_again()
            return b""
        return data

    def restarts(self) -> None:
        """See Transport."""
        self._back_by = time.monotonic() + RESTART

    def _open_again(self) -> None:
        """Open the port that has gone away, if a restart explains that; raise LinkError."""
        while time.monotonic() < self._back_by:
            with contextlib.suppress(OSError):
                self._serial.close()
            with contextlib.suppress(OSError):
                self._serial = _opened(self.name)
                return
            time.sleep(_POLL)
        raise self._lost() from None

    def close(self) -> None:
        """See Transport."""
        journal.closed()
        # One by one: a pseudo-terminal has no such wires, and must be closed all the same.
        if "://" not in self.name:
            with contextlib.suppress(OSError):
                self._serial.rts = False
            with contextlib.suppress(OSError):
                self._serial.dtr = False
        with contextlib.suppress(OSError):
            self._serial.close()

    def time(self) -> float:
        """See Transport."""
        return time.time()

    def monotonic(self) -> float:
        """See Transport."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """See Transport."""
        time.sleep(seconds)

    def _lost(self) -> LinkError:
        return LinkError(
            _("the port {name} has disappeared: was the token unplugged?").format(name=self.name)
        )


SOCKET = "socket://"


class CountedSocket(protocol_socket.Serial):
    """pyserial's socket://, which itself counts one byte as waiting where there are many."""

    _socket: Any

    @property
    def in_waiting(self) -> int:
        """Return how many bytes are waiting, up to READ_MAX."""
        if not super().in_waiting:
            return 0
        return max(1, len(self._socket.recv(READ_MAX, socket.MSG_PEEK)))  # 1: the end, for read


RFC2217 = "rfc2217://"


def has_reset_line(port: str) -> bool:
    """Return whether a computer sets DTR and RTS at a port, which is a device or a pyserial URL."""
    return "://" not in port or port.lower().startswith(RFC2217)


class Rfc2217Port(rfc2217.Serial):
    """pyserial's rfc2217://, which itself negotiates again, for 0.1 s, whenever a timeout changes.

    esptool changes it with most of its commands.
    """

    _agreed: object = None

    def open(self) -> None:
        """Open the port, and negotiate."""
        self._agreed = None
        super().open()

    def _reconfigure_port(self) -> None:
        wanted = (self.baudrate, self.bytesize, self.parity, self.stopbits)
        wanted += (self.rtscts, self.xonxoff)
        if wanted != self._agreed:
            super()._reconfigure_port()  # pyrefly: ignore[missing-attribute]
            self._agreed = wanted


class _Socket(CountedSocket):
    """One that does not wait at its opening until the other end is silent, either."""

    def reset_input_buffer(self) -> None:
        """Keep what has arrived: lines are found after it, whatever it is."""


def _opened(port: str) -> Any:
    """Return the open port; explain_port() explains what pyserial raises."""
    if port.lower().startswith(SOCKET):
        opened = _Socket(None, BAUD, timeout=_POLL, write_timeout=WRITE_MAX)
        opened.port = port
        opened.open()
        return opened
    if "://" in port:  # other kinds may know no limit for writing
        return serial.serial_for_url(port, BAUD, timeout=_POLL)
    return serial.Serial(port, BAUD, timeout=_POLL, write_timeout=WRITE_MAX, exclusive=True)


def explain_port(port: str, error: Exception) -> PortError:
    """Return the error for a port that cannot be opened, from what pyserial raised."""
    number = getattr(error, "errno", None)
    text = str(error)
    if number in (errno.EBUSY, errno.EAGAIN) or "exclusively lock" in text:
        return PortBusy(port_advice.in_use(port))
    if number in (errno.EACCES, errno.EPERM):
        return PortBusy(port_advice.not_allowed(port))
    if "PermissionError" in text:  # pyserial on Windows: another program has it
        return PortBusy(port_advice.in_use(port))
    if number in (errno.ENOENT, errno.ENXIO, errno.ENOTDIR, errno.ENODEV) or "FileNotFound" in text:
        return NoSuchPort(_("there is no port {port}").format(port=port))
    if isinstance(error, ValueError) and "protocol" in text:
        return NoSuchPort(
            _(
                "the port {port} is not a kind of URL that pyserial supports, such as socket://"
            ).format(port=port)
        )
    if "://" in port:
        return NoSuchPort(_("nothing answers at {port}").format(port=port))
    return PortError(_("the port {port} cannot be opened; is it a serial port?").format(port=port))
