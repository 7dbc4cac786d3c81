# ruff: noqa: F821  (ptr32 is viper's)
# pyright: reportUndefinedVariable=false, reportArgumentType=false
"""The fingerprint of the set of living records: 16 bytes that say which ones there are.

The XOR of a keyed pseudo-random block for each (kind, id, sequence). Each record
keeps the fingerprint as it was when it was written, sealed, and so the newest one
tells whether a record has gone, or come back, that should not have. It is the same
in whatever order records come and wherever they lie, so that compaction keeps it.
"""

import struct

import micropython

SIZE = 16
_ELEMENT = ">BBHIII"  # kind, 0, id, sequence, 0, 0


class Fingerprint:
    """A set's fingerprint; `seal` (sealing.Seal) has the key. Memory is taken once."""

    def __init__(self, seal, value=bytes(SIZE)):
        self._seal = seal
        self._bits = bytearray(value)
        self._block = bytearray(SIZE)

    @property
    def value(self):
        """The fingerprint as bytes."""
        return bytes(self._bits)

    def copy(self):
        """Return another one of the same set."""
        return Fingerprint(self._seal, self._bits)

    def toggle(self, kind, number, sequence):
        """Add a record to the set, or take it out of it."""
        struct.pack_into(_ELEMENT, self._block, 0, kind, 0, number, sequence, 0, 0)
        self._seal.element(self._block)
        _xor(self._bits, self._block)


@micropython.viper
def _xor(bits, block):
    """XOR a block into `bits`, both of 16 bytes."""
    words = ptr32(bits)
    others = ptr32(block)
    for at in range(4):
        words[at] = words[at] ^ others[at]
