"""Reads the code off the OLED, as a person would: by the shapes of its large characters."""

import runpy
from collections.abc import Sequence
from pathlib import Path

_LOW = 32  # rows of a panel whose faces are in glyphs32
_NAMES = ("WIDE", "TALL", "SMALL", "LETTERS")


class NoCode(Exception):
    """The screen shows no large code."""


class CodeReader:
    """Knows the large faces of a firmware. `firmware` is its folder."""

    def __init__(self, firmware: Path) -> None:
        folder = firmware / "tokenfw"
        self._faces = _faces(folder / "glyphs.py")
        self._low_faces = _faces(folder / "glyphs32.py")

    def read(self, pixels: Sequence[Sequence[int]]) -> str:
        """Return the code on the screen (rows of 0 and 1) without its blanks; raise NoCode."""
        columns = [tuple(row[x] for row in pixels) for x in range(len(pixels[0]))]
        best = ""
        for shapes in self._low_faces if len(pixels) <= _LOW else self._faces:
            height = len(next(iter(shapes))[0])
            for top in range(len(pixels) - height + 1):
                best = max(best, _read_line(columns, top, height, shapes), key=len)
        if not best:
            raise NoCode("the screen shows no code")
        return best


_Shape = tuple[tuple[int, ...], ...]  # columns of pixels, from the top


def _faces(module: Path) -> list[dict[_Shape, str]]:
    glyphs = runpy.run_path(str(module))
    return [_shapes(*glyphs[name]) for name in _NAMES]


def _shapes(width: int, height: int, characters: str, data: bytes) -> dict[_Shape, str]:
    """Return the pictures of a face, as columns; `data` is in the panel's layout."""
    pages = (height + 7) // 8
    found: dict[_Shape, str] = {}
    for number, character in enumerate(characters):
        cell = data[number * width * pages : (number + 1) * width * pages]
        found[
            tuple(
                tuple(cell[y // 8 * width + x] >> y % 8 & 1 for y in range(height))
                for x in range(width)
            )
        ] = character
    return found


def _read_line(
    columns: list[tuple[int, ...]], top: int, height: int, shapes: dict[_Shape, str]
) -> str:
    width = len(next(iter(shapes)))
    band = [column[top : top + height] for column in columns]
    text, x = "", 0
    while x + width <= len(band):
        character = shapes.get(tuple(band[x : x + width]))
        text += character or ""
        x += width if character else 1
    return text
