"""The firmware's requests to the board: one handler for each operation of the shims.

The shims check the arguments of the firmware's calls; anything invalid that they let pass is
answered with EINVAL here, never with an exception.
"""

import os
import struct
from collections.abc import Callable
from dataclasses import dataclass
from errno import EINVAL, ENODEV, ENOMEM

from tokenctl.flashing import layout
from tokenctl.flashing.layout import VFS
from tokensim.board.board import Board
from tokensim.board.i2c import NoAck, Stuck
from tokensim.board.pins import CannotDo
from tokensim.board.wakeup import CannotWake
from tokensim.chips.hmac_peripheral import HmacPeripheral

MS = 1_000_000  # nanoseconds
_SAMPLE_NS = 40_000  # about the duration of an ADC measurement, including MicroPython
_ROW = "<BBII16s"  # of the partition table: type, subtype, offset, size, label
_UNCHANGED = 255  # as a pull
_LEVELS, NOWHERE = 8, 255  # pins in levels(), a bit of a byte each; the place of any other pin
_FOR_EVER = 1 << 62  # nanoseconds
_STUCK = 0xA5  # all bytes of a random generator that is stuck
_ETIMEDOUT = 116  # as the ESP32 counts it
_I2C_TIMEOUT_NS = 50 * MS


# A burst: instructions, as measured, and an estimate for registers and module. That makes 180,000
# HMACs a second at 160 MHz.
_BURST_INSTRUCTIONS, _HMAC_NS = 89, 5_000


def _address(payload: bytes) -> int:
    return int.from_bytes(payload[:4], "little")


@dataclass
class Reply:
    """A reply: its data, an errno or 0, and how long after the request (ns) it is sent."""

    payload: bytes = b""
    after: int = 0
    error: int = 0


class BadAddress(Exception):
    """The firmware accessed an address without a register: the chip crashes."""


class Requests:
    """Answers all requests that need nothing but the board."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._read: list[int] = []  # pins that were read, by the place of their level in levels()
        self._handlers: dict[bytes, Callable[[bytes, int], Reply]] = {
            b"i": self._i2c,
            b"f": self._frequency,
            b"s": self._chip,
            b"o": self._open_pin,
            b"O": self._set_pin,
            b"p": self._pin,
            b"P": self._put,
            b"a": self._adc,
            b"k": self._watch,
            b"h": self._hold,
            b"r": self._read_flash,
            b"g": self._program,
            b"e": self._erase,
            b"z": self._partitions,
            b"u": self._unique_id,
            b"y": self._random,
            b"q": self._processor,
            b"N": self._make_radio,
            b"n": self._radio,
            b"I": self._memory,
            b"G": self._collected,
            b"A": self._read_app,
            b"L": self._look_up,
            b"F": self._content,
            b"x": self._load,
            b"Y": self._store,
            b"B": self._burst,
            b"D": self._interrupts,
        }

    def answer(self, operation: bytes, payload: bytes, now: int) -> Reply:
        """Answer one request; raise tokensim.board.flash.PowerCut if the power fails during it."""
        handler = self._handlers.get(operation)
        if handler is None:
            return Reply(error=EINVAL)
        try:
            return handler(payload, now)
        except (CannotDo, CannotWake, ValueError):
            return Reply(error=EINVAL)

    def _i2c(self, payload: bytes, now: int) -> Reply:
        address, size = payload[0], int.from_bytes(payload[1:3], "little")
        duration = self._board.bus.duration_ns(len(payload) - 3, size)
        try:
            data = self._board.bus.transfer(address, payload[3:], size)
        except NoAck:
            return Reply(error=ENODEV)
        except Stuck:
            return Reply(error=_ETIMEDOUT, after=_I2C_TIMEOUT_NS)
        except ValueError:  # no such register, which the data sheets leave open
            data = b"\xff" * size
        if len(payload) > 4:
            self._board.written(address)
        return Reply(data, duration)

    def _frequency(self, payload: bytes, now: int) -> Reply:
        frequency = int.from_bytes(payload, "little")
        if frequency:
            self._board.bus.frequency = frequency
        self._board.idf_heap.make_bus()
        return Reply()

    def _chip(self, payload: bytes, now: int) -> Reply:
        board = self._board
        return Reply(bytes([board.pins.i2c_buses, board.wakeup.by_gpio, board.hash_time]))

    def _open_pin(self, payload: bytes, now: int) -> Reply:
        self._board.pins.check(payload[0], output=len(payload) > 1)
        return Reply()

    def _set_pin(self, payload: bytes, now: int) -> Reply:
        pin, mode, pull = payload
        self._board.pins.set(pin, mode or None, None if pull == _UNCHANGED else pull)
        return Reply()

    def _pin(self, payload: bytes, now: int) -> Reply:
        """Answer with a pin's level, and with its place in levels()."""
        pin = payload[0]
        if pin not in self._read and len(self._read) < _LEVELS:
            self._read.append(pin)
        place = self._read.index(pin) if pin in self._read else NOWHERE
        return Reply(bytes([self._board.level(pin, now), place]))

    def levels(self, now: int) -> int:
        """Return the levels of the first pins that were read, a bit each."""
        level = self._board.level
        return sum(level(pin, now) << place for place, pin in enumerate(self._read))

    def _put(self, payload: bytes, now: int) -> Reply:
        self._board.pins.put(payload[0], payload[1])
        return Reply()

    def _adc(self, payload: bytes, now: int) -> Reply:
        self._board.pins.check_measures(payload[0])
        microvolts = self._board.microvolts(payload[0])
        return Reply(microvolts.to_bytes(4, "little"), after=_SAMPLE_NS)

    def _watch(self, payload: bytes, now: int) -> Reply:
        self._board.wakeup.watch(payload[0], bool(payload[1]), payload[2:])
        return Reply()

    def _hold(self, payload: bytes, now: int) -> Reply:
        self._board.wakeup.hold(payload[0], bool(payload[1]))
        return Reply()

    def _processor(self, payload: bytes, now: int) -> Reply:
        if payload:
            hertz = int.from_bytes(payload, "little")
            self._board.pins.check_frequency(hertz)
            self._board.processor_hz = hertz
        return Reply(self._board.processor_hz.to_bytes(4, "little"))

    def _make_radio(self, payload: bytes, now: int) -> Reply:
        heap = self._board.idf_heap
        heap.collected(int.from_bytes(payload, "little"))
        if not heap.make_radio():
            return Reply(error=ENOMEM)
        return Reply(heap.heap_loses.to_bytes(4, "little"))

    def _collected(self, payload: bytes, now: int) -> Reply:
        heap = self._board.idf_heap
        heap.collected(int.from_bytes(payload, "little"))
        return Reply(heap.matters.to_bytes(4, "little"))

    def _memory(self, payload: bytes, now: int) -> Reply:
        heap = self._board.idf_heap
        return Reply(heap.free.to_bytes(4, "little") + heap.largest.to_bytes(4, "little"))

    def _radio(self, payload: bytes, now: int) -> Reply:
        if payload == b"\1" and self._board.radio_hangs:
            return Reply(after=_FOR_EVER)
        self._board.radio_on = payload == b"\1"
        self._board.idf_heap.switch_radio(self._board.radio_on)
        self._board.radio_draws += self._board.radio_on
        return Reply(after=100 * MS)

    def _read_flash(self, payload: bytes, now: int) -> Reply:
        size = int.from_bytes(payload[4:8], "little")
        return Reply(self._board.flash.read(int.from_bytes(payload[:4], "little"), size))

    def _content(self, payload: bytes, now: int) -> Reply:
        return Reply(self._board.flash.file.encode())

    def _read_app(self, payload: bytes, now: int) -> Reply:
        if self._board.app is None:
            return Reply(error=EINVAL)
        size = int.from_bytes(payload[4:8], "little")
        return Reply(self._board.app.read(int.from_bytes(payload[:4], "little"), size))

    def _look_up(self, payload: bytes, now: int) -> Reply:
        if self._board.app is None:
            return Reply(error=EINVAL)
        if payload:
            self._board.app.count(payload[0])
        return Reply(VFS.size.to_bytes(4, "little"))

    def _program(self, payload: bytes, now: int) -> Reply:
        address, data = int.from_bytes(payload[:4], "little"), payload[4:]
        self._board.flash.program(address, data)
        return Reply(after=(1 + (len(data) - 1) // 256) * 700_000)

    def _erase(self, payload: bytes, now: int) -> Reply:
        self._board.flash.erase(int.from_bytes(payload, "little"))
        return Reply(after=45 * MS)

    def _partitions(self, payload: bytes, now: int) -> Reply:
        rows = [(r.type, r.subtype, r.offset, self._size(r), r.label.encode()) for r in layout.ROWS]
        return Reply(b"".join(struct.pack(_ROW, *row) for row in rows))

    def _size(self, row: layout.Row) -> int:
        return self._board.flash.size if row is layout.VAULT else row.size

    def _load(self, payload: bytes, now: int) -> Reply:
        return Reply(self._registers(payload)[_address(payload)].to_bytes(4, "little"))

    def _store(self, payload: bytes, now: int) -> Reply:
        self._registers(payload)[_address(payload)] = int.from_bytes(payload[4:8], "little")
        return Reply()

    def _registers(self, payload: bytes) -> HmacPeripheral:
        hmac = self._board.hmac
        if hmac is None or not hmac.has(_address(payload)):
            raise BadAddress
        return hmac

    def _burst(self, payload: bytes, now: int) -> Reply:
        """Stand in for the machine code of drivers/hmac_burst.py, with its duration on a chip."""
        key, count, patience = struct.unpack("<BHH", payload[4:9])
        block, made = self._registers(payload).burst(payload[9:], key, count, patience)
        instructions = _BURST_INSTRUCTIONS * 10**9 // self._board.processor_hz
        return Reply(made.to_bytes(2, "little") + block, (_HMAC_NS + instructions) * count)

    def _interrupts(self, payload: bytes, now: int) -> Reply:
        if self._board.hmac is not None and payload == b"\0":
            self._board.hmac.hash_elsewhere()  # whoever ran until now may have hashed
        self._board.interrupts.switch(payload != b"\0", now)
        return Reply()

    def _unique_id(self, payload: bytes, now: int) -> Reply:
        return Reply(self._board.serial)

    def _random(self, payload: bytes, now: int) -> Reply:
        size = int.from_bytes(payload[:4], "little")
        return Reply(bytes([_STUCK]) * size if self._board.random_is_stuck else os.urandom(size))
