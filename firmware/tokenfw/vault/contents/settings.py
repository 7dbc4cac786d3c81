"""The settings: one plain record of JSON, which can be read and written while locked.

Nothing in it is secret. Its body, byte by byte (big-endian):

       0   2  size of what follows the checksum, without padding
       2   4  CRC-32 of that
       6  10  location of the record that it replaced, so that a restart can finish the removal:
              address (4 bytes), length (2), sequence of its sector (4); or zeros
      16      JSON, then zeros to a multiple of 16 bytes
"""

import binascii
import json
import struct

from micropython import const

from tokenfw.vault.contents.record_types import SETTINGS
from tokenfw.vault.flash.nor import PIECE
from tokenfw.vault.keys.sealing import BadSeal

LOCATION = ">IHI"  # address, length and sequence of the sector of a record
LOCATION_SIZE = 10
NOTHING = bytes(LOCATION_SIZE)

_HEAD = ">HI"  # the size of what follows, and its CRC-32
_HEAD_SIZE = const(6)


class Settings:
    """The settings in a Log. `values` is a dict of JSON values by key.

    `broken` is the store's set of addresses of damaged records.
    """

    def __init__(self, log, broken):
        self._log = log
        self._broken = broken
        self._address = None
        self.values = {}

    def open(self, record):
        """Read the settings from a Record, or None; finish removing the one that it replaced."""
        self.values, self._address = {}, None
        if record is None:
            return
        self._address = record.address
        try:
            data = self.read(record.address)
        except BadSeal:
            return
        if data[:LOCATION_SIZE] != NOTHING:
            self._log.finish_removal(*struct.unpack(LOCATION, data[:LOCATION_SIZE]))
        self.values = json.loads(data[LOCATION_SIZE:])

    def write(self):
        """Store `values`; the values count once this returns. Raises LogFull, Busy."""
        text = json.dumps(self.values).encode()
        size = _HEAD_SIZE + LOCATION_SIZE + len(text)
        record = self._log.reserve(SETTINGS, 0, 0, size + -size % 16, plain=True)
        old = None if self._address is None else self._log.read(self._address)
        discard = self._log.discard  # loaded now: nothing can be, once there is a record
        data = location(self._log, old) + text
        head = struct.pack(_HEAD, len(data), binascii.crc32(data))
        self._log.commit(record, _pieces(head + data + bytes(-size % 16)))
        self._address = record.address
        if old is not None:
            self._broken.discard(old.address)
            discard(old)

    def read(self, address):
        """Return location and JSON (bytes) of a settings record; raise BadSeal if damaged."""
        body = b"".join(self._log.body(self._log.read(address)))
        size, checksum = struct.unpack(_HEAD, body[:_HEAD_SIZE])
        data = body[_HEAD_SIZE : _HEAD_SIZE + size]
        if binascii.crc32(data) != checksum:
            self._broken.add(address)
            raise BadSeal("a record in the vault is damaged")
        return data

    def moved(self, old, new):
        """Update the address if the record moved from `old` to `new`."""
        if self._address == old:
            self._address = new


def _pieces(data):
    for start in range(0, len(data), PIECE):
        yield data[start : start + PIECE]


def location(log, record):
    """Return the location (LOCATION_SIZE bytes) of a Record; NOTHING for None."""
    if record is None:
        return NOTHING
    sequence = log.sector_sequence(record.address)
    return struct.pack(LOCATION, record.address, record.length, sequence)
