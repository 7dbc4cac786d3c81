"""The anchor: which record the log had come to at least, in the key sector.

The log's own newest record says what there should be, but goes with its sector when
somebody puts an older state of that back. So after each sealed record its sequence is noted
here, as a base and one bit for each sequence since, twice: the copy that says less counts,
so that one bit that flips raises no alarm. The record comes first: when the power goes in
between, the anchor lags by that record, and the next unlocking makes up for it.

Wear: a field has 2,880 bits, and the slot moves to the other key sector at an unlocking
when half are used, or else when all are; a move erases both. So a key sector is erased once in
1,440 records or more, settings among them. A sector of the log, which has some 30 records and
is one of 126 that come in turn, is erased once in 3,780. Flash bears 100,000 erases: 144
million records, or 390 years of a thousand a day.

What it does not show: settings, which are not sealed; a record after which the power went
before it was noted; that the key sector itself was put back as it was with the rest.
"""

import binascii
import struct

from micropython import const

_COPIES = (640, 1664)  # places in the key sector
_MAGIC = b"OTA"
_BASE_SIZE = const(8)  # sequence, CRC-32
_FIELD = const(360)  # bytes
_BITS = const(2880)


class Anchor:
    """`least` is the sequence that the newest sealed record has at least, None if not known."""

    def __init__(self, flash):
        self._flash = flash
        self._start = 0
        self._base = None
        self.least = None

    def open(self, start):
        """Read the anchor of the key sector at an address; return `least`."""
        self._start, self._base, self.least = start, None, None
        used = _BITS
        for place in _COPIES:
            copy = self._flash.read(start + place, _BASE_SIZE + _FIELD)
            if copy[:_BASE_SIZE] == _with_checksum(copy[:4]):
                self._base = struct.unpack(">I", copy[:4])[0]
            field = copy[_BASE_SIZE:].rstrip(b"\xff")
            bits = 8 * len(field)
            last = field[-1] if field else 0
            while last & 1:
                last >>= 1
                bits -= 1
            used = min(used, bits)
        if self._base is not None:
            self.least = self._base + used
        return self.least

    def worn(self):
        """Return whether it wants a new key sector."""
        return self._base is None or self.least - self._base > _BITS // 2

    def raise_to(self, sequence):
        """Note a sequence; return False if the field has no bit for it."""
        if self._base is None or sequence - self._base > _BITS:
            return False
        if sequence > self.least:
            first, bits = (self.least - self._base) // 8, sequence - self._base
            field = bytes(bits // 8 - first)
            if bits % 8:
                field += bytes([0xFF >> bits % 8])
            for place in _COPIES:
                self._flash.program(self._start + place + _BASE_SIZE + first, field)
            self.least = sequence
        return True


def new(least):
    """Return [(place, bytes)] to program into a key sector for an anchor at a sequence."""
    base = _with_checksum(struct.pack(">I", least))
    return [(place, base) for place in _COPIES]


def _with_checksum(base):
    """Return a base with the CRC-32 of magic and base: that of blank flash would be blank."""
    return base + binascii.crc32(_MAGIC + base).to_bytes(4, "big")
