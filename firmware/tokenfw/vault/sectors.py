"""The log's sectors: which are free, and how one takes over another.

A sector in use, byte by byte (big-endian; version 1):

       0   3  magic "OTR"
       3   1  version
       4   4  sequence of the sector: each that is begun has the next number
       8   4  epoch of the vault key under which its records are sealed, 0 where they are plain
      12   4  sequence of the sector that it takes over, 0 if it takes over none
      16   4  CRC-32 of bytes 0 to 15
      20   8  blank; zeros once a takeover is done: half of the bits are enough
      28   4  blank
      32      records, see records.py
    4080  16  bytes 4 to 19 again

Until the mark of a takeover is programmed the new sector is worth nothing, from then on the
old one, and once the old one has gone nothing depends on the mark. Before a sector is erased
its records are programmed to zeros, then its headers: so what has no header, and holds a
record, was damaged, and stays. Sectors are begun in turn, so that all wear alike.
"""

import struct
from array import array

from micropython import const

from tokenfw.vault.nor import (
    BLANK,
    PIECE,
    SECTOR,
    checksum,
    is_blank,
    pieces,
    repaired,
    skip,
    whole,
)
from tokenfw.vault.states import OtherVersion

VERSION = 1
HEADER = 32  # bytes in front of the records
_FOOTER = const(16)  # bytes behind them
END = SECTOR - _FOOTER  # where the records end
ROOM = END - HEADER  # bytes of records

_BEGIN = b"OTR\1"
_FIELDS = ">III"  # sequence, epoch, the sequence of the sector taken over
_COPY_SIZE = const(20)  # with the CRC-32
_LOOK = const(48)  # bytes: the header and that of the first record
_DONE_SIZE = const(8)  # bytes of the mark
_DONE_ONES = const(32)  # bits of it that may still be set

FREE = 0  # a sector's sequence when it holds nothing


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
        self._others = set()  # sectors that hold what is damaged
        self._last = 0  # the sequence that was begun last
        self._turn = flash.sectors - 1  # the sector that was begun last

    def open(self):
        """Read the headers; finish or undo what a power cut interrupted. Raises OtherVersion.

        What a torn erase left in free sectors stays until erase_remains() comes by: they are
        most of it.
        """
        self._others.clear()
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

    def begin(self, epoch, source=None):
        """Begin the next free sector and return it, or -1 if the free ones turn out damaged.

        `source` is the one that it takes over.
        """
        sector = self._next_free()
        if sector < 0:
            return -1
        self._last += 1
        taken = FREE if source is None else self.sequences[source]
        copy = _BEGIN + struct.pack(_FIELDS, self._last, epoch, taken)
        copy += checksum(copy)
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
        self._flash.program(sector * SECTOR + _COPY_SIZE, bytes(_DONE_SIZE))

    def _is_done(self, sector):
        """Tell whether a sector took over the one that it names."""
        mark = self._flash.read(sector * SECTOR + _COPY_SIZE, _DONE_SIZE)
        return bin(int.from_bytes(mark, "big")).count("1") <= _DONE_ONES

    def retire(self, sector):
        """Erase a sector in use.

        Its records become zeros first: until they are, its headers say what it is. The mark
        of a takeover is left alone: it would say that this one counts.
        """
        start = sector * SECTOR
        address = start + HEADER
        for piece in pieces(self._flash, address, ROOM):
            blank, zero = (skip(piece, 0, len(piece), word) for word in (BLANK, 0))
            if max(blank, zero) < len(piece):
                self._flash.program(address, bytes(len(piece)))
            address += len(piece)
        self._flash.program(start + END, bytes(_FOOTER))
        self._flash.program(start, bytes(_COPY_SIZE))
        self._flash.erase(sector)
        self.sequences[sector] = FREE

    def named(self, sequence):
        """Return the sector that was begun with this sequence, or -1 when it has gone."""
        for sector in self.all():
            if self.sequences[sector] == sequence:
                return sector
        return -1

    def read_header(self, sector):
        """Return (sequence, epoch, source) of a sector in use, else None. Raises OtherVersion.

        Of either copy of the header one bit may be wrong. A sector without one is free, unless
        there are records in it.
        """
        front = self._flash.read(sector * SECTOR, _LOOK)
        if skip(front, 0, _LOOK, BLANK) == _LOOK:
            return None  # most are free; see erase_remains()
        front = front[:_COPY_SIZE]
        header = _parse(whole(front))
        if header:
            return header
        footer = self._flash.read(sector * SECTOR + END, _FOOTER)
        for read in (whole, repaired):
            for copy in (front, _BEGIN + footer):
                header = _parse(read(copy))
                if header:
                    return header
        if self._log is not None and self._log.holds_records(sector):
            self._others.add(sector)
        return None


def _parse(copy):
    """Return what a header says that is whole, None if it is not ours. Raises OtherVersion."""
    if copy is None or copy[:3] != _BEGIN[:3]:
        return None
    if copy[3] != VERSION:
        raise OtherVersion(copy[3])
    return struct.unpack(_FIELDS, copy[4:-4])
