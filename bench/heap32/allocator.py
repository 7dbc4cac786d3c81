"""A model of MicroPython's heap on a chip, which replays recorded allocations of the firmware.

It shows what the 32-bit port cannot: the places of allocations, and so the largest free block,
how often the heap takes more from ESP-IDF, what is left of that, and MemoryErrors. As py/gc.c
does, it allocates the first sufficient run of free blocks, of 16 bytes each, area by area; if there
is none, or after as many bytes as the firmware has set, it collects; then it takes another area, as
large as all before it or as ESP-IDF's largest block; and it gives back an area that a collection
has emptied.

Not modelled: allocations between two samples of the recording that are freed explicitly (a string
that is being built); what the C stack seems to reference; the exact order of allocations within a
window of a kilobyte. Frames of bytecode, which the port keeps elsewhere, count as _FRAME bytes.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from tokensim.port.interpreter import BOARD

Event = tuple[Any, ...]  # see recording.mjs

BLOCK = 16  # bytes
_ADDED = 2048  # bytes: the least that an area needs beyond the allocation for which it is taken
TABLES = BLOCK * 8 / (BLOCK * 8 + 3)  # of an area: three bits a block are tables
_FRAME = 96  # bytes: a function of eight locals
_LIVES_BEFORE = 1_328 + 4_640  # bytes at the bare prompt, and the stock asyncio


class Chip(NamedTuple):
    """The memory that the stock image of a chip leaves, in bytes.

    `first` is the heap at the bare prompt, `pieces` the largest block of ESP-IDF: before the heap
    has taken another area, after that, after the next, and so on.
    """

    first: int
    pieces: tuple[int, ...]


# tests/data/conformance: the probes heap and idf-heap, and what was left next to the firmware.
ESP32 = Chip(56_000, (BOARD - 56_000, 55_296, 7_880, 7_400, 336))


class NoRoom(Exception):
    """A MemoryError on the chip: there was no free block of so many bytes."""


@dataclass
class _Area:
    taken: int  # bytes, with its tables
    blocks: bytearray = field(init=False)  # 0 is free

    def __post_init__(self) -> None:
        self.blocks = bytearray(int(self.taken * TABLES) // BLOCK)


class Heap:
    """The heap of a chip. Allocations are identified by keys of the caller."""

    def __init__(self, chip: Chip) -> None:
        self._chip = chip
        self._areas = [_Area(int(chip.first / TABLES) + BLOCK)]
        self._where: dict[Any, tuple[_Area, int, int]] = {}  # area, first block, blocks
        self._garbage: list[Any] = []
        self._wasted: list[tuple[_Area, int, int]] = []  # allocations that were garbage at once
        self._since = 0  # blocks allocated since the last collection
        self.threshold = -1  # bytes after which it collects; negative: only when it is full
        self.collections = self.areas_taken = 0
        self.most = 0  # the most bytes in use, including garbage
        self._used = 0

    def allocate(self, key: Any, blocks: int) -> None:
        """Allocate so many blocks under a key; raise NoRoom."""
        self._where[key] = self._allocated(blocks)

    def _allocated(self, blocks: int) -> tuple[_Area, int, int]:
        """Return an allocation: the area, the first block, so many blocks; raise NoRoom."""
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
        self._since += blocks
        self._used += blocks
        if self._used * BLOCK > self.most:
            self.most = self._used * BLOCK
        return area, at, blocks

    def resize(self, key: Any, blocks: int) -> None:
        """Resize an allocation, in place if there is room; raise NoRoom."""
        if key not in self._where:
            return  # there was no room for it when it was allocated
        area, at, now = self._where[key]
        behind = area.blocks[at + now : at + blocks]
        if blocks <= now or (len(behind) == blocks - now and not any(behind)):
            self.free(key)
            area.blocks[at : at + blocks] = b"\1" * blocks
            self._where[key] = area, at, blocks
            self._used += blocks
            return
        del self._where[key]
        self._where[self] = area, at, now  # live until it is copied
        try:
            self.allocate(key, blocks)
        finally:
            self.free(self)

    def free(self, key: Any) -> None:
        """Free an allocation at once."""
        if key in self._where:
            self._freed(*self._where.pop(key))

    def _freed(self, area: _Area, at: int, blocks: int) -> None:
        area.blocks[at : at + blocks] = bytes(blocks)
        self._used -= blocks

    def lose(self, key: Any) -> None:
        """Note that an allocation is garbage: the next collection frees it."""
        self._garbage.append(key)

    def waste(self, blocks: int) -> None:
        """Allocate blocks that are garbage at once; raise NoRoom."""
        self._wasted.append(self._allocated(blocks))

    def collect(self) -> None:
        """Free all garbage."""
        for key in self._garbage:
            self.free(key)
        self._garbage.clear()
        for each in self._wasted:
            self._freed(*each)
        self._wasted.clear()
        self._since = 0
        self.collections += 1
        self._areas[1:] = [each for each in self._areas[1:] if any(each.blocks)]

    def _find(self, blocks: int) -> tuple[_Area, int] | None:
        wanted = bytes(blocks)
        for area in self._areas:
            at = area.blocks.find(wanted)
            if at >= 0:
                return area, at
        return None

    def _take(self, wanted: int) -> bool:
        """Take another area from ESP-IDF for an allocation; return False if there is none."""
        there = self.left
        needed = wanted + max(_ADDED, wanted * 13 // 512)
        if there < needed:
            return False
        self._areas.append(_Area(min(there, max(needed, sum(each.taken for each in self._areas)))))
        self.areas_taken += 1
        return True

    @property
    def left(self) -> int:
        """The largest free block of ESP-IDF, in bytes."""
        return self._chip.pieces[min(len(self._areas), len(self._chip.pieces)) - 1]

    @property
    def used(self) -> int:
        """The bytes in use, including garbage."""
        return self._used * BLOCK

    @property
    def largest(self) -> int:
        """The largest free block, or the room in the largest new area if that is larger."""
        longest = max(
            (len(run) for area in self._areas for run in bytes(area.blocks).split(b"\1")),
            default=0,
        )
        return max(longest * BLOCK, int((self.left - _ADDED) * TABLES) // BLOCK * BLOCK)


@dataclass
class Moment:
    """The heap at a moment, after a collection, and what happened since the moment before.

    `least` is the smallest size of the largest free block after a collection. `failed` are the
    sizes (bytes) of allocations that failed; `radio` is ESP-IDF's largest free block each time
    that the radio was to be switched on.
    """

    name: str
    used: int
    largest: int
    left: int
    least: int
    most: int
    failed: list[int]
    radio: list[int]


def replay(events: Iterable[Event], chip: Chip = ESP32, strict: bool = False) -> list[Moment]:
    """Return the Moments of a recording, replayed on a chip.

    If `strict`, raise NoRoom at the first allocation that fails.
    """
    return _Replay(chip, strict).run(events)


class _Replay:
    def __init__(self, chip: Chip, strict: bool) -> None:
        self._heap = Heap(chip)
        self._strict = strict
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
                if self._strict:
                    raise
                self._failed.append(error.args[0])
            if heap.collections != seen:
                self._least = min(self._least, heap.largest)
        return moments

    def _call(self, frames: int) -> None:
        """Allocate or free frames until they take so many bytes."""
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
