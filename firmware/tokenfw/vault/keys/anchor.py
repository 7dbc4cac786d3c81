"""The anchor: the least sequence that the newest sealed record must have, in the key sector.

The log's newest record has the fingerprint of all records, but is lost with its sector if
somebody restores an older state of that. So after each sealed record its sequence is noted
here, as a base and one bit for each sequence since, twice: the lower copy counts, so that a
single flipped bit raises no alarm. The record is written first: after a power cut in between
the anchor lags by that record, and the next unlocking corrects it.

Wear: a field has 2,880 bits, and the slot moves to the other key sector at an unlocking
when half are used, or else when all are; a move erases both. So a key sector is erased once in
1,440 records or more, settings included. A sector of the log, which has some 30 records and
is one of 126 used in turn, is erased once in 3,780. Flash endures 100,000 erases: 144
million records, or 390 years of a thousand a day.

It does not detect a rollback of settings, which are not sealed; of a record that a power cut
kept from being noted; or of the key sector itself together with the log.
"""

import binascii
import struct

from micropython import const

_COPIES = (640, 1664)  # offsets in the key sector
_MAGIC = b"OTA"
_BASE_SIZE = const(8)  # sequence, CRC-32
_FIELD = const(360)  # bytes
_BITS = const(2880)


class Anchor:
    """`least` is the least sequence of the newest sealed record; None if no base is intact."""

    def __init__(self, flash):
        self._flash = flash
        self._start = 0
        self._base = None
        self.least = None

    def open(self, start):
        """Read the anchor of the key sector at address `start`; return `least`.

        After a MemoryError it is the one that was read before.
        """
        base, used = None, _BITS
        for offset in _COPIES:
            copy = self._flash.read(start + offset, _BASE_SIZE + _FIELD)
            if copy[:_BASE_SIZE] == _with_checksum(copy[:4]):
                base = struct.unpack(">I", copy[:4])[0]
            field = copy[_BASE_SIZE:].rstrip(b"\xff")
            bits = 8 * len(field)
            last = field[-1] if field else 0
            while last & 1:
                last >>= 1
                bits -= 1
            used = min(used, bits)
        least = None if base is None else base + used
        self._start, self._base, self.least = start, base, least
        return least

    def worn(self):
        """Return whether the slot should move: half of the bits are used, or no base is intact."""
        return self._base is None or self.least - self._base > _BITS // 2

    def raise_to(self, sequence):
        """Raise `least` to a sequence, in flash too; return False if the field is too short."""
        if self._base is None or sequence - self._base > _BITS:
            return False
        if sequence > self.least:
            first, bits = (self.least - self._base) // 8, sequence - self._base
            field = bytes(bits // 8 - first)
            if bits % 8:
                field += bytes([0xFF >> bits % 8])
            for offset in _COPIES:
                self._flash.program(self._start + offset + _BASE_SIZE + first, field)
            self.least = sequence
        return True


def new(least):
    """Return the programs, [(offset, bytes)], of an anchor at `least` in a new key sector."""
    base = _with_checksum(struct.pack(">I", least))
    return [(offset, base) for offset in _COPIES]


def _with_checksum(base):
    """Return a base with its CRC-32, over a magic too, or blank flash would have a right one."""
    return base + binascii.crc32(_MAGIC + base).to_bytes(4, "big")
