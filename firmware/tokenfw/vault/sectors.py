# ruff: noqa: F821  (ptr16 is viper's)
# pyright: reportUndefinedVariable=false, reportArgumentType=false
"""The log's sectors: which are free, and how one takes over another.

A sector that is in use has a header at its start and again at its end: magic with
version, sequence, epoch of the vault key under which its records are sealed (0 where they
are plain), and the sequence of the sector that it takes over, if any. A takeover is done
when the mark behind the first header is programmed: until then the new sector is worth
nothing, from then on the old one, and once the old one has gone nothing depends on the mark.
Before a sector is erased its records are programmed to zeros, then its headers: so what has
no header, and holds a record, was damaged, and stays. Sectors are begun in turn, so that all
wear alike. The version before this one had both headers in front: what it began is used on.
"""

import binascii
import struct
from array import array

import micropython
from micropython import const

SECTOR = 4096
VERSION = 3
HEADER = 32  # bytes in front of the records
_FOOTER = const(16)  # bytes behind them: the header again, without magic and version
ROOM = SECTOR - HEADER - _FOOTER  # for records; no less than in a sector of the version before

_MAGIC = b"OTR"
_COPY = ">3sBIII"  # magic, version, sequence, epoch, the sequence of the sector taken over
_IN_FRONT = b"OTR\3"
_COPY_SIZE = const(20)  # with the CRC-32
_DONE_SIZE = const(8)  # of the mark; half of its bits are enough

_BEFORE = const(2)  # the version with two headers and a mark of one byte in front
_BEFORE_HEADER = const(48)

_BLANK = 0xFFFF  # a word of what is erased

PIECE = 512  # bytes: more are not read, programmed or held together

OLDER = b"OTPL"  # the magic of the first version

FREE = 0  # a sector's sequence when it holds nothing


class NewerVault(Exception):
    """A newer firmware wrote this: it is to be left alone."""


class Sectors:
    """The sectors of `flash` from `first` on. A sector is named by its number in the flash.

    `log.holds_records(sector)` tells whether there are any in a sector without a header.
    """

    def __init__(self, flash, first, log=None):
        self._flash = flash
        self._first = first
        self._log = log  # and not its method: kept, that would stay in memory
        self.sequences = array("I", bytes(4 * flash.sectors))
        self.epochs = array("I", bytes(4 * flash.sectors))
        self.count = flash.sectors - first
        self._others = set()  # sectors that hold what is not ours, or is damaged
        self._before = set()  # sectors that the version before this one began
        self.older = False  # whether some hold what the first version left
        self._last = 0  # the sequence that was begun last
        self._turn = flash.sectors - 1  # the sector that was begun last

    def open(self, others=()):
        """Read the headers; finish or undo what a power cut interrupted.

        The sectors of the set `others` are left alone until they are released. What a torn
        erase left in free sectors stays until erase_remains() comes by: they are most of it.
        """
        self._others = set(others)
        self._before = set()
        self.older = False
        for sector in others:
            self.sequences[sector] = FREE
        sources = {}
        for sector in self.all():
            copy = self.read_header(sector) or (FREE, 0, FREE)
            self.sequences[sector], self.epochs[sector], source = copy
            if source:
                sources[sector] = source
        if sources:
            self._end_takeovers(sources)
        self._last = max(self.sequences)
        if self._last:
            self._turn = self.named(self._last)

    def _end_takeovers(self, sources):
        """Finish what is done of {sector: sequence of the one taken over}, and undo the others."""
        for sector, source in sources.items():
            old = self.named(source)
            if old < 0:
                pass  # it took over long ago
            elif self._is_done(sector):
                self.taken_over(sector)  # all of the mark, before the old one is touched
                self.retire(old)
            else:
                self.retire(sector)  # the old one is still whole

    def erase_remains(self):
        """Erase what a torn erase left in free sectors; yields between them.

        Whoever begins a sector meanwhile looks at that one.
        """
        window = bytearray(PIECE)
        for sector in self.all():
            if self.sequences[sector] == FREE and not is_blank(self._flash, sector, window):
                self._clean(sector)
            yield

    def _clean(self, sector):
        """Erase a sector without a header; return whether it is free now: damaged ones stay."""
        if self._log is not None and self._log.holds_records(sector):
            self._others.add(sector)
            return False
        self._flash.erase(sector)
        return True

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

    def start(self, sector):
        """Return the offset of a sector's first record."""
        return _BEFORE_HEADER if sector in self._before else HEADER

    def end(self, sector):
        """Return the offset at which a sector's records end."""
        return SECTOR if sector in self._before else SECTOR - _FOOTER

    def begin(self, epoch, source=None):
        """Begin the next free sector and return it, or -1 if the free ones turn out damaged.

        `source` is the one that it takes over.
        """
        sector = self._next_free()
        if sector < 0:
            return -1
        self._last += 1
        taken = FREE if source is None else self.sequences[source]
        copy = struct.pack(_COPY, _MAGIC, VERSION, self._last, epoch, taken)
        copy += binascii.crc32(copy).to_bytes(4, "big")
        self._flash.program(sector * SECTOR, copy)
        self._flash.program((sector + 1) * SECTOR - _FOOTER, copy[-_FOOTER:])
        self.sequences[sector], self.epochs[sector] = self._last, epoch
        self._turn = sector
        return sector

    def _next_free(self):
        window = bytearray(PIECE)
        last = self._first + self.count
        for turn in range(1, self.count + 1):
            sector = self._turn + turn
            if sector >= last:
                sector -= self.count
            if self.sequences[sector] or sector in self._others:
                continue
            if is_blank(self._flash, sector, window) or self._clean(sector):
                return sector
        return -1

    def taken_over(self, sector):
        """Say that a sector holds all that lives in the one that it takes over."""
        place, size = self._mark(sector)
        self._flash.program(place, bytes(size))

    def _is_done(self, sector):
        """Tell whether a sector took over the one that it names."""
        place, size = self._mark(sector)
        ones = bin(int.from_bytes(self._flash.read(place, size), "big")).count("1")
        return ones <= 4 * size

    def _mark(self, sector):
        """Return (address, size) of the mark that says that a takeover is done."""
        place = sector * SECTOR + _COPY_SIZE
        return (place + _COPY_SIZE, 1) if sector in self._before else (place, _DONE_SIZE)

    def release(self, sector):
        """Take one of the others, which is erased now."""
        self._others.discard(sector)

    def retire(self, sector):
        """Erase a sector in use.

        Its records become zeros first: until they are, its headers say what it is. The mark
        of a takeover is left alone: it would say that this one counts.
        """
        address = sector * SECTOR + self.start(sector)
        end = sector * SECTOR + self.end(sector)
        for piece in pieces(self._flash, address, end - address):
            blank, zero = (skip(piece, 0, len(piece), word) for word in (_BLANK, 0))
            if max(blank, zero) < len(piece):
                self._flash.program(address, bytes(len(piece)))
            address += len(piece)
        if sector in self._before:
            self._flash.program(sector * SECTOR, bytes(2 * _COPY_SIZE))
        else:
            self._flash.program(end, bytes(_FOOTER))
            self._flash.program(sector * SECTOR, bytes(_COPY_SIZE))
        self._flash.erase(sector)
        self.sequences[sector] = FREE
        self._before.discard(sector)

    def named(self, sequence):
        """Return the sector that was begun with this sequence, or -1 when it has gone."""
        for sector in self.all():
            if self.sequences[sector] == sequence:
                return sector
        return -1

    def read_header(self, sector):
        """Return (sequence, epoch, source) of a sector in use, else None; raise NewerVault.

        Of either header one bit may be wrong.
        """
        front = self._flash.read(sector * SECTOR, _BEFORE_HEADER)
        if skip(front, 0, len(front), _BLANK) == len(front):
            return None  # most are free
        return self._parse(sector, whole(front[:_COPY_SIZE])) or self._look_closer(sector, front)

    def _parse(self, sector, copy):
        """Return what a header says that is whole, None if it is not ours; raise NewerVault."""
        if copy is None:
            return None
        magic, version, sequence, epoch, source = struct.unpack(_COPY, copy[:-4])
        if magic != _MAGIC or version < _BEFORE:
            return None
        if version > VERSION:
            raise NewerVault
        if version == _BEFORE:
            self._before.add(sector)
        return sequence, epoch, source

    def _look_closer(self, sector, front):
        """Return what the other copy of a header says, or one with a wrong bit, else None.

        Then the sector is free, unless there are records in it.
        """
        self.older = self.older or front[: len(OLDER)] == OLDER
        footer = self._flash.read((sector + 1) * SECTOR - _FOOTER, _FOOTER)
        copies = (front[:_COPY_SIZE], front[_COPY_SIZE : 2 * _COPY_SIZE], _IN_FRONT + footer)
        for read in (whole, repaired):
            for copy in copies:
                header = self._parse(sector, read(copy))
                if header:
                    return header
        if self._log is not None and self._log.holds_records(sector):
            self._others.add(sector)
        return None


def whole(data):
    """Return data (bytes) that end with the right CRC-32, else None."""
    return data if binascii.crc32(data[:-4]).to_bytes(4, "big") == data[-4:] else None


def repaired(data):
    """Return data that end with a CRC-32 with the one bit set right that is wrong, else None."""
    data = bytearray(data)
    for bit in range(8 * len(data)):
        data[bit >> 3] ^= 1 << (bit & 7)
        if whole(data):
            return bytes(data)
        data[bit >> 3] ^= 1 << (bit & 7)
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
