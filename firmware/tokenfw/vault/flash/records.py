"""Records in sectors of raw NOR flash: how they are found, written and removed.

A record, byte by byte (big-endian):

       0   1  kind, see record_types.py; 0 once it is removed
       1   1  commit byte: blank until the rest is written, then 0
       2   2  size of the body, a multiple of 16
       4   4  sequence: counts up with each new record; a copy keeps that of its original
       8   2  id of its account, or 0
      10   2  mark: 16 keyed bits of the account's name, or 0
      12   4  CRC-32 of bytes 0 and 2 to 11
      16      the body: sealed (store.py), or plain (settings.py)

It counts once its commit byte is programmed, in a separate program operation; it is removed by
programming zeros over it. One wrong bit in a header is corrected each time that it is read. Data
that cannot be parsed does not affect the records beside it: the next header is searched for every
16 bytes.
"""

import binascii
import struct
from array import array

from micropython import const

from tokenfw.vault.flash.nor import PIECE, SECTOR, pieces, repaired, skip
from tokenfw.vault.flash.sectors import END, HEADER, Sectors

_HEADER = ">BBHIHH"  # kind, commit byte, size of the body, sequence, id, mark
HEADER_SIZE = const(16)  # with its CRC-32
_OPEN = const(0xFF)
_COMMITTED = const(0)
_CONTEXT = ">BHIHHII"  # what a body is bound to: header fields, address, the sector's sequence


class Record:
    """A record's header and address. `id` is that of its account, or 0; `size` the body's (bytes).

    `length` is that of the whole record in bytes.
    """

    def __init__(self, kind, size, sequence, id, mark, address, sector_sequence):
        self.kind = kind
        self.size = size
        self.sequence = sequence
        self.id = id
        self.mark = mark
        self.address = address
        self.length = HEADER_SIZE + size
        self._sector_sequence = sector_sequence

    def context(self):
        """Return the bytes that its body is bound to: its header and its place."""
        return struct.pack(
            _CONTEXT,
            self.kind,
            self.size,
            self.sequence,
            self.id,
            self.mark,
            self.address,
            self._sector_sequence,
        )

    def header(self, commit):
        """Return the header's bytes, with the commit byte `commit`."""
        data = struct.pack(_HEADER, self.kind, commit, self.size, self.sequence, self.id, self.mark)
        return data + _header_checksum(data)


class Records:
    """The records in the sectors of `flash` from `first` on. It has no keys."""

    def __init__(self, flash, first):
        self._flash = flash
        self._sectors = Sectors(flash, first, self)
        self._ends = array("H", bytes(2 * flash.sectors))  # offset of the next record, by sector
        self._live = array("H", bytes(2 * flash.sectors))  # bytes of live records, by sector
        self.garbage = []  # (address, size) of areas that cannot be parsed

    def read(self, address):
        """Return the Record at an address; raise ValueError if there is none."""
        record = self._parse(self._flash.read(address, HEADER_SIZE), address, True)
        if record is None:
            raise ValueError("there is no record")
        return record

    def body(self, record):
        """Yield the body of a record in pieces."""
        return pieces(self._flash, record.address + HEADER_SIZE, record.size)

    def reader(self, record):
        """Return a function of `start` and `size` that reads bytes of a record's body."""
        body_at = record.address + HEADER_SIZE
        if record.size > PIECE:
            return lambda start, size: self._flash.read(body_at + start, size)
        body = self._flash.read(body_at, record.size)
        return lambda start, size: body[start : start + size]

    def kill(self, address, length):
        """Program `length` bytes to zeros: a record, or its remains."""
        self._clear(address, length)
        self.garbage = [
            (start, size)
            for start, size in self.garbage
            if start >= address + length or start + size <= address
        ]

    def remove(self, record):
        """Remove a live record."""
        self.kill(record.address, record.length)
        self._live[record.address // SECTOR] -= record.length

    def finish_removal(self, address, length, sector_sequence):
        """Remove the remains of a record, if any, unless its sector was erased since."""
        if self.sector_sequence(address) == sector_sequence:
            if self._parse(self._flash.read(address, HEADER_SIZE), address, True):
                self._live[address // SECTOR] -= length
            self.kill(address, length)

    def sector_sequence(self, address):
        """Return the sequence of the sector at an address: a different one at each begin."""
        return self._sectors.sequences[address // SECTOR]

    # what others build on

    def _record(self, sector, kind, size, sequence, account_id, mark):
        """Return a Record at the end of a sector's records."""
        address = sector * SECTOR + self._ends[sector]
        begun = self._sectors.sequences[sector]
        return Record(kind, size, sequence, account_id, mark, address, begun)

    def _program(self, record, body, copied=False):
        """Write a record in as few programs as possible; committed if it is `copied`."""
        address, data = record.address, record.header(_COMMITTED if copied else _OPEN)
        for piece in body:
            if len(data) + len(piece) > PIECE:
                self._flash.program(address, data)
                address += len(data)
                data = b""
            data += piece
        self._flash.program(address, data)

    def _scan(self, sector, window):
        """Yield the live records of a sector; then note its end, live bytes and garbage.

        `window` is a scratch bytearray of PIECE bytes. Unfinished records are discarded.
        """
        base = sector * SECTOR
        start = -PIECE  # where in the sector the window is
        offset = end = HEADER
        live = 0
        garbage = 0  # where the area begins that cannot be parsed
        while offset < END:
            if offset - start >= PIECE:
                start = min(offset, SECTOR - PIECE)
                self._flash.readinto(base + start, window)
            at = offset - start
            until = min(PIECE, END - start)
            blank = skip(window, at, until, 0xFFFF) // HEADER_SIZE * HEADER_SIZE
            if blank > at:
                offset = start + blank
                continue
            zero = skip(window, at, until, 0) // HEADER_SIZE * HEADER_SIZE
            if zero > at:
                offset = end = start + zero
                continue
            header = bytes(window[at : at + HEADER_SIZE])
            record = self._parse(header, base + offset, not garbage)
            if record is None:
                if not garbage and header.strip(b"\xff\0"):
                    garbage = offset
                offset = end = offset + HEADER_SIZE
                continue
            if garbage:
                self._note_garbage(base + garbage, base + offset)
                garbage = 0
            offset = end = offset + record.length
            if header[1] == _OPEN:
                self._discard(record.address, record.length)
            else:
                live += record.length
                yield record
        self._ends[sector] = end
        self._live[sector] = live
        if garbage:
            self._note_garbage(base + garbage, base + end)

    def holds_records(self, sector):
        """Note the records in a sector without a header; return whether there are any."""
        before = len(self.garbage)
        address = sector * SECTOR
        for piece in pieces(self._flash, address, SECTOR):
            for at in range(0, PIECE, HEADER_SIZE):
                record = self._parse(piece[at : at + HEADER_SIZE], address + at)
                if record is not None:
                    self.garbage.append((address + at, record.length))
            address += PIECE
        return len(self.garbage) > before

    def _note_garbage(self, start, end):
        if self._flash.read(start + 1, 1) == bytes([_OPEN]):
            self._discard(start, end - start)
        elif (start, end - start) not in self.garbage:
            self.garbage.append((start, end - start))

    def _discard(self, address, length):
        """Program an unfinished record to zeros.

        The header comes last and its commit byte never, so that after another power cut it is
        discarded again.
        """
        self._clear(address + HEADER_SIZE, length - HEADER_SIZE)
        self._flash.program(address, bytes([0, _OPEN]) + bytes(min(length, HEADER_SIZE) - 2))

    def _clear(self, address, length):
        """Program an area of flash to zeros, but for pieces that are zeros already."""
        for piece in pieces(self._flash, address, length):
            if skip(piece, 0, len(piece), 0) < len(piece):
                self._flash.program(address, bytes(len(piece)))
            address += len(piece)

    def _parse(self, header, address, mend=False):
        """Return the Record with this header (16 bytes), or None if it is not a header.

        With `mend` one wrong bit in it is corrected.
        """
        if _header_checksum(header[:12]) != header[12:]:
            header = _mended(header) if mend and any(header) else None
            if header is None:
                return None
        kind, _, size, sequence, account_id, mark = struct.unpack(_HEADER, header[:12])
        if not kind or size % 16 or address % SECTOR + HEADER_SIZE + size > END:
            return None
        sector_sequence = self._sectors.sequences[address // SECTOR]
        return Record(kind, size, sequence, account_id, mark, address, sector_sequence)


def _mended(header):
    """Return a header (16 bytes) with its one wrong bit corrected, or None if there are more."""
    found = repaired(header[:1] + header[2:])
    return found and found[:1] + header[1:2] + found[1:]


def _header_checksum(header):
    """Return the CRC-32 of a header (12 bytes) but its commit byte, which is programmed later."""
    return binascii.crc32(header[:1] + header[2:12]).to_bytes(4, "big")
