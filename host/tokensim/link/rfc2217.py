"""The serial port with its lines DTR and RTS, over TCP: RFC 2217, through pyserial's server."""

import select
import socket
import struct
from collections.abc import Callable
from typing import Any

from serial import rfc2217

from tokensim.link.link import Listener, arrived

_SEND_TIMEOUT = 2.0  # seconds for which a program may leave its answers unread
# What pyserial raises for a telnet command that makes no sense.
_NONSENSE = (AttributeError, KeyError, TypeError, ValueError, struct.error)


class Rfc2217Link:
    """A TCP port on this computer only, as an Endpoint (link.py); one program at a time.

    `on_lines(dtr, rts)` is called in receive() when a program sets them; when it goes, both drop.
    """

    def __init__(self, port: int = 0) -> None:
        self._listener = Listener(port)
        self._peer: socket.socket | None = None
        self._lines = _Lines(self._set)
        self._manager: rfc2217.PortManager | None = None
        self._arrived = bytearray()
        self.on_lines: Callable[[bool, bool], None] = lambda dtr, rts: None
        self.name = f"rfc2217://{self._listener.address}"

    def descriptors(self) -> list[int]:
        """See Endpoint. Whoever comes while a program is connected waits until that has gone."""
        return [(self._peer or self._listener).fileno()]

    def receive(self) -> bytes:
        """See Endpoint."""
        if self._peer is None:
            self._accept()
        if self._peer is None or self._manager is None:
            return b""
        data = arrived(self._peer, 65536)
        if data is None:
            return b""
        self._arrived.clear()
        try:
            for byte in self._manager.filter(data):
                self._arrived += byte
        except _NONSENSE:
            data = b""
        if not data:
            self._drop()
        return bytes(self._arrived)

    def send(self, data: bytes) -> None:
        """See Endpoint."""
        if self._manager is not None:
            self.write(b"".join(self._manager.escape(data)))

    def write(self, data: bytes) -> None:
        """Send bytes as they are, for pyserial's server; a program that reads none loses them."""
        while data and self._peer is not None:
            if not select.select([], [self._peer], [], _SEND_TIMEOUT)[1]:
                return
            try:
                data = data[self._peer.send(data) :]
            except OSError:
                return

    def close(self) -> None:
        """See Endpoint."""
        self._drop()
        self._listener.close()

    def _accept(self) -> None:
        self._peer = self._listener.accept()
        if self._peer is not None:
            lines: Any = self._lines  # of a serial port and a connection it needs these parts only
            connection: Any = self
            self._manager = rfc2217.PortManager(lines, connection)

    def _set(self, dtr: bool, rts: bool) -> None:
        self.on_lines(dtr, rts)

    def _drop(self) -> None:
        if self._peer is not None:
            self._peer.close()
            self._peer = self._manager = None
            self._lines.drop()


class _Lines:
    """What pyserial's server takes for the port: settings, which nothing heeds, and lines."""

    def __init__(self, changed: Callable[[bool, bool], None]) -> None:
        self._changed = changed
        self._dtr = self._rts = False
        self.baudrate = 115200
        self.bytesize, self.parity, self.stopbits = 8, "N", 1
        self.xonxoff = self.rtscts = self.break_condition = False
        self.cts = self.dsr = self.cd = True
        self.ri = False

    @property
    def dtr(self) -> bool:
        """DTR, on or off."""
        return self._dtr

    @dtr.setter
    def dtr(self, on: bool) -> None:
        if on != self._dtr:
            self._dtr = on
            self._changed(self._dtr, self._rts)

    @property
    def rts(self) -> bool:
        """RTS, on or off."""
        return self._rts

    @rts.setter
    def rts(self, on: bool) -> None:
        if on != self._rts:
            self._rts = on
            self._changed(self._dtr, self._rts)

    def drop(self) -> None:
        """Switch both off at once, as when a port is closed."""
        if self._dtr or self._rts:
            self._dtr = self._rts = False
            self._changed(False, False)

    def reset_input_buffer(self) -> None:
        """Do nothing: what has arrived is passed on at once."""

    def reset_output_buffer(self) -> None:
        """Do nothing; see reset_input_buffer()."""
