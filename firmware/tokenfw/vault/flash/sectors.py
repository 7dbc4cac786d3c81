"""The log's sectors: which are free, and how a new one replaces an old one.

A sector in use, byte by byte (big-endian; version 1):

       0   3  magic "OTR"
       3   1  version
       4   4  sequence of the sector: counts up with each sector that is begun
       8   4  epoch of the vault key under which its records are sealed, 0 if they are plain
      12   4  sequence of the sector that it replaces, 0 if it replaces none
      16   4  CRC-32 of bytes 0 to 15
      20   8  blank; zeros once the takeover is done: it counts as done if half of the bits are 0
      28   4  blank
      32      records, see records.py
    4080  16  bytes 4 to 19 again

Until the mark of a takeover is programmed the new sector is void, from then on the old one is;
once the old one is erased the mark no longer matters. Before a sector is erased its records are
programmed to zeros, then its headers: so a sector without a header that holds a record is
damaged, and is kept. Sectors are begun in turn, so that all wear evenly.
"""

import struct
from array import array

from micropython import const

from tokenfw.vault.flash.faults import OtherVersion
from tokenfw.vault.flash.nor import (
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

VERSION = 1
HEADER = 32  # bytes in front of the records
_FOOTER = const(16)  # bytes behind them
END = SECTOR - _FOOTER  # where the records end
ROOM = END - HEADER  # bytes of records

_BEGIN = b"OTR\1"
_FIELDS = ">III"  # sequence, epoch, the sequence of the sector that it replaces
_COPY_SIZE = const(20)  # bytes, with the CRC-32
_LOOK = const(48)  # bytes: the sector's header and that of the first record
_DONE_SIZE = const(8)  # bytes of the mark
_DONE_ONES = const(32)  # bits of the mark that may still be set

FREE = 0  # the sequence of a sector that is not in use


class Sectors:
    """The sectors of `flash` from `first` on. A sector is identified by its number in the flash.

    `log.holds_records(sector)` returns whether a sector without a header holds any.
    """

    def __init__(self, flash, first, log=None):
        self._flash = flash
        self._first = first
        self._log = log  # not its method: a reference to that would keep its unit in memory
        self.sequences = array("I", bytes(4 * flash.sectors))
        self.epochs = array("I", bytes(4 * flash.sectors))
        self.count = flash.sectors - first
        self._others = set()  # damaged sectors, which are kept
        self._last = 0  # the highest sequence so far
        self._turn = flash.sectors - 1  # the sector that was begun last

    def open(self):
        """Read the headers; finish or undo an interrupted takeover. Raises OtherVersion.

        Remains of a torn erase in free sectors are left to erase_remains(): most sectors are
        free, and reading them all would take long.
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
        """Finish the takeovers that are marked done, and undo the others.

        `sources` is {sector: sequence of the one that it replaces}.
        """
        for sector, source in sources.items():
            old = self.named(source)
            if old < 0:
                pass  # done long ago: the old one is erased
            elif self.is_done(sector):
                self.taken_over(sector)  # the whole mark, before the old one is touched
                while old >= 0:  # there are two only if somebody put one there
                    self.retire(old)
                    old = self.named(source)
            else:
                self.retire(sector)  # the old one is still whole

    def erase_remains(self):
        """Erase the remains of torn erases in free sectors; yields after each.

        A sector that is begun meanwhile is checked by begin().
        """
        window = bytearray(PIECE)
        for sector in self.all():
            if self.sequences[sector] == FREE and not is_blank(self._flash, sector, window):
                self._clean(sector)
            yield

    def _clean(self, sector):
        """Erase a sector without a header; return whether it is free now: damaged ones are kept."""
        if self._log is not None and self._log.holds_records(sector):
            self._others.add(sector)
            return False
        self._flash.erase(sector)
        return True

    def all(self):
        """Return the numbers of all sectors but damaged ones."""
        sectors = range(self._first, self._first + self.count)
        return [each for each in sectors if each not in self._others] if self._others else sectors

    def used(self):
        """Return the sectors in use, the newest last."""
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
        """Begin the next free sector and return it; -1 if there is none that is not damaged.

        `source` is the sector that it replaces. If somebody put another one there with the same
        sequence, the new one names neither: a restart would take both for replaced.
        """
        sector = self._next_free()
        if sector < 0:
            return -1
        self._last += 1
        taken = FREE if source is None else self.sequences[source]
        if sum(each == taken for each in self.sequences) > 1:
            taken = FREE
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
        """Mark a sector as holding all live records of the one that it replaces."""
        self._flash.program(sector * SECTOR + _COPY_SIZE, bytes(_DONE_SIZE))

    def is_done(self, sector):
        """Return whether a sector is marked as having replaced its source."""
        mark = self._flash.read(sector * SECTOR + _COPY_SIZE, _DONE_SIZE)
        return bin(int.from_bytes(mark, "big")).count("1") <= _DONE_ONES

    def retire(self, sector):
        """Erase a sector in use.

        Its records are programmed to zeros first, while its headers still identify it. The mark
        of a takeover is not programmed: zeros there mean that the takeover is done.
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
        """Return the sector with this sequence, or -1 if it has been erased."""
        for sector in self.all():
            if self.sequences[sector] == sequence:
                return sector
        return -1

    def read_header(self, sector):
        """Return (sequence, epoch, source) of a sector in use, else None. Raises OtherVersion.

        Each copy of the header may have one wrong bit. A sector without a header is free, unless
        it holds records.
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
    """Return the fields of a header with a correct CRC-32; None if not one. Raises OtherVersion."""
    if copy is None or copy[:3] != _BEGIN[:3]:
        return None
    if copy[3] != VERSION:
        raise OtherVersion(copy[3])
    return struct.unpack(_FIELDS, copy[4:-4])
