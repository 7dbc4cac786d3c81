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

from tokenfw.vault.sectors import PIECE, ROOM, SECTOR, Sectors, pieces, skip

PLAIN = 0  # the epoch of sectors whose records are not sealed
MARGIN = 416  # bytes: no less than an account's longest record

_HEADER = ">BBHIHH"  # kind, commit byte, size of the body, sequence, id, mark
_SIZE = const(16)  # of a header with its CRC-32
_OPEN, _COMMITTED = 0xFF, 0x00
_COMMIT = b"\0"
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

    `owner` has `may_copy(record)`, `copy(old, new)`, which returns the body of a record at
    its new place in pieces, or None if it is not worth keeping, and `moved(old, new)`.
    A MemoryError anywhere leaves what a power cut would, and the log can be used on.
    """

    def __init__(self, flash, first, owner):
        self._flash = flash
        self._sectors = Sectors(flash, first, self)
        self._owner = owner
        self._ends = array("H", bytes(2 * flash.sectors))  # where the next record goes
        self._live = array("H", bytes(2 * flash.sectors))  # bytes of records that live
        self._active = {}  # epoch: the sector in which its next record goes
        self.epoch = 0  # of the vault key under which new records are sealed
        self.newest = 0  # the sequence of the newest record
        self.garbage = []  # (address, size) of what cannot be parsed

    def open(self, take, others=()):
        """Read all headers, give each Record that lives to `take`; yields between sectors.

        Raises NewerVault. A set of `others` are sectors that are left alone until they are
        released.
        """
        self.garbage = []
        self._sectors.open(others)
        self._active = {}
        self.newest = 0
        window = bytearray(PIECE)
        for sector in self._sectors.used():
            self._active[self._sectors.epochs[sector]] = sector
            for record in self._scan(sector, window):
                self.newest = max(self.newest, record.sequence)
                take(record)
            yield

    def erase_remains(self):
        """Erase what a torn erase left; yields between sectors."""
        return self._sectors.erase_remains()

    @property
    def older(self):
        """Whether open() saw sectors of the version before this one."""
        return self._sectors.older

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
        return (len(self._sectors.all()) - 3) * (ROOM - MARGIN) - sum(self._live)

    def append(self, kind, number, mark, size, body, plain=False):
        """Write a record and return it; `body(record)` gives its bytes, in pieces.

        Raises LogFull. With any error the record is not there, and its place is lost.
        """
        epoch = PLAIN if plain else self.epoch
        self._make_room(_SIZE + size, epoch)
        sector = self._active[epoch]
        record = self._record(sector, kind, size, self.newest + 1, number, mark)
        data = body(record)
        self.newest += 1
        self._ends[sector] += record.length  # first: what is torn is never programmed over
        self._program(record, _OPEN, data)
        self._flash.program(record.address + 1, _COMMIT)
        self._live[sector] += record.length
        return record

    def read(self, address):
        """Return the Record at an address; raise ValueError when there is none."""
        record = self._parse(self._flash.read(address, _SIZE), address)
        if record is None:
            raise ValueError("there is no record")
        return record

    def body(self, record):
        """Yield the body of a record in pieces."""
        return pieces(self._flash, record.address + _SIZE, record.size)

    def reader(self, record):
        """Return a function that gives `size` bytes from `start` of a record's body."""
        place = record.address + _SIZE
        if record.size > PIECE:
            return lambda start, size: self._flash.read(place + start, size)
        body = self._flash.read(place, record.size)
        return lambda start, size: body[start : start + size]

    def kill(self, address, length):
        """Program a record, or what is left of it, to zeros."""
        self._clear(address, length)
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
        for sector in self._emptiest_first():  # those that hold nothing make room
            if not self._live[sector] or self._sectors.epochs[sector] not in (PLAIN, self.epoch):
                self._replace(sector)
                yield

    # room

    def _make_room(self, length, epoch):
        """See to it that a record fits the epoch's active sector, and that a free one is left.

        Sealed records leave another one besides while plain ones have none.
        """
        if length > ROOM:
            raise LogFull
        while not self._fits_active(length, epoch):
            needed = 2 if epoch == PLAIN or PLAIN in self._active else 3
            if self._sectors.free() >= needed:
                self._active[epoch] = self._begin(epoch)
                return
            victim = self._victim(length, epoch)
            if victim is None:
                raise LogFull
            self._replace(victim)

    def _fits_active(self, length, epoch):
        if epoch not in self._active:
            return False
        sector = self._active[epoch]
        return self._ends[sector] + length <= self._sectors.end(sector)

    def _victim(self, length, epoch):
        """Return the sector to clear: the emptiest, or one that was left out for long; or None."""
        used = self._sectors.used()
        oldest = used[0]
        if self._sectors.age(oldest) > _OLD * self._sectors.count and self._can(oldest, length):
            return oldest
        for sector in self._emptiest_first():
            alike = (self._sectors.epochs[sector] == PLAIN) == (epoch == PLAIN)
            if (alike or not self._live[sector]) and self._can(sector, length):
                return sector
        return None

    def _emptiest_first(self):
        return sorted(self._sectors.used(), key=lambda sector: self._live[sector])

    def _can(self, sector, length):
        """Tell whether a sector can be cleared so that a record of `length` finds room."""
        if not self._live[sector]:
            return True
        if self._sectors.free() == 0 or self._live[sector] + length > ROOM:
            return False
        return all(self._owner.may_copy(record) for record in self._scan(sector, bytearray(PIECE)))

    def _begin(self, epoch, source=None):
        sector = self._sectors.begin(epoch, source)
        if sector < 0:
            raise LogFull
        self._ends[sector] = self._sectors.start(sector)
        self._live[sector] = 0
        return sector

    def _replace(self, victim):
        """Copy what lives in a sector to a free one, if anything does, and erase it.

        Until the new one takes over, nothing counts on it; from then on nothing is written
        to the old one, and it may lie there for a while.
        """
        if self._live[victim]:
            if not self._sectors.free():
                raise LogFull
            epoch = PLAIN if self._sectors.epochs[victim] == PLAIN else self.epoch
            sector = self._begin(epoch, victim)
            try:
                self._copy(victim, sector)
                self._sectors.taken_over(sector)
            except MemoryError:
                self._retire(sector)  # the old one is still whole
                raise
            self._live[sector] = self._ends[sector] - self._sectors.start(sector)
            self._active[epoch] = sector
            self._tell(victim, sector)
            self._live[victim] = 0
        self._retire(victim)

    def _copy(self, victim, sector):
        for old in self._scan(victim, bytearray(PIECE)):
            new = self._record(sector, old.kind, old.size, old.sequence, old.number, old.mark)
            body = self._owner.copy(old, new)
            if body is not None:
                self._program(new, _COMMITTED, body)
                self._ends[sector] += new.length

    def _tell(self, victim, sector):
        """Tell the owner what moved from one sector to another, in the same order."""
        olds = self._scan(victim, bytearray(PIECE))
        for new in self._scan(sector, bytearray(PIECE)):
            for old in olds:
                if (old.sequence, old.kind) == (new.sequence, new.kind):
                    self._owner.moved(old, new)
                    break

    def _retire(self, sector):
        self._active = {e: each for e, each in self._active.items() if each != sector}
        self._sectors.retire(sector)
        self.garbage = [each for each in self.garbage if each[0] // SECTOR != sector]

    # records

    def _record(self, sector, kind, size, sequence, number, mark):
        """Return the Record that comes next in a sector."""
        address = sector * SECTOR + self._ends[sector]
        return Record(kind, size, sequence, number, mark, address, self._sectors.sequences[sector])

    def _program(self, record, commit, body):
        """Write a record, as much of it at once as may be."""
        address, data = record.address, record.header(commit)
        for piece in body:
            if len(data) + len(piece) > PIECE:
                self._flash.program(address, data)
                address += len(data)
                data = b""
            data += piece
        self._flash.program(address, data)

    def _scan(self, sector, window):
        """Yield the records of a sector; then note its end, what lives in it, and what is garbage.

        `window` (a bytearray of PIECE bytes) is used for it.
        """
        base = sector * SECTOR
        start = -PIECE  # where in the sector the window is
        offset = end = self._sectors.start(sector)
        last = self._sectors.end(sector)
        live = 0
        garbage = 0  # where the stretch begins that cannot be parsed
        while offset < last:
            if offset - start >= PIECE:
                start = min(offset, SECTOR - PIECE)
                self._flash.readinto(base + start, window)
            at = offset - start
            until = min(PIECE, last - start)
            blank = skip(window, at, until, 0xFFFF) // _SIZE * _SIZE
            if blank > at:
                offset = start + blank
                continue
            zero = skip(window, at, until, 0) // _SIZE * _SIZE
            if zero > at:
                offset = end = start + zero
                continue
            header = bytes(window[at : at + _SIZE])
            record = self._parse(header, base + offset)
            if record is None:
                if not garbage and header.strip(b"\xff\0"):
                    garbage = offset
                offset = end = offset + _SIZE
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
        """Note the records in a sector without a header; tell whether there are any."""
        before = len(self.garbage)
        address = sector * SECTOR
        for piece in pieces(self._flash, address, SECTOR):
            for at in range(0, PIECE, _SIZE):
                record = self._parse(piece[at : at + _SIZE], address + at)
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
        """Program a record that was never finished to zeros.

        The header comes last and its commit byte never, so that another power cut
        leaves what is discarded again.
        """
        self._clear(address + _SIZE, length - _SIZE)
        self._flash.program(address, bytes([0, _OPEN]) + bytes(min(length, _SIZE) - 2))

    def _clear(self, address, length):
        """Program a stretch of flash to zeros, where it is something else."""
        for piece in pieces(self._flash, address, length):
            if skip(piece, 0, len(piece), 0) < len(piece):
                self._flash.program(address, bytes(len(piece)))
            address += len(piece)

    def _parse(self, header, address):
        """Return the Record whose header this is, or None."""
        if _checksum(header[:12]) != header[12:]:
            return None
        kind, _, size, sequence, number, mark = struct.unpack(_HEADER, header[:12])
        sector = address // SECTOR
        if not kind or size % 16 or address % SECTOR + _SIZE + size > self._sectors.end(sector):
            return None
        sector_sequence = self._sectors.sequences[sector]
        return Record(kind, size, sequence, number, mark, address, sector_sequence)


def _checksum(header):
    """CRC-32 of a header (12 bytes) without its commit byte, which is programmed later."""
    return binascii.crc32(header[:1] + header[2:12]).to_bytes(4, "big")
