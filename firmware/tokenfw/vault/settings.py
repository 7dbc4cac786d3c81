"""The settings: one plain record of JSON, which can be read and written while locked.

It holds where the record lay that it replaced, so that a restart can finish the
removal, and a checksum of both. What is in it is no secret.
"""

import binascii
import json
import struct

from micropython import const

from tokenfw.vault.record_types import SETTINGS
from tokenfw.vault.sealing import BadSeal
from tokenfw.vault.sectors import PIECE

REPLACED = ">IHI"  # address, length and sequence of the sector of the record that went
REPLACED_SIZE = 10
NOTHING = bytes(REPLACED_SIZE)

_HEAD = ">HI"  # the size of what follows, and its CRC-32
_HEAD_SIZE = const(6)


class Settings:
    """`values` is a dict of JSON values; `broken` the store's set of damaged records' addresses."""

    def __init__(self, log, broken):
        self._log = log
        self._broken = broken
        self._address = None
        self.values = {}

    def open(self, record):
        """Take the settings of a Record, None if there is none; finish the removal before it."""
        self.values, self._address = {}, None
        if record is None:
            return
        self._address = record.address
        try:
            data = self.read(record.address)
        except BadSeal:
            return
        if data[:REPLACED_SIZE] != NOTHING:
            self._log.finish_removal(*struct.unpack(REPLACED, data[:REPLACED_SIZE]))
        self.values = json.loads(data[REPLACED_SIZE:])

    def write(self):
        """Store `values`. Raises LogFull."""
        text = json.dumps(self.values).encode()
        size = _HEAD_SIZE + REPLACED_SIZE + len(text)
        old = None

        def body(record):
            nonlocal old
            replaced = NOTHING
            if self._address is not None:
                old = self._log.read(self._address)
                replaced = place_of(self._log, old)
            checksum = binascii.crc32(text, binascii.crc32(replaced))
            head = struct.pack(_HEAD, REPLACED_SIZE + len(text), checksum) + replaced
            return _pieces(head + text + bytes(-size % 16))

        record = self._log.append(SETTINGS, 0, 0, size + -size % 16, body, plain=True)
        self._address = record.address
        if old is not None:
            self._broken.discard(old.address)
            try:
                self._log.remove(old)
            except MemoryError:
                pass  # the next start does

    def read(self, address):
        """Return what a record of settings holds; raise BadSeal if it is damaged."""
        body = b"".join(self._log.body(self._log.read(address)))
        size, checksum = struct.unpack(_HEAD, body[:_HEAD_SIZE])
        data = body[_HEAD_SIZE : _HEAD_SIZE + size]
        if binascii.crc32(data) != checksum:
            self._broken.add(address)
            raise BadSeal("a record in the vault is damaged")
        return data

    def moved(self, old, new):
        """What lay at one address lies at another."""
        if self._address == old:
            self._address = new


def _pieces(data):
    for start in range(0, len(data), PIECE):
        yield data[start : start + PIECE]


def place_of(log, record):
    """Return as bytes where a record lies."""
    sequence = log.sector_sequence(record.address)
    return struct.pack(REPLACED, record.address, record.length, sequence)
