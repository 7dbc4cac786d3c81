"""The archive: a table, then all units one after the other, each with a checksum.

The last one is no unit but a list of the methods that were moved out of their classes: for
each the CRC-32 of "Class.method" and the number of its unit (4 and 2 bytes).

What reads it is firmware/units.py. A header of 16 bytes: b"OTKU", the format, a zero,
the count of units (2 bytes), and the first 8 bytes of the SHA-256 of all that follows, by
which main.py knows its own archive. Then for each unit offset, length and CRC-32 (4 bytes
each; the highest bit of the length says that it stays in memory). Numbers are big-endian.

What is loaded oftenest lies last, the first unit at the very end: a file of littlefs is a list of
blocks that begins at its end, so that what lies there takes fewer reads to get at.
"""

import binascii
import hashlib
import struct
from collections.abc import Sequence

from tokenctl.release.program import BuildError

MAGIC = b"OTKU"
FORMAT = 1
IDENTITY = 8  # bytes
_HEADER = ">4sBxH8s"
_ENTRY = ">III"
_METHOD = ">IH"
_STAYS = 1 << 31


def pack(
    units: list[tuple[bytes, bool]], methods: dict[str, int], use: Sequence[int] = ()
) -> bytes:
    """Return the archive of these units, given as their bytes and whether they stay in memory.

    `methods` are the numbers of their units, by "Class.method". What has the most `use` lies last:
    littlefs finds the end of a file with the fewest reads. Raises BuildError.
    """
    units = [*units, (_list(methods), False)]
    often = [*use, *[0] * (len(units) - len(use))]
    order = sorted(range(len(units)), key=lambda each: (often[each], -each))
    start = struct.calcsize(_HEADER) + struct.calcsize(_ENTRY) * len(units)
    entries, content = [b""] * len(units), b""
    for number in order:
        data, stays = units[number]
        length = len(data) | (_STAYS if stays else 0)
        entries[number] = struct.pack(_ENTRY, start, length, binascii.crc32(data))
        start, content = start + len(data), content + data
    content = b"".join(entries) + content
    identity = hashlib.sha256(content).digest()[:IDENTITY]
    return struct.pack(_HEADER, MAGIC, FORMAT, len(units), identity) + content


def identity(archive: bytes) -> bytes:
    """Return the bytes by which main.py recognises an archive."""
    return archive[8 : 8 + IDENTITY]


def _list(methods: dict[str, int]) -> bytes:
    keys = {binascii.crc32(each.encode()): number for each, number in methods.items()}
    if len(keys) != len(methods):
        raise BuildError("two methods have the same checksum: rename one")
    return b"".join(struct.pack(_METHOD, *each) for each in sorted(keys.items()))
