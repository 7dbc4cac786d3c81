# ruff: noqa: F821  (ptr32 is viper's)
# pyright: reportUndefinedVariable=false, reportArgumentType=false
"""The fingerprint of the set of live records: 16 bytes that change with the set.

The XOR of a keyed pseudo-random block for each (kind, id, sequence). Each sealed
record holds the fingerprint of the set at its time, so the newest one shows whether
records are missing, or have come back. It depends neither on the order of records
nor on their places, so compaction does not change it.
"""

import struct

import micropython

SIZE = 16
ELEMENT = ">BBHIII"  # a block before it is encrypted: kind, 0, id, sequence, 0, 0


class Fingerprint:
    """A set's fingerprint; `seal` (sealing.Seal) has the key. Allocates only when it is made."""

    def __init__(self, seal, value=bytes(SIZE)):
        self._seal = seal
        self._bits = bytearray(value)
        self._block = bytearray(SIZE)

    @property
    def value(self):
        """The fingerprint (16 bytes)."""
        return bytes(self._bits)

    def copy(self):
        """Return a copy."""
        return Fingerprint(self._seal, self._bits)

    def toggle(self, kind, number, sequence):
        """Add a record to the set, or remove it if it is in it."""
        struct.pack_into(ELEMENT, self._block, 0, kind, 0, number, sequence, 0, 0)
        self._seal.element(self._block)
        _xor(self._bits, self._block)


@micropython.viper
def _xor(bits, block):
    """XOR a block into `bits`, both 16 bytes."""
    words = ptr32(bits)
    others = ptr32(block)
    for at in range(4):
        words[at] = words[at] ^ others[at]
