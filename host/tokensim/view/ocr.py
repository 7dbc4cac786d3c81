"""Reads the code on the OLED by the shapes of its large characters."""

import runpy
from collections.abc import Sequence
from functools import cache
from pathlib import Path

_LOW = 32  # rows of the panels whose faces are in glyphs32
_NAMES = ("WIDE", "TALL", "SMALL", "LETTERS")


class NoCode(Exception):
    """The screen shows no large code."""


class CodeReader:
    """Reads codes in the large faces of the firmware in the folder `firmware`."""

    def __init__(self, firmware: Path) -> None:
        folder = firmware / "tokenfw" / "display"
        self._faces = _faces(folder / "glyphs.py")
        self._low_faces = _faces(folder / "glyphs32.py")

    def read(self, pixels: Sequence[Sequence[int]]) -> str:
        """Return the code on the screen (rows of 0 and 1), without gaps; raise NoCode."""
        columns = [_bits([row[x] for row in pixels]) for x in range(len(pixels[0]))]
        best = ""
        for face in self._low_faces if len(pixels) <= _LOW else self._faces:
            for top in range(len(pixels) - face.height + 1):
                best = max(best, face.read_line(columns, top), key=len)
        if not best:
            raise NoCode("the screen shows no code")
        return best


def _bits(column: Sequence[int]) -> int:
    """Return a column of pixels as a number, the lowest bit on top."""
    return sum(1 << y for y, lit in enumerate(column) if lit)


class _Face:
    """A face: the pictures of its characters as columns of bits; `data` is in MONO_VLSB."""

    def __init__(self, width: int, height: int, characters: str, data: bytes) -> None:
        self.height = height
        self._width = width
        self._shapes: dict[tuple[int, ...], str] = {}
        pages = (height + 7) // 8
        for number, character in enumerate(characters):
            cell = data[number * width * pages : (number + 1) * width * pages]
            shape = tuple(
                sum(cell[page * width + x] << 8 * page for page in range(pages))
                for x in range(width)
            )
            self._shapes[shape] = character
        self._middle = width // 2  # where no character is empty
        self._middles = {shape[self._middle] for shape in self._shapes}

    def read_line(self, columns: Sequence[int], top: int) -> str:
        """Return the characters whose top is in the row `top`."""
        mask = (1 << self.height) - 1
        band = [column >> top & mask for column in columns]
        if self._middles.isdisjoint(band):  # most of the time
            return ""
        text, x = "", 0
        while x + self._width <= len(band):
            character = ""
            if band[x + self._middle] in self._middles:
                character = self._shapes.get(tuple(band[x : x + self._width]), "")
            text += character
            x += self._width if character else 1
        return text


@cache
def _faces(module: Path) -> list[_Face]:
    glyphs = runpy.run_path(str(module))
    return [_Face(*glyphs[name]) for name in _NAMES]
