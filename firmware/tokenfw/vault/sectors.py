# ruff: noqa: F821  (ptr16 is viper's)
# pyright: reportUndefinedVariable=false, reportArgumentType=false
"""The log's sectors: which are free, and how one takes over another.

A sector that is in use begins with a header, twice: magic with version, sequence,
epoch of the vault key under which its records are sealed (0 where they are plain), and
the sequence of the sector that it takes over, if any. A takeover is done when a byte
behind the headers is programmed: until then the new sector is worth nothing, from then
on the old one. Before it is erased, a sector's headers are programmed to zeros, so that
a torn erase leaves none that is valid. Sectors are begun in turn, so that all wear alike.
"""

import binascii
import struct
from array import array

import micropython
from micropython import const

SECTOR = 4096
VERSION = 2
HEADER = 48  # bytes in front of the records

_MAGIC = b"OTR"
_COPY = ">3sBIII"  # magic, version, sequence, epoch, the sequence of the sector taken over
_COPY_SIZE = const(20)  # with the CRC-32
_DONE = 2 * _COPY_SIZE  # where the byte lies that says that a takeover is done

_BLANK = 0xFFFF  # a word of what is erased

PIECE = 512  # bytes: more are not read, programmed or held together

OLDER = b"OTPL"  # the magic of the version before this one

FREE = 0  # a sector's sequence when it holds nothing


class NewerVault(Exception):
    """A newer firmware wrote this: it is to be left alone."""


class Sectors:
    """The sectors of `flash` from `first` on. A sector is named by its number in the flash."""

    def __init__(self, flash, first):
        self._flash = flash
        self._first = first
        self.sequences = array("I", bytes(4 * flash.sectors))
        self.epochs = array("I", bytes(4 * flash.sectors))
        self.count = flash.sectors - first
        self._others = set()  # sectors that hold what is not ours
        self.older = False  # whether some hold what the version before this one left
        self._last = 0  # the sequence that was begun last
        self._turn = flash.sectors - 1  # the sector that was begun last

    def open(self, others=()):
        """Read the headers; finish or undo what a power cut interrupted.

        The sectors of the set `others` are left alone until they are released. What a torn
        erase left in free sectors stays until erase_remains() comes by: they are most of it.
        """
        self._others = set(others)
        self.older = False
        for sector in others:
            self.sequences[sector] = FREE
        sources = {}
        for sector in self.all():
            copy = self.read_header(sector) or (FREE, 0, FREE)
            self.sequences[sector], self.epochs[sector], source = copy
            if source:
                sources[sector] = source
        for sector in sources:
            if self._flash.read(sector * SECTOR + _DONE, 1) == b"\xff":
                self.retire(sector)  # the old one is still whole
        for sector, source in sources.items():
            if self.sequences[sector] and self.named(source) >= 0:
                self.retire(self.named(source))
        self._last = max(self.sequences)
        if self._last:
            self._turn = self.named(self._last)

    def erase_remains(self):
        """Erase what a torn erase left in free sectors; yields between them.

        Whoever begins a sector meanwhile looks at that one.
        """
        window = bytearray(PIECE)
        for sector in self.all():
            if self.sequences[sector] == FREE and not is_blank(self._flash, sector, window):
                self._flash.erase(sector)
            yield

    def all(self):
        """Return the numbers of all sectors that are ours."""
        sectors = range(self._first, self._first + self.count)
        return [each for each in sectors if each not in self._others] if self._others else sectors

    def used(self):
        """Return the sectors in use, the one begun last at the end."""
        return sorted(
            [each for each in self.all() if self.sequences[each]],
            key=lambda sector: self.sequences[sector],
        )

    def free(self):
        """Return how many sectors are free."""
        return len(self.all()) - len(self.used())

    def age(self, sector):
        """Return how many sectors were begun since this one."""
        return self._last - self.sequences[sector]

    def begin(self, epoch, source=None):
        """Begin the next free sector and return it; `source` is the one that it takes over."""
        sector = self._turn
        while True:
            sector += 1
            if sector >= self._first + self.count:
                sector = self._first
            if self.sequences[sector] == FREE and sector not in self._others:
                break
        if not is_blank(self._flash, sector, bytearray(PIECE)):
            self._flash.erase(sector)
        self._last += 1
        taken = FREE if source is None else self.sequences[source]
        copy = struct.pack(_COPY, _MAGIC, VERSION, self._last, epoch, taken)
        copy += binascii.crc32(copy).to_bytes(4, "big")
        self._flash.program(sector * SECTOR, copy + copy)
        self.sequences[sector], self.epochs[sector] = self._last, epoch
        self._turn = sector
        return sector

    def taken_over(self, sector):
        """Say that a sector holds all that lives in the one that it takes over."""
        self._flash.program(sector * SECTOR + _DONE, b"\0")

    def release(self, sector):
        """Take one of the others, which is erased now."""
        self._others.discard(sector)

    def retire(self, sector):
        """Erase a sector in use."""
        self._flash.program(sector * SECTOR, bytes(_DONE))
        self._flash.erase(sector)
        self.sequences[sector] = FREE

    def named(self, sequence):
        """Return the sector that was begun with this sequence, or -1 when it has gone."""
        for sector in self.all():
            if self.sequences[sector] == sequence:
                return sector
        return -1

    def read_header(self, sector):
        """Return (sequence, epoch, source) of a sector in use, else None; raise NewerVault."""
        headers = self._flash.read(sector * SECTOR, 2 * _COPY_SIZE)
        if skip(headers, 0, len(headers), _BLANK) == len(headers):
            return None  # most are free
        self.older = self.older or headers[: len(OLDER)] == OLDER
        for start in (0, _COPY_SIZE):
            copy = headers[start : start + _COPY_SIZE]
            if binascii.crc32(copy[:-4]).to_bytes(4, "big") == copy[-4:]:
                magic, version, sequence, epoch, source = struct.unpack(_COPY, copy[:-4])
                if magic == _MAGIC and version > VERSION:
                    raise NewerVault
                if magic == _MAGIC and version == VERSION:
                    return sequence, epoch, source
        return None


def is_blank(flash, sector, window):
    """Tell whether a sector is erased; `window` (bytearray of PIECE bytes) is used for it."""
    for address in range(sector * SECTOR, (sector + 1) * SECTOR, PIECE):
        flash.readinto(address, window)
        if skip(window, 0, PIECE, _BLANK) < PIECE:
            return False
    return True


def pieces(flash, address, length):
    """Yield what so many bytes of flash hold, in pieces."""
    end = address + length
    while address < end:
        piece = flash.read(address, min(PIECE, end - address))
        yield piece
        address += len(piece)


@micropython.viper
def skip(data, start: int, end: int, word: int) -> int:
    """Return where from `start` to `end` of a buffer something else begins than words of 16 bits.

    All are even numbers of bytes.
    """
    words = ptr16(data)
    while start < end and words[start >> 1] == word:
        start += 2
    return start
