"""The layout of the flash: our partition table, as ESP-IDF's boot loader reads it.

A table is rows of 32 bytes, then a row with the MD5 of those before it, filled with
ones to TABLE_SIZE (ESP-IDF, "Partition Tables", and its gen_esp32part.py). All rows
lie within the first 4 MB, so that every board has the same table: MicroPython looks
for a row named vfs, and makes up none behind the last row when it finds it.
"""

import hashlib
import struct
from dataclasses import dataclass

TABLE_OFFSET = 0x8000
TABLE_SIZE = 0xC00
FLASH_MIN = 4 * 1024 * 1024  # bytes
SECTOR = 4096

_APP, _DATA = 0, 1
_ROW = "<2sBBII16sI"  # magic, type, subtype, offset, size, label, flags
_ROW_SIZE = 32
_MAGIC = b"\xaa\x50"
_MD5_ROW = b"\xeb\xeb" + b"\xff" * 14


class NoTable(Exception):
    """These bytes are not a partition table."""


@dataclass(frozen=True)
class Row:
    """A partition: offset and size are in bytes."""

    label: str
    type: int
    subtype: int
    offset: int
    size: int

    @property
    def end(self) -> int:
        """The first byte after it."""
        return self.offset + self.size


FACTORY = Row("factory", _APP, 0x00, 0x10000, 0x270000)  # MicroPython
VAULT = Row("vault", _DATA, 0x40, 0x280000, 0x80000)  # the accounts: never written from here
# Our firmware, a littlefs: room for two of them, so that a new one can be written beside the old.
VFS = Row("vfs", _DATA, 0x81, 0x300000, 0xC0000)
ROWS = (
    Row("nvs", _DATA, 0x02, 0x9000, 0x6000),
    Row("phy_init", _DATA, 0x01, 0xF000, 0x1000),
    FACTORY,
    VFS,
    VAULT,
)


def table(rows: tuple[Row, ...] = ROWS) -> bytes:
    """Return the partition table with these rows, TABLE_SIZE bytes."""
    packed = b"".join(
        struct.pack(_ROW, _MAGIC, r.type, r.subtype, r.offset, r.size, r.label.encode(), 0)
        for r in rows
    )
    packed += _MD5_ROW + hashlib.md5(packed).digest()
    return packed.ljust(TABLE_SIZE, b"\xff")


def parse(data: bytes) -> tuple[Row, ...]:
    """Return the rows of a partition table; raise NoTable. A table need not have an MD5."""
    rows: list[Row] = []
    for place in range(0, len(data) - _ROW_SIZE + 1, _ROW_SIZE):
        row = data[place : place + _ROW_SIZE]
        if row == b"\xff" * _ROW_SIZE:
            break
        if row[:16] == _MD5_ROW:
            if row[16:] != hashlib.md5(data[:place]).digest():
                raise NoTable("its MD5 is wrong")
            break
        magic, kind, subtype, offset, size, label, _ = struct.unpack(_ROW, row)
        if magic != _MAGIC:
            raise NoTable("a row has no magic number")
        name = label.partition(b"\0")[0].decode("ascii", "replace")
        rows.append(Row(name, kind, subtype, offset, size))
    if not rows:
        raise NoTable("it has no rows")
    return tuple(rows)
