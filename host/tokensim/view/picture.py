"""Pictures of a display as text, for terminals and golden files.

Pixels are rows of equal length, top first, of 0 (dark) and 1 (lit), as a chip
model's pixels() returns them.
"""

import shutil
import sys
from collections.abc import Sequence

Pixels = Sequence[Sequence[int]]

PLAIN, USUAL, LARGEST = 1, 4, 16  # scales: image pixels for a pixel, see photograph.py
BLOCKS = " ▀▄█"  # indexed by upper + 2 * lower pixel
_BRAILLE = 0x2800  # Unicode, chapter 21.1: dots 1 to 8
_DOTS = ((0, 3), (1, 4), (2, 5), (6, 7))  # bit numbers, two columns in four rows


def as_rows(pixels: Pixels) -> list[str]:
    """Return one string per row, `#` for lit and `.` for dark; raise ValueError if invalid."""
    return ["".join(".#"[pixel] for pixel in row) for row in checked(pixels)]


def as_text(pixels: Pixels) -> str:
    """Return the picture in half blocks, two rows per line, in a frame; ends with a newline.

    Raises ValueError if the pixels are invalid or their height is odd.
    """
    rows = checked(pixels)
    if len(rows) % 2:
        raise ValueError("two rows of pixels make a line of text: the height must be even")
    edge = "─" * len(rows[0])
    lines = [
        "│" + "".join(BLOCKS[up + 2 * low] for up, low in zip(upper, lower, strict=True)) + "│"
        for upper, lower in zip(rows[::2], rows[1::2], strict=True)
    ]
    return "\n".join([f"┌{edge}┐", *lines, f"└{edge}┘", ""])


def braille(pixels: Pixels) -> list[str]:
    """Return lines of braille, one for four rows of pixels, a character for two columns."""
    lines = []
    for top in range(0, len(pixels), 4):
        values = bytearray(len(pixels[0]) // 2)
        for row, (left, right) in zip(pixels[top : top + 4], _DOTS, strict=True):
            for place in range(len(values)):
                values[place] |= row[2 * place] << left | row[2 * place + 1] << right
        lines.append("".join(chr(_BRAILLE + value) for value in values))
    return lines


def from_text(text: str) -> list[bytes]:
    """Return the pixels of a text from as_text(); raise ValueError for any other text."""
    lines = text.strip("\n").split("\n")
    top, bottom, lines = lines[0], lines[-1], lines[1:-1]
    edge = "─" * (len(top) - 2)
    framed = all(line[:1] == line[-1:] == "│" and len(line) == len(top) for line in lines)
    if top != f"┌{edge}┐" or bottom != f"└{edge}┘" or not edge or not lines or not framed:
        raise ValueError("this text has no frame around a picture")
    rows: list[bytes] = []
    for line in lines:
        values = [BLOCKS.find(character) for character in line[1:-1]]
        if -1 in values:
            raise ValueError(f"a picture has only half blocks and spaces in it: {line}")
        rows.append(bytes(value & 1 for value in values))
        rows.append(bytes(value >> 1 for value in values))
    return rows


def for_width(pixels: Pixels, columns: int) -> str:
    """Return the picture in half blocks, or in braille if those are wider than `columns`."""
    if len(pixels[0]) + 2 <= columns:
        return as_text(pixels)
    return "\n".join([*braille(pixels), ""])


def as_printed(pixels: Pixels) -> str:
    """Return the picture for standard output: at a terminal that is too narrow in braille."""
    if not sys.stdout.isatty():
        return as_text(pixels)
    return for_width(pixels, shutil.get_terminal_size().columns)


def checked(pixels: Pixels) -> Pixels:
    """Return the pixels; raise ValueError unless they are rows of equal length of 0 and 1."""
    if not pixels or not pixels[0]:
        raise ValueError("a picture has at least one pixel")
    if any(len(row) != len(pixels[0]) for row in pixels):
        raise ValueError("the rows of a picture have the same length")
    if any(pixel not in (0, 1) for row in pixels for pixel in row):
        raise ValueError("a pixel is 0 or 1")
    return pixels
