"""Migration of the first version's vault: records unsealed, in all sectors.

What that version kept: in each sector a header (magic, version, sequence, CRC-32) and
records with length, kind, sequence, payload and CRC-32; of one account the newest
sequence counts. First the flash is prepared: what is superseded becomes zeros, sectors
0 and 1 are cleared for the keys. Then each sector's records are sealed in the new log,
and it is erased. A power-up goes on wherever the power went.
"""

import binascii
import json
import struct

from micropython import const

from otpcore import account as accounts
from tokenfw.vault.keyslots import SECTORS
from tokenfw.vault.log import MARGIN
from tokenfw.vault.record_types import ACCOUNT, ORDER, REMOVED, SETTINGS
from tokenfw.vault.scan import Survey
from tokenfw.vault.sectors import OLDER, PIECE, ROOM, SECTOR, Sectors, is_blank, pieces
from tokenfw.vault.store import record_length

_WIPE = const(5)  # the kind of record that says that everything is being erased
_START = const(16)  # where a sector's first record lies
_RECORD = ">HBxI"  # length of the payload, kind, sequence; the payload and a CRC-32 follow
_FRONT, _OVERHEAD = 8, 12
_PAYLOAD_MAX = const(2048)
_ACCOUNT = ">H8s"  # in front of an account: id, request
_USABLE = ROOM - MARGIN


class DoesNotFit(Exception):
    """Sealed, the records need more room than there is."""


class Older:
    """A record of the older version; looks like a log.Record to a Survey."""

    mark = 0

    def __init__(self, address, kind, sequence, payload):
        self.address = address
        self.kind = kind
        self.sequence = sequence
        self.payload = payload
        self.number = 0
        if kind in (ACCOUNT, REMOVED):
            self.number = struct.unpack(">H", payload[:2])[0]


class Migration:
    """Takes what the older version left in `flash` into a Store."""

    def __init__(self, flash):
        self._flash = flash
        self._wipe = -1  # the sector with the record that says so
        self._need = {}  # sector: the bytes that its records need when they are sealed
        self.sectors = set()  # that hold something of the older version

    def prepare(self):
        """Make the flash ready for keys and a store; yield now and then.

        Raises DoesNotFit before anything is changed. A wipe that was begun is finished:
        then no sector is left.
        """
        found = self._look(range(self._flash.sectors))
        if self._wipe >= 0:
            for sector in [each for each in self.sectors if each != self._wipe] + [self._wipe]:
                self._erase(sector)
                yield
            return
        if found.missing:
            raise DoesNotFit  # into memory
        stale = {old for old, _ in found.stale}
        self._weigh(stale)
        self._check_room()
        for address in stale:
            self._kill(address)
        yield
        for sector in self._order_of_sectors()[:-1]:
            if not self._need[sector]:
                self._erase(sector)
                yield
        for sector in SECTORS:
            if sector in self.sectors:
                self._move(sector)
                yield

    def survey(self):
        """Find the sectors that are left of the older version, when there is a store beside."""
        headers = Sectors(self._flash, len(SECTORS))
        self._look(each for each in headers.all() if headers.read_header(each) is None)
        self._weigh(())

    def carry_over(self, store):
        """Seal all records in `store`, which is unlocked, and erase them; yield between sectors."""
        for sector in self._order_of_sectors():
            for record in self._records(sector):
                self._carry(record, store)
            self._erase(sector)
            store.release(sector)
            yield

    def _carry(self, record, store):
        payload = record.payload
        if record.kind == ACCOUNT and store.index.place(record.number) < 0:
            request, data = payload[2:10], payload[10:]
            store.add(request, record.number, accounts.full_name_in_record(data), data)
        elif record.kind == ORDER:
            count = len(payload) // 2 - 4
            order = lambda place: struct.unpack_from(">H", payload, 8 + 2 * place)[0]  # noqa: E731
            store.write_order(payload[:8], 0, (order, count))
        elif record.kind == SETTINGS:
            store.settings.values = json.loads(payload)
            store.settings.write()

    # what is there

    def _look(self, sectors):
        """Note which sectors hold something; return the Survey of the records in them.

        Of two copies of a record that in the lower sector is stale: see _move().
        """
        found = Survey()
        for sector in sorted(sectors, key=lambda sector: -sector):
            if self._is_blank(sector):
                continue
            self.sectors.add(sector)
            for record in self._records(sector):
                if record.kind == _WIPE:
                    self._wipe = sector
                else:
                    record.payload = b""
                    found.take(record)
        found.finish()
        return found

    def _weigh(self, stale):
        for sector in self.sectors:
            self._need[sector] = 0
            for record in self._records(sector):
                if record.kind in (ACCOUNT, ORDER, SETTINGS) and record.address not in stale:
                    room = SECTOR if record.kind == ORDER else 0
                    self._need[sector] += record_length(len(record.payload)) + room

    def _order_of_sectors(self):
        """Return the sectors in the order in which they are taken over: the emptiest first.

        One that is known by its magic comes last, so that a power-up knows that there
        is something to go on with; a sector without it is what a power cut left.
        """
        return sorted(
            self.sectors,
            key=lambda sector: (
                self._flash.read(sector * SECTOR, len(OLDER)) == OLDER,
                self._need[sector],
            ),
        )

    def _check_room(self):
        """Raise DoesNotFit if the new log would run out of sectors on the way."""
        others = [each for each in self._order_of_sectors() if self._need[each]]
        free = self._flash.sectors - len(SECTORS) - len(others)
        used = 0
        if free < len(SECTORS):
            raise DoesNotFit
        for sector in others:
            used += self._need[sector]
            if used > (free - 2) * _USABLE:  # one stays free, one is for settings
                raise DoesNotFit
            free += 1

    def _records(self, sector):
        """Yield the records of a sector that are whole and were not removed."""
        base, offset = sector * SECTOR, _START
        while offset + _OVERHEAD <= SECTOR:
            front = self._flash.read(base + offset, _FRONT)
            length, kind, sequence = struct.unpack(_RECORD, front)
            end = offset + length + _OVERHEAD
            if length > _PAYLOAD_MAX or end > SECTOR:
                break
            rest = b"".join(pieces(self._flash, base + offset + _FRONT, length + 4))
            payload = rest[:-4]
            checksum = binascii.crc32(payload, binascii.crc32(front))
            if kind and rest[-4:] == checksum.to_bytes(4, "big"):
                yield Older(base + offset, kind, sequence, payload)
            offset = end

    def _is_blank(self, sector):
        return is_blank(self._flash, sector, bytearray(PIECE))

    # what is changed

    def _kill(self, address):
        """Program a record to zeros, all but its length, by which the next one is found."""
        length = struct.unpack(">H", self._flash.read(address, 2))[0]
        end = address + length + _OVERHEAD
        address += 2
        for piece in pieces(self._flash, address, end - address):
            self._flash.program(address, bytes(len(piece)))
            address += len(piece)

    def _move(self, sector):
        """Copy a sector to a blank one above those of the keys, and erase it.

        If the power goes, records that were copied whole are stale here, and the others there.
        """
        target = len(SECTORS)
        while not self._is_blank(target):
            target += 1
        address = target * SECTOR
        for piece in pieces(self._flash, sector * SECTOR, SECTOR):
            self._flash.program(address, piece)
            address += len(piece)
        self._erase(sector)
        self.sectors.add(target)

    def _erase(self, sector):
        self._flash.erase(sector)
        self.sectors.discard(sector)
