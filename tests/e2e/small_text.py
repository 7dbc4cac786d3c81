"""Looks for small text on a screen: in MicroPython's built-in letters, and an m of our own."""

import json
import subprocess
import sysconfig
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

SIZE = 8  # pixels, each way, of a letter
_M = (".######.", ".##.#.##", ".##.#.##", ".##.#.##", ".##.#.##")  # ours, from its row 2 on
_DRAW = """
import framebuf, json
letters = "".join(chr(each) for each in range(32, 127))
width = 8 * len(letters)
picture = framebuf.FrameBuffer(bytearray(width), width, 8, framebuf.MONO_VLSB)
picture.text(letters, 0, 0)
print(json.dumps([[picture.pixel(x, y) for x in range(width)] for y in range(8)]))
"""


@cache
def _letters(own: bool) -> dict[str, list[bytes]]:
    """Return the rows of each letter of ASCII, drawn by MicroPython; `own` has our m."""
    micropython = Path(sysconfig.get_path("scripts")) / "micropython"
    run = subprocess.run([micropython, "-c", _DRAW], capture_output=True, text=True, check=True)
    rows = [bytes(row) for row in json.loads(run.stdout)]
    found = {
        chr(32 + at // SIZE): [row[at : at + SIZE] for row in rows]
        for at in range(0, len(rows[0]), SIZE)
    }
    if own:
        m = [bytes(mark == "#" for mark in row) for row in _M]
        found["m"] = [*[bytes(SIZE)] * 2, *m, bytes(SIZE)]
    return found


@cache
def drawn(text: str, own: bool = True) -> list[bytes]:
    """Return the rows of a text's picture; `own` has our m in it."""
    letters = _letters(own)
    return [b"".join(letters[each][row] for each in text) for row in range(SIZE)]


def shows(pixels: Iterable[Sequence[int]], text: str, own: bool = True) -> bool:
    """Tell whether the text is on a screen (rows of 0 and 1); `own`: with our m."""
    letters = drawn(text, own)
    # A picture that has moved by a pixel lacks the empty first column of its letters.
    rows = [bytes([0, *row, 0]) for row in pixels]
    fullest = max(range(SIZE), key=lambda line: sum(letters[line]))  # is in the fewest places
    for top in range(len(rows) - SIZE + 1):
        x = rows[top + fullest].find(letters[fullest])
        while x >= 0:
            if all(rows[top + line].startswith(letters[line], x) for line in range(SIZE)):
                return True
            x = rows[top + fullest].find(letters[fullest], x + 1)
    return False
