"""Small valid images, with the structure of MicroPython's official files, in 80 KB.

Written by ESP-IDF's "App Image Format": a header of 24 bytes, segments, a checksum
(0xEF XOR all bytes of the segments) in the last byte of a block of 16, and a SHA-256.
"""

import functools
import hashlib
import operator
import struct
from typing import Any

CHIP_IDS = {"esp32": 0, "esp32s2": 2, "esp32c3": 5, "esp32s3": 9}
BOOTLOADERS = {"esp32": 0x1000, "esp32s2": 0x1000, "esp32c3": 0, "esp32s3": 0}
LOADS_AT = {
    "esp32": 0x3F400020,
    "esp32s2": 0x3F000020,
    "esp32c3": 0x3C000020,
    "esp32s3": 0x3C000020,
}


def application(
    content: bytes, chip: str, megabytes: int = 4, revisions: tuple[int, int] = (0, 0xFFFF)
) -> bytes:
    """Return an image with one segment, for a flash and for revisions of the chip."""
    content += bytes(-len(content) % 4)
    size = (megabytes.bit_length() - 1) << 4
    header = struct.pack("<BBBBI", 0xE9, 1, 2, size, 0x40080000)
    header += struct.pack("<BBBBHBHHIB", 0xEE, 0, 0, 0, CHIP_IDS[chip], 0, *revisions, 0, 1)
    image = header + struct.pack("<II", LOADS_AT[chip], len(content)) + content
    image += bytes(15 - len(image) % 16)
    image += bytes([functools.reduce(operator.xor, content, 0xEF)])
    return image + hashlib.sha256(image).digest()


STOCK = "Generic ESP32 module with ESP32"


def banner(version: str, machine: str = STOCK) -> bytes:
    """Return the texts that MicroPython's program has for its prompt."""
    return f"MicroPython {version} on 2024-10-25\0; {machine}\0".encode()


def micropython(
    version: str = "v1.27.0",
    chip: str = "esp32",
    filling: bytes = b"",
    machine: str = STOCK,
    **header: Any,
) -> bytes:
    """Return a file like MicroPython's for a board, from the boot loader on."""
    bootloader = application(b"a boot loader " * 30, chip, **header)
    data = bootloader.ljust(0x8000 - BOOTLOADERS[chip], b"\xff")
    data += b"a table of its own, which must not be written".ljust(0x8000, b"\xff")
    return data + application(banner(version, machine) + filling, chip, **header)
