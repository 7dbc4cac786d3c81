"""A log of records on raw NOR flash, which outlives a power cut at any instant.

Programming clears bits, erasing a sector sets them. A sector begins with a
header (magic, version, sequence, CRC-32); records follow it, each with length,
kind, sequence, payload and CRC-32. A record is removed by programming zeros over
it. One sector is always kept free: when no other is left, the one with the least
in it is copied there, sequences kept, and erased. The owner sees a record that
was copied but not yet erased twice, with one sequence, and kills the later.
"""

import binascii
import struct

SECTOR = 4096
PAYLOAD_MAX = 2048
RECORD_MARGIN = 330  # bytes: no less than an account's longest record

_MAGIC = b"OTPL"
_VERSION = 1
_SECTOR_HEADER = ">4sBBHI"  # magic, version, two spare, sequence; then the CRC-32 of these
_SECTOR_HEADER_SIZE = 16
_RECORD_HEADER = ">HBBI"  # length of the payload, kind, spare, sequence
_RECORD_HEADER_SIZE = 8
_OVERHEAD = 12  # header and CRC-32
_DEAD = 0
_ERASED_LENGTH = 0xFFFF

_FREE = -1  # a sector's sequence when it is erased
_ORPHAN = 0  # … when its header is damaged: read, never written


class LogFull(Exception):
    """The log has no room for another record."""


class FlashLog:
    """`flash` has read(address, length), program(address, data), erase(sector) and `sectors`."""

    def __init__(self, flash):
        self._flash = flash
        self._sequences = [_FREE] * flash.sectors
        self._ends = [0] * flash.sectors  # where the next record goes
        self._live = [0] * flash.sectors  # bytes of records that are not dead
        self._active = None
        self._next = 1  # the next record's sequence
        self.damaged = 0  # records that failed their check when the log was opened

    def open(self):
        """Read the whole log; yield (address, kind, sequence, payload) of every record in it."""
        self._active = None
        self.damaged = 0
        for sector in range(self._flash.sectors):
            self._sequences[sector] = self._read_header(sector)
            self._live[sector] = 0
            self._ends[sector] = _SECTOR_HEADER_SIZE
            if self._sequences[sector] != _FREE:
                for record in self._scan(sector):
                    self._next = max(self._next, record[2] + 1)
                    yield record
        newest = max(self._sequences)
        if newest > _ORPHAN:
            self._active = self._sequences.index(newest)
            if not self._is_erased(self._active, self._ends[self._active]):
                self._ends[self._active] = SECTOR  # something half written: leave it alone

    def append(self, kind, payload, moved):
        """Write a record (kind 1 to 255); return its address.

        `moved(old, new)` is called for each record that had to move. Raises LogFull.
        """
        size = len(payload) + _OVERHEAD
        full = self._active is None or self._ends[self._active] + size > SECTOR
        if full or _FREE not in self._sequences:
            self._make_room(size, moved)
        address = self._write(kind, self._next, payload)
        self._next += 1
        return address

    def read(self, address):
        """Return (kind, payload) of a record; ValueError when it is damaged."""
        length, kind, _, _ = self._record_header(address)
        if length > PAYLOAD_MAX or not self._check(address, length):
            raise ValueError("the record is damaged")
        return kind, self._flash.read(address + _RECORD_HEADER_SIZE, length)

    def kill(self, address):
        """Program a record to zeros, all but its length."""
        length = self._record_header(address)[0]
        self._flash.program(address + 2, bytes(length + _OVERHEAD - 2))
        self._live[address // SECTOR] -= length + _OVERHEAD

    def is_copy(self, address, other):
        """Of two records with one sequence, tell whether `address` is the one to kill.

        It is the one in the later sector, where the copying was cut short; but
        a sector with a damaged header had been copied whole when its erasing began.
        """
        mine, others = self._sequences[address // SECTOR], self._sequences[other // SECTOR]
        return others != _ORPHAN and (mine == _ORPHAN or mine > others)

    def room(self):
        """Return how many bytes of records may be added, their overhead counted.

        It leaves what changes and removals need: two sectors, and in each other
        one a record's length.
        """
        usable = SECTOR - _SECTOR_HEADER_SIZE - RECORD_MARGIN
        return (self._flash.sectors - 2) * usable - sum(self._live)

    def erase(self):
        """Erase every sector but the active one, then that; yield after each."""
        last = self._active
        for sector in range(self._flash.sectors):
            if sector != last:
                self._erase(sector)
                yield
        if last is not None:
            self._erase(last)
        self._active = None

    def _room_in(self, sector):
        return SECTOR - _SECTOR_HEADER_SIZE - self._live[sector]

    def _make_room(self, size, moved):
        """Begin a sector with room for a record of `size`, of which one more stays free."""
        if self._sequences.count(_FREE) < 2:
            used = [n for n in range(self._flash.sectors) if self._sequences[n] != _FREE]
            victim = min(used, key=lambda n: self._live[n])
            if self._live[victim]:
                self._compact(victim, size, moved)
                return
            self._erase(victim)
        self._begin_sector()

    def _compact(self, victim, size, moved):
        """Copy what lives in a sector to the free one, and erase it."""
        if _FREE not in self._sequences or self._room_in(victim) < size:
            raise LogFull()
        self._begin_sector()
        for address, kind, sequence, payload in self._records(victim):
            moved(address, self._write(kind, sequence, payload))
        # A header of zeros says that everything was copied, should the erase be torn.
        self._flash.program(victim * SECTOR, bytes(_SECTOR_HEADER_SIZE))
        self._erase(victim)

    def _begin_sector(self):
        count = self._flash.sectors
        sector = self._active if self._active is not None else count - 1
        while True:
            sector = (sector + 1) % count
            if self._sequences[sector] == _FREE:
                break
        if not self._is_erased(sector, 0):
            self._flash.erase(sector)
        sequence = max(max(self._sequences), 0) + 1
        header = struct.pack(_SECTOR_HEADER, _MAGIC, _VERSION, 0xFF, 0xFFFF, sequence)
        self._flash.program(sector * SECTOR, header + _checksum(header))
        self._sequences[sector] = sequence
        self._ends[sector] = _SECTOR_HEADER_SIZE
        self._live[sector] = 0
        self._active = sector

    def _write(self, kind, sequence, payload):
        sector = self._active
        address = sector * SECTOR + self._ends[sector]
        body = struct.pack(_RECORD_HEADER, len(payload), kind, 0xFF, sequence) + payload
        self._flash.program(address, body + _checksum(body))
        self._ends[sector] += len(payload) + _OVERHEAD
        self._live[sector] += len(payload) + _OVERHEAD
        return address

    def _erase(self, sector):
        if self._sequences[sector] == _FREE and self._is_erased(sector, 0):
            return
        self._flash.erase(sector)
        self._sequences[sector] = _FREE
        self._ends[sector] = _SECTOR_HEADER_SIZE
        self._live[sector] = 0
        if sector == self._active:
            self._active = None

    def _read_header(self, sector):
        header = self._flash.read(sector * SECTOR, _SECTOR_HEADER_SIZE)
        if header == b"\xff" * _SECTOR_HEADER_SIZE:
            return _FREE
        if header == bytes(_SECTOR_HEADER_SIZE):
            self._flash.erase(sector)  # compacted, and then the power went
            return _FREE
        magic, version, _, _, sequence = struct.unpack(_SECTOR_HEADER, header[:12])
        if header[12:] != _checksum(header[:12]) or magic != _MAGIC or version != _VERSION:
            return _ORPHAN
        return sequence

    def _scan(self, sector):
        """Yield a sector's records; count what lives, what is damaged and where it ends."""
        for address, length, kind in self._places(sector):
            if kind != _DEAD and not self._check(address, length):
                self.damaged += 1
            elif kind != _DEAD:
                self._live[sector] += length + _OVERHEAD
                yield self._record(address, length)

    def _records(self, sector):
        """Return the list of a sector's live records."""
        return [
            self._record(address, length)
            for address, length, kind in self._places(sector)
            if kind != _DEAD and self._check(address, length)
        ]

    def _places(self, sector):
        """Yield (address, payload length, kind) of all that was written; note the end."""
        offset = _SECTOR_HEADER_SIZE
        while offset + _OVERHEAD <= SECTOR:
            address = sector * SECTOR + offset
            length, kind, _, _ = self._record_header(address)
            if length == _ERASED_LENGTH:
                break
            if length > PAYLOAD_MAX or offset + length + _OVERHEAD > SECTOR:
                offset = SECTOR  # half written: nothing comes behind it
                break
            yield address, length, kind
            offset += length + _OVERHEAD
        self._ends[sector] = offset

    def _record(self, address, length):
        _, kind, _, sequence = self._record_header(address)
        return address, kind, sequence, self._flash.read(address + _RECORD_HEADER_SIZE, length)

    def _record_header(self, address):
        return struct.unpack(_RECORD_HEADER, self._flash.read(address, _RECORD_HEADER_SIZE))

    def _check(self, address, length):
        record = self._flash.read(address, length + _OVERHEAD)
        return _checksum(record[:-4]) == record[-4:]

    def _is_erased(self, sector, start):
        data = self._flash.read(sector * SECTOR + start, SECTOR - start)
        return data == b"\xff" * len(data)


def _checksum(data):
    return struct.pack(">I", binascii.crc32(data))
