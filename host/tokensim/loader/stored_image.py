"""An image in the flash, as the chip's ROM and ESP-IDF's boot loader see it before they start it.

ESP-IDF, "App Image Format": a header of 24 bytes, segments of 8 bytes and their data, a checksum in
the last byte of a block of 16, and a SHA-256 of all that. The flash size in the boot loader's
header must not be larger than the flash (esp_flash_init_default_chip).
"""

import hashlib
import struct
from collections.abc import Callable

Read = Callable[[int, int], bytes]  # address, length

_MAGIC = 0xE9
_HEADER, _SEGMENT, _DIGEST = 24, 8, 32  # bytes
_SEGMENTS_MAX = 16
_CHIP_IDS = {"esp32": 0, "esp32s2": 2, "esp32c3": 5, "esp32s3": 9}
_SMALLEST = 1024 * 1024  # bytes


def is_there(read: Read, address: int) -> bool:
    """Return whether an image begins at `address`."""
    return read(address, 1)[0] == _MAGIC


def fault(read: Read, address: int, chip: str, flash_size: int) -> str | None:
    """Return why the image at `address` does not start, as in "it is damaged", or None."""
    header = read(address, _HEADER)
    if int.from_bytes(header[12:14], "little") != _CHIP_IDS[chip]:
        return "for another chip"
    if not _is_whole(read, address, header[1], flash_size):
        return "damaged"
    return None


def needs(read: Read, address: int) -> int:
    """Return for how many bytes of flash the image is."""
    return _SMALLEST << (read(address, _HEADER)[3] >> 4)


def _is_whole(read: Read, address: int, segments: int, flash_size: int) -> bool:
    """Return whether the image ends with the hash of what is before it."""
    length = _HEADER
    if segments > _SEGMENTS_MAX:
        return False
    for _ in range(segments):
        if address + length + _SEGMENT > flash_size:
            return False
        _loads_at, size = struct.unpack("<II", read(address + length, _SEGMENT))
        length += _SEGMENT + size
    length += 16 - length % 16
    if address + length + _DIGEST > flash_size:
        return False
    return hashlib.sha256(read(address, length)).digest() == read(address + length, _DIGEST)
