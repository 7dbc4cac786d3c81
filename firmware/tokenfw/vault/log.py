"""A log of records on raw NOR flash, which outlives a power cut at any instant.

A record has a header (kind, commit byte, size, sequence, id, mark, CRC-32) and a
body of a multiple of 16 bytes. It counts once its commit byte is programmed, in a
program of its own; it is removed by programming zeros over it. The log knows no
keys: whoever owns it makes the bodies, and reads them when they are used. Plain records
have sectors of their own, so that they can be written, and theirs cleared, without a
key. What the log cannot parse costs no record beside it: the next header is looked for.
"""

import binascii
import struct
from array import array

from micropython import const

from tokenfw.vault.sectors import HEADER, SECTOR, Sectors

PLAIN = 0  # the epoch of sectors whose records are not sealed
MARGIN = 416  # bytes: no less than an account's longest record

_HEADER = ">BBHIHH"  # kind, commit byte, size of the body, sequence, id, mark
_SIZE = const(16)  # of a header with its CRC-32
_OPEN, _COMMITTED = 0xFF, 0x00
_CONTEXT = ">BHIHHII"  # what a body is bound to: its header, address, sequence of the sector

_OLD = const(4)  # a sector is renewed when the log has gone round so many times without it


class LogFull(Exception):
    """The log has no room for another record."""


class Record:
    """A record's header and place. `number` is its id."""

    def __init__(self, kind, size, sequence, number, mark, address, sector_sequence):
        self.kind = kind
        self.size = size
        self.sequence = sequence
        self.number = number
        self.mark = mark
        self.address = address
        self.length = _SIZE + size
        self._sector_sequence = sector_sequence

    def context(self):
        """Return the bytes that its body is bound to: its header and its place."""
        return struct.pack(
            _CONTEXT,
            self.kind,
            self.size,
            self.sequence,
            self.number,
            self.mark,
            self.address,
            self._sector_sequence,
        )

    def header(self, commit):
        """Return the header's bytes."""
        data = struct.pack(
            _HEADER, self.kind, commit, self.size, self.sequence, self.number, self.mark
        )
        return data + _checksum(data)


class Log:
    """Records in the sectors of `flash` from `first` on.

    `owner` has `may_copy(record)`, `copy(old, body, new)`, which returns the body of a
    record at its new place or None if it is not worth keeping, and `moved(old, new)`.
    """

    def __init__(self, flash, first, owner):
        self._flash = flash
        self._sectors = Sectors(flash, first)
        self._owner = owner
        self._scratch = bytearray(SECTOR)
        self._ends = array("H", bytes(2 * flash.sectors))  # where the next record goes
        self._live = array("H", bytes(2 * flash.sectors))  # bytes of records that live
        self._active = {}  # epoch: the sector in which its next record goes
        self.epoch = 0  # of the vault key under which new records are sealed
        self.newest = 0  # the sequence of the newest record
        self.garbage = []  # (address, size) of what cannot be parsed

    def open(self, others=(), tidy=False):
        """Read all headers; yield the list of Records that live, by sectors. Raises NewerVault.

        A set of `others` are sectors that are left alone until they are released; for `tidy`
        see Sectors.open().
        """
        self._sectors.open(others, tidy)
        self.garbage = []
        self.newest = 0
        self._active = {}
        for sector in self._sectors.used():
            self._active[self._sectors.epochs[sector]] = sector
            records = self._scan(sector)
            for record in records:
                self.newest = max(self.newest, record.sequence)
            yield records

    def release(self, sector):
        """Take one of the other sectors, which is erased now."""
        self._sectors.release(sector)

    @property
    def damaged(self):
        """How many stretches of flash cannot be parsed."""
        return len(self.garbage)

    def room(self):
        """Return how many bytes of records may be added.

        It leaves what changes and removals need: three sectors, one of which is for
        plain records, and in each other one a record's length.
        """
        usable = SECTOR - HEADER - MARGIN
        return (self._sectors.count - 3) * usable - sum(self._live)

    def append(self, kind, number, mark, size, body, plain=False):
        """Write a record and return it; `body(record)` gives its bytes. Raises LogFull."""
        epoch = PLAIN if plain else self.epoch
        self._make_room(_SIZE + size, epoch)
        self.newest += 1
        record = self._place(epoch, kind, size, self.newest, number, mark)
        self._flash.program(record.address, record.header(_OPEN) + body(record))
        self._flash.program(record.address + 1, bytes([_COMMITTED]))
        self._wrote(record)
        return record

    def read(self, address):
        """Return (Record, body) at an address; raise ValueError when there is none."""
        data = self._flash.read(address, _SIZE)
        record = self._parse(data, address)
        if record is None:
            raise ValueError("there is no record")
        return record, self._flash.read(address + _SIZE, record.size)

    def kill(self, address, length):
        """Program a record, or what is left of it, to zeros."""
        if self._flash.read(address, length) != bytes(length):
            self._flash.program(address, bytes(length))
        self.garbage = [
            (start, size)
            for start, size in self.garbage
            if start >= address + length or start + size <= address
        ]

    def remove(self, record):
        """Remove a record that lives."""
        self.kill(record.address, record.length)
        self._live[record.address // SECTOR] -= record.length

    def finish_removal(self, address, length, sector_sequence):
        """Remove what may be left of a record, unless its sector was begun anew since."""
        if self.sector_sequence(address) == sector_sequence:
            if self._parse(self._flash.read(address, _SIZE), address):
                self._live[address // SECTOR] -= length
            self.kill(address, length)

    def sector_sequence(self, address):
        """Return the sequence of the sector at an address; each begin of a sector has its own."""
        return self._sectors.sequences[address // SECTOR]

    def epoch_at(self, address):
        """Return the epoch of the vault key under which a record was sealed."""
        return self._sectors.epochs[address // SECTOR]

    def has_sector(self, sequence):
        """Tell whether the sector of this sequence is still there."""
        return self._sectors.named(sequence) >= 0

    def renew(self):
        """Copy what was sealed under another epoch than the present one; yield between sectors."""
        for sector in self._sectors.used():
            if self._sectors.epochs[sector] not in (PLAIN, self.epoch):
                self._replace(sector)
                yield

    # room

    def _make_room(self, length, epoch):
        """See to it that a record fits the epoch's active sector, and that a free one is left.

        Sealed records leave another one besides while plain ones have none.
        """
        while not self._fits_active(length, epoch):
            needed = 2 if epoch == PLAIN or PLAIN in self._active else 3
            if self._sectors.free() >= needed:
                self._begin(epoch)
                return
            victim = self._victim(length, epoch)
            if victim is None:
                raise LogFull
            self._replace(victim)

    def _fits_active(self, length, epoch):
        return epoch in self._active and self._ends[self._active[epoch]] + length <= SECTOR

    def _victim(self, length, epoch):
        """Return the sector to clear: the emptiest, or one that was left out for long; or None."""
        used = self._sectors.used()
        oldest = used[0]
        if self._sectors.age(oldest) > _OLD * self._sectors.count and self._can(oldest, length):
            return oldest
        for sector in sorted(used, key=lambda each: self._live[each]):
            alike = (self._sectors.epochs[sector] == PLAIN) == (epoch == PLAIN)
            if (alike or not self._live[sector]) and self._can(sector, length):
                return sector
        return None

    def _can(self, sector, length):
        """Tell whether a sector can be cleared so that a record of `length` finds room."""
        if not self._live[sector]:
            return True
        if self._sectors.free() == 0 or HEADER + self._live[sector] + length > SECTOR:
            return False
        return all(self._owner.may_copy(record) for record in self._scan(sector))

    def _begin(self, epoch, source=None):
        sector = self._active[epoch] = self._sectors.begin(epoch, source)
        self._ends[sector] = HEADER
        self._live[sector] = 0

    def _replace(self, victim):
        """Copy what lives in a sector to a free one, if anything does, and erase it."""
        if not self._live[victim]:
            self._sectors.retire(victim)
            self._active = {e: each for e, each in self._active.items() if each != victim}
            return
        records = self._scan(victim)
        epoch = PLAIN if self._sectors.epochs[victim] == PLAIN else self.epoch
        self._begin(epoch, victim)
        for old in records:
            new = self._place(epoch, old.kind, old.size, old.sequence, old.number, old.mark)
            body = self._owner.copy(old, self._flash.read(old.address + _SIZE, old.size), new)
            if body is None:
                continue
            self._flash.program(new.address, new.header(_COMMITTED) + body)
            self._wrote(new)
            self._owner.moved(old, new)
        self._sectors.taken_over(self._active[epoch], victim)
        self._live[victim] = 0
        self.garbage = [each for each in self.garbage if each[0] // SECTOR != victim]

    # records

    def _place(self, epoch, kind, size, sequence, number, mark):
        """Return the Record that comes next in the epoch's active sector."""
        sector = self._active[epoch]
        address = sector * SECTOR + self._ends[sector]
        return Record(kind, size, sequence, number, mark, address, self._sectors.sequences[sector])

    def _wrote(self, record):
        self._ends[record.address // SECTOR] += record.length
        self._live[record.address // SECTOR] += record.length

    def _scan(self, sector):
        """Return the records of a sector; note its end, what lives in it, and what is garbage."""
        base = sector * SECTOR
        data = self._scratch
        self._flash.readinto(base, data)
        found = []
        offset = end = HEADER
        self._live[sector] = 0
        garbage = None  # where the stretch begins that cannot be parsed
        while offset < SECTOR:
            header = bytes(data[offset : offset + _SIZE])
            record = self._parse(header, base + offset)
            if record is None and header.strip(b"\xff\0") and garbage is None:
                garbage = offset
            if record is not None and garbage is not None:
                self._note_garbage(base + garbage, base + offset)
                garbage = None
            if record is None:
                offset += _SIZE
                if header != b"\xff" * _SIZE:
                    end = offset
                continue
            offset = end = offset + record.length
            if header[1] == _OPEN:
                self._discard(record.address, record.length)
            else:
                self._live[sector] += record.length
                found.append(record)
        self._ends[sector] = end
        if garbage is not None:
            self._note_garbage(base + garbage, base + end)
        return found

    def _note_garbage(self, start, end):
        if self._flash.read(start + 1, 1) == bytes([_OPEN]):
            self._discard(start, end - start)
        elif (start, end - start) not in self.garbage:
            self.garbage.append((start, end - start))

    def _discard(self, address, length):
        """Program a record that was never finished to zeros.

        The header comes last and its commit byte never, so that another power cut
        leaves what is discarded again.
        """
        if length > _SIZE:
            self._flash.program(address + _SIZE, bytes(length - _SIZE))
        self._flash.program(address, bytes([0, _OPEN]) + bytes(min(length, _SIZE) - 2))

    def _parse(self, header, address):
        """Return the Record whose header this is, or None."""
        if _checksum(header[:12]) != header[12:]:
            return None
        kind, _, size, sequence, number, mark = struct.unpack(_HEADER, header[:12])
        if not kind or size % 16 or address % SECTOR + _SIZE + size > SECTOR:
            return None
        sector_sequence = self._sectors.sequences[address // SECTOR]
        return Record(kind, size, sequence, number, mark, address, sector_sequence)


def _checksum(header):
    """CRC-32 of a header (12 bytes) without its commit byte, which is programmed later."""
    return binascii.crc32(header[:1] + header[2:12]).to_bytes(4, "big")
