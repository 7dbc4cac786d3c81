"""pyserial's side of a simulated board's port, with DTR and RTS and without waiting, for esptool.

A Wire is made of functions: send(bytes), receive() -> bytes, lines(dtr, rts).
"""

import contextlib

from support.flashing import mockboard, virtualefuses  # noqa: F401 (they make esptool hasty)

from tokenctl.flashing import loader_port
from tokensim.board.reset_circuit import ResetCircuit
from tokensim.loader.boot_rom import BootRom

NAME = "rfc2217://wire"  # so that esptool does not look for a device


class Wire:
    """The open port."""

    def __init__(self, send, receive, lines):
        self._send, self._receive, self._lines = send, receive, lines
        self._held = bytearray()
        self.name = self.port = self.portstr = NAME
        self.baudrate, self.timeout, self.write_timeout = 115200, 0.1, None
        self.dtr = self.rts = False
        self.is_open = True
        self.exclusive = None

    def write(self, data):
        self._send(bytes(data))
        return len(data)

    def read(self, size=1):
        self._held += self._receive()
        data = bytes(self._held[:size])
        del self._held[:size]
        return data

    @property
    def in_waiting(self):
        self._held += self._receive()
        return len(self._held)

    def inWaiting(self):
        return self.in_waiting

    def reset_input_buffer(self):
        self._receive()
        self._held.clear()

    flushInput = reset_input_buffer

    def flushOutput(self):
        pass

    flush = reset_output_buffer = flushOutput

    def setDTR(self, on):
        self.dtr = on
        self._lines(self.dtr, self.rts)

    def setRTS(self, on):
        self.rts = on
        self._lines(self.dtr, self.rts)

    def isOpen(self):
        return self.is_open

    def open(self):
        self.is_open = True

    def close(self):
        self.is_open = False


def to_token(token):
    """Return the wire to a simulated token in simulated time."""

    def receive():
        return token.receive(0.001)

    def lines(dtr, rts):
        token.chip.circuit.set(dtr, rts, token.time.now())

    return Wire(token.send, receive, lines)


class Chip:
    """A board without firmware, of which only the loader ever runs; `wire` leads to it."""

    def __init__(self, board):
        self.start = BootRom(board)
        self.starts = []  # whether with BOOT, of each start
        self._said = bytearray()
        circuit = ResetCircuit(self.start.leave, self._start)
        self.wire = Wire(self._take, self._receive, lambda *lines: circuit.set(*lines, now=0))

    def _start(self, boot):
        self.starts.append(boot)
        if boot:
            self._said += self.start.enter()

    def _take(self, data):
        if self.start.loader is not None:
            self._said += self.start.loader.take(data)

    def _receive(self):
        data = bytes(self._said)
        self._said.clear()
        return data


@contextlib.contextmanager
def behind(monkeypatch, wire):
    """Have tokenctl's loader use this wire for whatever port."""
    with monkeypatch.context() as patched:
        patched.setattr(loader_port, "opened", lambda port: wire)
        yield
