"""Looks for small text on a screen: in the letters that MicroPython has built in."""

import json
import subprocess
import sysconfig
from functools import cache
from pathlib import Path

_DRAW = """
import sys, json, framebuf
text = sys.argv[1]
width = 8 * len(text)
picture = framebuf.FrameBuffer(bytearray(width), width, 8, framebuf.MONO_VLSB)
picture.text(text, 0, 0)
print(json.dumps([[picture.pixel(x, y) for x in range(width)] for y in range(8)]))
"""


@cache
def drawn(text):
    """Return the rows of a text's picture."""
    micropython = Path(sysconfig.get_path("scripts")) / "micropython"
    script = ["-c", _DRAW, text]
    run = subprocess.run([micropython, *script], capture_output=True, text=True, check=True)
    return json.loads(run.stdout)


def shows(pixels, text):
    """Tell whether the text is on a screen (rows of 0 and 1)."""
    letters = drawn(text)
    width = len(letters[0])
    # A picture that has moved by a pixel lacks the empty first column of its letters.
    rows = [[0, *map(int, row), 0] for row in pixels]
    return any(
        all(rows[y + line][x : x + width] == letters[line] for line in range(8))
        for y in range(len(rows) - 7)
        for x in range(len(rows[0]) - width + 1)
    )
