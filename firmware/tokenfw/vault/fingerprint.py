"""The fingerprint of the set of living records: 16 bytes that say which ones there are.

The XOR of a keyed pseudo-random block for each (kind, id, sequence). Each record
keeps the fingerprint as it was when it was written, sealed, and so the newest one
tells whether a record has gone, or come back, that should not have. It is the same
in whatever order records come and wherever they lie, so that compaction keeps it.
"""

import struct

SIZE = 16
_ELEMENT = ">BxHI8x"  # kind, id, sequence


class Fingerprint:
    """A set's fingerprint, `value` (bytes); `seal` (sealing.Seal) has the key."""

    def __init__(self, seal, value=bytes(SIZE)):
        self._seal = seal
        self._bits = int.from_bytes(value, "big")

    @property
    def value(self):
        """The fingerprint as bytes."""
        return self._bits.to_bytes(SIZE, "big")

    def copy(self):
        """Return another one of the same set."""
        return Fingerprint(self._seal, self.value)

    def toggle(self, kind, number, sequence):
        """Add a record to the set, or take it out of it."""
        element = struct.pack(_ELEMENT, kind, number, sequence)
        self._bits ^= int.from_bytes(self._seal.element(element), "big")
