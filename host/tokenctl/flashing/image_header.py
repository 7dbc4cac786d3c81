"""The header of a chip's image: for how much flash it is, and for which revisions of the chip.

ESP-IDF, "App Image Format": 24 bytes, of which byte 3 has the flash size in its upper half, and
bytes 15 to 18 the oldest and the newest revision (major * 100 + minor). ESP-IDF takes the size from
the boot loader's header, and does not start on a chip with less ("Probe failed"); its boot loader
refuses an image for other revisions.
"""

import hashlib
import struct
from typing import NamedTuple

_SIZE_AT = 3
_SMALLEST = 1024 * 1024  # bytes, for a 0 in the upper half of that byte
_REVISIONS_AT = 15
_DIGEST = 32  # bytes, at the end
_ANY = (0, 0xFFFF)  # what stands there for "no newest one"


class Revisions(NamedTuple):
    """The chip revisions that an image runs on, the newest included; None for no limit."""

    oldest: int
    newest: int | None

    def has(self, revision: int) -> bool:
        """Return whether it runs on this one."""
        return self.oldest <= revision and (self.newest is None or revision <= self.newest)


def flash_size(image: bytes) -> int:
    """Return for how many bytes of flash an image is."""
    return _SMALLEST << (image[_SIZE_AT] >> 4)


def fitted(image: bytes, size: int) -> bytes:
    """Return an image that ends with its hash, for a flash of `size` bytes, a power of two.

    One for a smaller flash stays as it is: it uses as much of a larger one.
    """
    if flash_size(image) <= size:
        return image
    number = (size // _SMALLEST).bit_length() - 1
    changed = bytearray(image[:-_DIGEST])
    changed[_SIZE_AT] = number << 4 | changed[_SIZE_AT] & 0x0F
    return bytes(changed) + hashlib.sha256(changed).digest()


def revisions(image: bytes) -> Revisions:
    """Return the revisions of the chip that an image is for."""
    oldest, newest = struct.unpack_from("<HH", image, _REVISIONS_AT)
    return Revisions(oldest, None if newest in _ANY else newest)


def named(revision: int) -> str:
    """Return a chip revision as Espressif writes it: 301 is v3.1."""
    return f"v{revision // 100}.{revision % 100}"
