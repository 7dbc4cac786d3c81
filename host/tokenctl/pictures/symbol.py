"""The data of a QR code from its modules, as they were sampled, errors and all.

What a decoder returns as text no longer says which of several codes it is, nor in
which character set it was; the codewords do. (ISO/IEC 18004:2015: layout 6.3, masks
7.8.2, blocks table 9.)
"""

from collections.abc import Iterator
from typing import TypeAlias

from tokenctl.pictures.reed_solomon import TooDamaged, corrected

Modules: TypeAlias = "list[bytes]"  # rows, 1 for dark

# By version from 1 on: codewords of checks in a block, and the number of blocks.
_CHECKS = {
    "L": "7 10 15 20 26 18 20 24 30 18 20 24 26 30 22 24 28 30 28 28 28 28 30 30 26 28 30 30 30 30"
    " 30 30 30 30 30 30 30 30 30 30",
    "M": "10 16 26 18 24 16 18 22 22 26 30 22 22 24 24 28 28 26 26 26 26 28 28 28 28 28 28 28 28 28"
    " 28 28 28 28 28 28 28 28 28 28",
    "Q": "13 22 18 26 18 24 18 22 20 24 28 26 24 20 30 24 28 28 26 30 28 30 30 30 30 28 30 30 30 30"
    " 30 30 30 30 30 30 30 30 30 30",
    "H": "17 28 22 16 22 28 26 26 24 28 24 28 22 24 24 30 28 28 26 28 30 24 30 30 30 30 30 30 30 30"
    " 30 30 30 30 30 30 30 30 30 30",
}
_BLOCKS = {
    "L": "1 1 1 1 1 2 2 2 2 4 4 4 4 4 6 6 6 6 7 8 8 9 9 10 12 12 12 13 14 15 16 17 18 19 19 20 21"
    " 22 24 25",
    "M": "1 1 1 2 2 4 4 4 5 5 5 8 9 9 10 10 11 13 14 16 17 17 18 20 21 23 25 26 28 29 31 33 35 37"
    " 38 40 43 45 47 49",
    "Q": "1 1 2 2 4 4 6 6 8 8 8 10 12 16 12 17 16 18 21 20 23 23 25 27 29 34 34 35 38 40 43 45 48"
    " 51 53 56 59 62 65 68",
    "H": "1 1 2 4 4 4 5 6 8 8 11 11 16 16 18 16 19 21 25 25 25 34 30 32 35 37 40 42 45 48 51 54 57"
    " 60 63 66 70 74 77 81",
}
_MASKS = (
    lambda x, y: (x + y) % 2 == 0,
    lambda x, y: y % 2 == 0,
    lambda x, y: x % 3 == 0,
    lambda x, y: (x + y) % 3 == 0,
    lambda x, y: (y // 2 + x // 3) % 2 == 0,
    lambda x, y: x * y % 2 + x * y % 3 == 0,
    lambda x, y: (x * y % 2 + x * y % 3) % 2 == 0,
    lambda x, y: ((x + y) % 2 + x * y % 3) % 2 == 0,
)


class Unreadable(Exception):
    """The modules do not form a known QR code, or too many are wrong."""


def data_of(modules: Modules, level: str, mask: int) -> bytes:
    """Return the data codewords of a code with this level ("L") and mask; raise Unreadable.

    The code may be mirrored.
    """
    size = len(modules)
    version, rest = divmod(size - 17, 4)
    if rest or not 1 <= version <= 40 or any(len(row) != size for row in modules):
        raise Unreadable
    if level not in _BLOCKS or mask not in range(len(_MASKS)):
        raise Unreadable
    for seen in (modules, [bytes(column) for column in zip(*modules, strict=True)]):
        try:
            return _corrected(_codewords(seen, version, mask), version, level)
        except TooDamaged:
            continue
    raise Unreadable


def alignment_places(version: int) -> list[int]:
    """Return the rows, and columns, of the alignment patterns' centres (table E.1)."""
    if version == 1:
        return []
    steps = version // 7 + 1
    apart = -(-(4 * version + 4) // steps)
    apart = 26 if version == 32 else apart + apart % 2
    last = 4 * version + 10
    return [6, *(last - apart * each for each in range(steps - 1, -1, -1))]


def _codewords(modules: Modules, version: int, mask: int) -> bytes:
    """Return all codewords in the order of the code."""
    hides = _MASKS[mask]
    value = count = 0
    found = bytearray()
    for x, y in _path(version):
        value = value << 1 | (modules[y][x] ^ hides(x, y))
        count += 1
        if count == 8:
            found.append(value)
            value = count = 0
    return bytes(found)


def _path(version: int) -> Iterator[tuple[int, int]]:
    """Yield the places of the data's modules: pairs of columns, up and down, from the right."""
    size = 17 + 4 * version
    taken = _patterns(version)
    upwards = True
    right = size - 1
    while right > 0:
        if right == 6:  # the timing pattern's column is no part of a pair
            right -= 1
        for step in range(size):
            y = size - 1 - step if upwards else step
            for x in (right, right - 1):
                if not taken[y][x]:
                    yield x, y
        upwards = not upwards
        right -= 2


def _patterns(version: int) -> list[bytearray]:
    """Return which modules belong to patterns, not to data."""
    size = 17 + 4 * version
    taken = [bytearray(size) for _ in range(size)]

    def take(left: int, top: int, width: int, height: int) -> None:
        for row in taken[top : top + height]:
            row[left : left + width] = b"\1" * width

    take(0, 0, 9, 9)  # the finders, with what surrounds them and the format
    take(size - 8, 0, 8, 9)
    take(0, size - 8, 9, 8)
    take(0, 6, size, 1)
    take(6, 0, 1, size)
    places = alignment_places(version)
    for y in places:
        for x in places:
            if (x, y) not in ((6, 6), (6, places[-1]), (places[-1], 6)):
                take(x - 2, y - 2, 5, 5)
    if version >= 7:
        take(size - 11, 0, 3, 6)
        take(0, size - 11, 6, 3)
    return taken


def _corrected(codewords: bytes, version: int, level: str) -> bytes:
    """Return the data of all blocks, which stand in each other; the last are one longer."""
    checks = int(_CHECKS[level].split()[version - 1])
    count = int(_BLOCKS[level].split()[version - 1])
    short, longer = divmod(len(codewords), count)
    sizes = [short - checks + (number >= count - longer) for number in range(count)]
    blocks = [bytearray() for _ in range(count)]
    places = iter(codewords)
    for index in range(max(sizes)):
        for block, size in zip(blocks, sizes, strict=True):
            if index < size:
                block.append(next(places))
    for _ in range(checks):
        for block in blocks:
            block.append(next(places))
    return b"".join(corrected(bytes(block), checks) for block in blocks)
