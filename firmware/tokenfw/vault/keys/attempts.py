"""The count of PIN attempts, in the key sector: bits that are programmed one after the other.

Three fields and a blank rest, by their offsets from byte 2048 of the key sector:

       0  640  a bit for each attempt, programmed before the PIN is tried, so that a power cut
               cannot undo an attempt whose result is known
     640  640  a bit for each attempt that is forgiven: it was right, or a later one was
    1280  640  a bit for each attempt that a fault of the chip made void: nothing was compared
    1920  128  blank

A key sector lasts 5,056 attempts between two erases.
"""

from micropython import const

from tokenfw.vault.flash.faults import FlashFault
from tokenfw.vault.flash.nor import pieces

LIMIT = 10  # failures in a row, at which the vault is wiped
VOIDS = 16  # void attempts until one is right: further ones count as failures

_TRIED = const(2048)  # offsets in the sector
_FORGIVEN = const(2688)
_VOID = const(3328)
_FIELD = const(640)  # bytes
_SPARE = const(64)  # bits that are still free when the slot moves to the other sector
_STUCK = const(8)  # bits in a row that cannot be programmed: then the flash is taken as faulty


class Attempts:
    """The attempts in the key sector that begins at `start`, an address in `flash`."""

    def __init__(self, flash):
        self._flash = flash
        self.start = 0

    def failures(self):
        """Return how many attempts count as failures: not forgiven, and not void (up to VOIDS)."""
        count = self.unforgiven()
        return count - min(self._voids(), VOIDS) if count else 0

    def unforgiven(self):
        """Return how many attempts were not forgiven, including void ones."""
        used = (self._tried() + 7) // 8
        forgiven = self._field(_FORGIVEN, used)
        count = 0
        for tried in self._field(_TRIED, used):
            for one, other in zip(tried, next(forgiven)):  # noqa: B905 (MicroPython's has no strict)
                count += bin(~one & other & 0xFF).count("1")
        return count

    def _voids(self):
        """Return how many of the attempts that were not forgiven are void."""
        used = (self._tried() + 7) // 8
        forgiven, void = self._field(_FORGIVEN, used), self._field(_VOID, used)
        count = 0
        for tried in self._field(_TRIED, used):
            bits = zip(tried, next(forgiven), next(void))  # noqa: B905 (MicroPython's has no strict)
            for one, other, third in bits:
                count += bin(~one & other & ~third & 0xFF).count("1")
        return count

    def begin(self):
        """Count an attempt, before its PIN is tried. Raises FlashFault if that fails."""
        first = self._tried()
        for bit in range(first, min(first + _STUCK, 8 * _FIELD)):
            self._flash.program(self.start + _TRIED + bit // 8, bytes([0xFF >> bit % 8 >> 1]))
            if self._tried() > bit:
                return
        raise FlashFault

    def void(self):
        """Make the last attempt void: its PIN was not compared."""
        last = self._tried() - 1
        bit = bytes([0xFF ^ 0x80 >> last % 8])
        self._flash.program(self.start + _VOID + last // 8, bit)

    def forgive(self):
        """Forgive all attempts so far: the last one was right."""
        address = self.start + _FORGIVEN
        for tried in self._field(_TRIED, (self._tried() + 7) // 8):
            self._flash.program(address, tried)
            address += len(tried)

    def worn(self):
        """Return whether fewer than 64 bits are left."""
        return self._tried() > 8 * _FIELD - _SPARE

    def _tried(self):
        """Return how many bits are used; a bit that was skipped as stuck counts as an attempt."""
        behind = start = 0
        for data in self._field(_TRIED, _FIELD):
            used = data.rstrip(b"\xff")
            if used:
                behind = start + 8 * len(used)
                last = used[-1]
                while last & 1:
                    last >>= 1
                    behind -= 1
            start += 8 * len(data)
        return behind

    def _field(self, offset, size):
        """Yield the first `size` bytes of the field at `offset`, in pieces."""
        return pieces(self._flash, self.start + offset, size)
