"""A model of MicroPython's heap on a chip, which is fed what the firmware was seen to allocate.

It says what the 32-bit port cannot: where pieces lie, so how large the largest free one is, how
often the heap takes more from ESP-IDF, what that has left, and where a MemoryError is. As
py/gc.c does, it gives the first free blocks that are enough, of 16 bytes each, area by area;
collects when there are none, or after as many bytes as the firmware has set; then takes another
area, as large as all before it or as ESP-IDF has in one piece; and gives back one that a
collection has emptied.

What it cannot show: pieces that live between two looks of the recording and are freed by name
(a string while it is made); what the C stack seems to hold; when exactly a piece of a window of
a kilobyte came. Frames of bytecode, which the port keeps elsewhere, are pieces of _FRAME bytes.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from tokensim.interpreter import BOARD

Event = tuple[Any, ...]  # see recording.mjs

BLOCK = 16  # bytes
_ADDED = 2048  # bytes: what an area needs at least beside the piece for which it is taken
_TABLES = BLOCK * 8 / (BLOCK * 8 + 3)  # of an area: three bits a block are tables
_FRAME = 96  # bytes: a function of eight locals
_LIVES_BEFORE = 1_328 + 4_640  # bytes at the bare prompt, and the stock asyncio


class Chip(NamedTuple):
    """The memory that the stock image of a chip leaves, in bytes.

    `first` is the heap at the bare prompt, `pieces` what ESP-IDF has in one piece: when nothing
    of it was taken, after the heap took another area, after the next, and so on.
    """

    first: int
    pieces: tuple[int, ...]


# tests/data/conformance: the heap and idf-heap probes, and what was left beside the firmware.
ESP32 = Chip(56_000, (BOARD - 56_000, 55_296, 7_880, 7_400, 336))


class NoRoom(Exception):
    """A MemoryError on the chip: so many bytes in one piece were not to be had."""


@dataclass
class _Area:
    taken: int  # bytes, with its tables
    blocks: bytearray = field(init=False)  # 0 is free

    def __post_init__(self) -> None:
        self.blocks = bytearray(int(self.taken * _TABLES) // BLOCK)


class Heap:
    """The heap of a chip. Pieces are known by any key that the caller gives them."""

    def __init__(self, chip: Chip) -> None:
        self._chip = chip
        self._areas = [_Area(int(chip.first / _TABLES) + BLOCK)]
        self._where: dict[Any, tuple[_Area, int, int]] = {}  # area, first block, blocks
        self._garbage: list[Any] = []
        self._wasted = 0  # pieces that nobody had for long
        self._since = 0  # blocks that were given since the last collection
        self.threshold = -1  # bytes after which it collects; below zero only when it is full
        self.collections = self.areas_taken = 0
        self.most = 0  # bytes in use at once, garbage counted
        self._used = 0

    def allocate(self, key: Any, blocks: int) -> None:
        """Give a piece; NoRoom."""
        collected = False
        if 0 <= self.threshold < self._since * BLOCK:
            self.collect()
            collected = True
        while (found := self._find(blocks)) is None:
            if not collected:
                self.collect()
                collected = True
            elif not self._take(blocks * BLOCK):
                raise NoRoom(blocks * BLOCK)
        area, at = found
        area.blocks[at : at + blocks] = b"\1" * blocks
        self._where[key] = area, at, blocks
        self._since += blocks
        self._used += blocks
        self.most = max(self.most, self._used * BLOCK)

    def resize(self, key: Any, blocks: int) -> None:
        """Make a piece larger or smaller, where it is if there is room; NoRoom."""
        if key not in self._where:
            return  # there was no room for it
        area, at, now = self._where[key]
        behind = area.blocks[at + now : at + blocks]
        if blocks <= now or (len(behind) == blocks - now and not any(behind)):
            self.free(key)
            area.blocks[at : at + blocks] = b"\1" * blocks
            self._where[key] = area, at, blocks
            self._used += blocks
            return
        del self._where[key]
        self._where[self] = area, at, now  # it lives until it is copied
        try:
            self.allocate(key, blocks)
        finally:
            self.free(self)

    def free(self, key: Any) -> None:
        """Take a piece back at once."""
        if key in self._where:
            area, at, blocks = self._where.pop(key)
            area.blocks[at : at + blocks] = bytes(blocks)
            self._used -= blocks

    def lose(self, key: Any) -> None:
        """Nobody has a piece any more: the next collection takes it back."""
        self._garbage.append(key)

    def waste(self, blocks: int) -> None:
        """Give a piece that nobody has any more; NoRoom."""
        self._wasted += 1
        key = ("wasted", self._wasted)
        self.allocate(key, blocks)
        self.lose(key)

    def collect(self) -> None:
        """Take back all that nobody has."""
        for key in self._garbage:
            self.free(key)
        self._garbage.clear()
        self._since = 0
        self.collections += 1
        self._areas[1:] = [each for each in self._areas[1:] if any(each.blocks)]

    def _find(self, blocks: int) -> tuple[_Area, int] | None:
        for area in self._areas:
            at = area.blocks.find(bytes(blocks))
            if at >= 0:
                return area, at
        return None

    def _take(self, wanted: int) -> bool:
        """Take another area from ESP-IDF for a piece; return whether there was one."""
        there = self.left
        needed = wanted + max(_ADDED, wanted * 13 // 512)
        if there < needed:
            return False
        self._areas.append(_Area(min(there, max(needed, sum(each.taken for each in self._areas)))))
        self.areas_taken += 1
        return True

    @property
    def left(self) -> int:
        """What ESP-IDF has left in one piece."""
        return self._chip.pieces[min(len(self._areas), len(self._chip.pieces)) - 1]

    @property
    def used(self) -> int:
        """The bytes in use, garbage counted."""
        return self._used * BLOCK

    @property
    def largest(self) -> int:
        """The largest free piece, or what the largest new area would have room for."""
        longest = max(
            (len(run) for area in self._areas for run in bytes(area.blocks).split(b"\1")),
            default=0,
        )
        return max(longest * BLOCK, int((self.left - _ADDED) * _TABLES) // BLOCK * BLOCK)


@dataclass
class Moment:
    """How the heap stood at a moment, after a collection; and what was since the one before it.

    `least` is the least that was free in one piece after a collection. `failed` are the pieces
    for which there was no room, in bytes; `radio` is what ESP-IDF had left in one piece each
    time that the radio was wanted.
    """

    name: str
    used: int
    largest: int
    left: int
    least: int
    most: int
    failed: list[int]
    radio: list[int]


def replay(events: Iterable[Event], chip: Chip = ESP32) -> list[Moment]:
    """Return the moments of a recording as they are on a chip."""
    return _Replay(chip).run(events)


class _Replay:
    def __init__(self, chip: Chip) -> None:
        self._heap = Heap(chip)
        self._frames: list[Any] = []
        self._failed: list[int] = []
        self._radio: list[int] = []
        self._least = chip.first
        for number in range(_LIVES_BEFORE // 48):
            self._heap.allocate(("before", number), 3)

    def run(self, events: Iterable[Event]) -> list[Moment]:
        moments = []
        heap = self._heap
        for kind, *values in events:
            seen = heap.collections
            try:
                if kind == "a":
                    heap.allocate(values[0], values[1])
                elif kind == "g":
                    heap.waste(values[0])
                elif kind == "r":
                    heap.resize(values[0], values[1])
                elif kind == "f":
                    heap.free(values[0])
                elif kind == "d":
                    heap.lose(values[0])
                elif kind == "s":
                    self._call(values[0])
                elif kind == "c":
                    heap.collect()
                elif kind == "w":
                    self._radio.append(heap.left)
                elif kind == "t":
                    heap.threshold = values[0]
                else:
                    moments.append(self._moment(values[0]))
            except NoRoom as error:
                self._failed.append(error.args[0])
            if heap.collections != seen:
                self._least = min(self._least, heap.largest)
        return moments

    def _call(self, frames: int) -> None:
        """Have as many frames as there are bytes of them."""
        while len(self._frames) * _FRAME > frames:
            self._heap.free(self._frames.pop())
        while (len(self._frames) + 1) * _FRAME <= frames:
            key = ("frame", len(self._frames))
            self._heap.allocate(key, _FRAME // BLOCK)
            self._frames.append(key)

    def _moment(self, name: str) -> Moment:
        heap = self._heap
        most = heap.most
        heap.collect()
        least, failed, radio = min(self._least, heap.largest), self._failed, self._radio
        self._failed, self._radio, self._least = [], [], heap.largest
        heap.most = heap.used
        return Moment(name, heap.used, heap.largest, heap.left, least, most, failed, radio)
