"""Looks for small text on a screen: in MicroPython's built-in letters, and an m of our own."""

import json
import subprocess
import sysconfig
from functools import cache
from pathlib import Path

_DRAW = """
import sys, json, framebuf
M = (".######.", ".##.#.##", ".##.#.##", ".##.#.##", ".##.#.##")  # from row 2 on
text, own = sys.argv[1], sys.argv[2] == "own"
width = 8 * len(text)
picture = framebuf.FrameBuffer(bytearray(width), width, 8, framebuf.MONO_VLSB)
picture.text(text.replace("m", " ") if own else text, 0, 0)
for place, letter in enumerate(text):
    for row, line in enumerate(M if own and letter == "m" else ()):
        for column, mark in enumerate(line):
            picture.pixel(8 * place + column, row + 2, mark == "#")
print(json.dumps([[picture.pixel(x, y) for x in range(width)] for y in range(8)]))
"""


@cache
def drawn(text, own):
    """Return the rows of a text's picture; `own` has our m in it."""
    micropython = Path(sysconfig.get_path("scripts")) / "micropython"
    script = ["-c", _DRAW, text, "own" if own else "built in"]
    run = subprocess.run([micropython, *script], capture_output=True, text=True, check=True)
    return json.loads(run.stdout)


def shows(pixels, text, own=True):
    """Tell whether the text is on a screen (rows of 0 and 1); `own`: with our m."""
    letters = drawn(text, own)
    width = len(letters[0])
    # A picture that has moved by a pixel lacks the empty first column of its letters.
    rows = [[0, *map(int, row), 0] for row in pixels]
    return any(
        all(rows[y + line][x : x + width] == letters[line] for line in range(8))
        for y in range(len(rows) - 7)
        for x in range(len(rows[0]) - width + 1)
    )
