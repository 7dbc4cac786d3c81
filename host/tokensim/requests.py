"""What the firmware asks of the board: one handler for each operation of the shims."""

from collections.abc import Callable
from dataclasses import dataclass
from errno import EINVAL, ENODEV

from tokensim.board import Board
from tokensim.i2c import NoAck
from tokensim.wakeup import CannotWake

MS = 1_000_000  # nanoseconds
_SAMPLE_NS = 40_000  # a measurement with MicroPython around it, about


@dataclass
class Reply:
    """A reply, and how long after the request (ns) the firmware gets it."""

    payload: bytes = b""
    after: int = 0
    error: int = 0


class Requests:
    """Answers all operations that the board alone can answer."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._handlers: dict[bytes, Callable[[bytes, int], Reply]] = {
            b"i": self._i2c,
            b"f": self._frequency,
            b"p": self._pin,
            b"a": self._adc,
            b"k": self._watch,
            b"h": self._hold,
            b"r": self._read,
            b"g": self._program,
            b"e": self._erase,
            b"z": self._size,
            b"u": self._unique_id,
            b"q": self._processor,
            b"n": self._radio,
        }

    def answer(self, operation: bytes, payload: bytes, now: int) -> Reply:
        """Answer one request; raise tokensim.flash.PowerCut when the power goes in it."""
        handler = self._handlers.get(operation)
        return handler(payload, now) if handler else Reply(error=EINVAL)

    def _i2c(self, payload: bytes, now: int) -> Reply:
        address, size = payload[0], int.from_bytes(payload[1:3], "little")
        duration = self._board.bus.duration_ns(len(payload) - 3, size)
        try:
            data = self._board.bus.transfer(address, payload[3:], size)
        except NoAck:
            return Reply(error=ENODEV)
        if len(payload) > 4:
            self._board.written(address)
        return Reply(data, duration)

    def _frequency(self, payload: bytes, now: int) -> Reply:
        self._board.bus.frequency = int.from_bytes(payload, "little")
        return Reply()

    def _pin(self, payload: bytes, now: int) -> Reply:
        return Reply(bytes([self._board.level(payload[0], now)]))

    def _adc(self, payload: bytes, now: int) -> Reply:
        microvolts = self._board.microvolts(payload[0])
        return Reply(microvolts.to_bytes(4, "little"), after=_SAMPLE_NS)

    def _watch(self, payload: bytes, now: int) -> Reply:
        try:
            self._board.wakeup.watch(payload[0], bool(payload[1]), payload[2:])
        except CannotWake:
            return Reply(error=EINVAL)
        return Reply()

    def _hold(self, payload: bytes, now: int) -> Reply:
        self._board.wakeup.hold(payload[0], bool(payload[1]))
        return Reply()

    def _processor(self, payload: bytes, now: int) -> Reply:
        if payload:
            self._board.processor_hz = int.from_bytes(payload, "little")
        return Reply(self._board.processor_hz.to_bytes(4, "little"))

    def _radio(self, payload: bytes, now: int) -> Reply:
        self._board.radio_on = payload == b"\1"
        self._board.radio_draws += self._board.radio_on
        return Reply(after=100 * MS)

    def _read(self, payload: bytes, now: int) -> Reply:
        size = int.from_bytes(payload[4:8], "little")
        return Reply(self._board.flash.read(int.from_bytes(payload[:4], "little"), size))

    def _program(self, payload: bytes, now: int) -> Reply:
        address, data = int.from_bytes(payload[:4], "little"), payload[4:]
        self._board.flash.program(address, data)
        return Reply(after=(1 + (len(data) - 1) // 256) * 700_000)

    def _erase(self, payload: bytes, now: int) -> Reply:
        self._board.flash.erase(int.from_bytes(payload, "little"))
        return Reply(after=45 * MS)

    def _size(self, payload: bytes, now: int) -> Reply:
        return Reply(self._board.flash.size.to_bytes(4, "little"))

    def _unique_id(self, payload: bytes, now: int) -> Reply:
        return Reply(self._board.serial)
