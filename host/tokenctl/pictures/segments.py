"""The content of a QR code's data: runs of bytes, and its place among several codes.

(ISO/IEC 18004:2015, 7.4: modes; 8: structured append. GB/T 18284: Chinese characters.)
"""

from dataclasses import dataclass

from tokenctl.pictures.symbol import Unreadable

_ALPHANUMERIC = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
# Extended Channel Interpretations (AIM), as Python names the character sets.
_SETS = {
    **dict(enumerate(("cp437", "latin-1", "cp437", "latin-1"))),
    **{number: f"iso8859-{number - 2}" for number in range(4, 19) if number != 14},
    20: "shift_jis",
    **{21 + place: f"cp125{digit}" for place, digit in enumerate("0126")},
    25: "utf-16-be",
    26: "utf-8",
    27: "ascii",
    28: "big5",
    29: "gb18030",
    30: "euc-kr",
    31: "gbk",
    32: "gb18030",
    33: "utf-16-le",
    34: "utf-32-be",
    35: "utf-32-le",
    170: "ascii",
}
ASCII, KANJI, HANZI = "ascii", "shift_jis", "gb2312"


@dataclass(frozen=True)
class Run:
    """Bytes in one character set; None if the code does not declare it."""

    charset: str | None
    data: bytes


@dataclass(frozen=True)
class Place:
    """Where a code stands in a set: `index` from 0, of `total`; `parity` is that of the set."""

    index: int
    total: int
    parity: int


@dataclass(frozen=True)
class Content:
    """The content of one code; `place` is None if it stands alone."""

    runs: tuple[Run, ...]
    place: Place | None = None


class _Bits:
    """Reads numbers of so many bits from the front."""

    def __init__(self, data: bytes) -> None:
        self._data = int.from_bytes(data, "big")
        self.left = 8 * len(data)

    def take(self, count: int) -> int:
        if count > self.left:
            raise Unreadable
        self.left -= count
        return self._data >> self.left & (1 << count) - 1


def content(data: bytes, version: int) -> Content:
    """Return the content of the data codewords of a code of this version; raise Unreadable."""
    bits = _Bits(data)
    group = 0 if version < 10 else 1 if version < 27 else 2
    place: Place | None = None
    charset: str | None = None
    runs: list[Run] = []
    while bits.left >= 4 and (mode := bits.take(4)):
        if mode == 3 and place is None and not runs:
            index, last = bits.take(4), bits.take(4)
            place = Place(index, last + 1, bits.take(8))
            if index > last:
                raise Unreadable
        elif mode == 7:
            charset = _designated(bits)
        elif mode == 5:  # FNC1 in first position: no data
            continue
        elif mode == 9:  # in second position, with the application's number
            bits.take(8)
        elif mode in _MODES:
            read, sizes = _MODES[mode]
            if mode == 13:
                bits.take(4)  # the subset: there is one
            run = read(bits, bits.take(sizes[group]))
            runs.append(Run(charset, run.data) if mode == 4 else run)
        else:
            raise Unreadable
    return Content(_joined(runs), place)


def _joined(runs: list[Run]) -> tuple[Run, ...]:
    """Return the runs with neighbours of one set as one: a character may stand across both."""
    found: list[Run] = []
    for run in runs:
        if found and found[-1].charset == run.charset:
            found[-1] = Run(run.charset, found[-1].data + run.data)
        else:
            found.append(run)
    return tuple(found)


def joined(contents: list[Content]) -> tuple[Run, ...]:
    """Return the runs of several codes as if they were one."""
    return _joined([run for each in contents for run in each.runs])


def _designated(bits: _Bits) -> str:
    """Return the character set of an ECI: one to three bytes say its number."""
    first = bits.take(8)
    if first < 0x80:
        number = first
    elif first < 0xC0:
        number = (first & 0x3F) << 8 | bits.take(8)
    else:
        number = (first & 0x1F) << 16 | bits.take(16)
    if number not in _SETS:
        raise Unreadable
    return _SETS[number]


def _numeric(bits: _Bits, count: int) -> Run:
    digits: list[str] = []
    while count:
        size = min(count, 3)
        number = bits.take((4, 7, 10)[size - 1])
        if number >= 10**size:
            raise Unreadable
        digits.append(f"{number:0{size}}")
        count -= size
    return Run(ASCII, "".join(digits).encode())


def _alphanumeric(bits: _Bits, count: int) -> Run:
    found = bytearray()
    while count:
        size = min(count, 2)
        number = bits.take((6, 11)[size - 1])
        if number >= 45**size:
            raise Unreadable
        found += bytes(_ALPHANUMERIC[each] for each in divmod(number, 45)[2 - size :])
        count -= size
    return Run(ASCII, bytes(found))


def _bytes(bits: _Bits, count: int) -> Run:
    return Run(None, bits.take(8 * count).to_bytes(count, "big"))


def _kanji(bits: _Bits, count: int) -> Run:
    found = bytearray()
    for _ in range(count):
        high, low = divmod(bits.take(13), 0xC0)
        code = (high << 8 | low) + (0x8140 if high < 0x1F else 0xC140)
        found += code.to_bytes(2, "big")
    return Run(KANJI, bytes(found))


def _hanzi(bits: _Bits, count: int) -> Run:
    found = bytearray()
    for _ in range(count):
        high, low = divmod(bits.take(13), 0x60)
        code = (high << 8 | low) + (0xA1A1 if high < 0x0A else 0xA6A1)
        found += code.to_bytes(2, "big")
    return Run(HANZI, bytes(found))


# By mode: how it is read, and how many bits count its characters, by group of versions.
_MODES = {
    1: (_numeric, (10, 12, 14)),
    2: (_alphanumeric, (9, 11, 13)),
    4: (_bytes, (8, 16, 16)),
    8: (_kanji, (8, 10, 12)),
    13: (_hanzi, (8, 10, 12)),
}
