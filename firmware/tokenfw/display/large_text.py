"""The characters of small text at double size, 16 columns and 18 rows each: see letters.py.

l, I and m have distinct shapes here, for texts that are copied letter by letter.
"""

import framebuf

from tokenfw.display.canvas import CELL

_OWN = {
    "l": b"\x00\x00\x3f\x7f\x40\x40\x20\x00",
    "I": b"\x00\x41\x41\x7f\x7f\x41\x41\x00",
    "m": b"\x00\x7c\x7c\x04\x7c\x04\x7c\x78",  # the built-in one looks like a capital
}


class LargeText:
    """Draws on `canvas`, one character at a time."""

    def __init__(self, canvas):
        self._fill = canvas.fill
        self._cell = bytearray(2 * CELL)  # columns of rows 0 to 7, then of row 8
        self._small = framebuf.FrameBuffer(self._cell, CELL, CELL + 1, framebuf.MONO_VLSB)
        self._letters = None  # the Letters, once a character beyond ASCII is drawn

    def draw(self, character, x, y, lit=1):
        """Draw a character with its top left corner at x, y; its background is left alone."""
        self._draw_small(character)
        for column in range(CELL):
            bits = self._cell[column] | self._cell[column + CELL] << 8
            row = 0
            while bits:
                begin = row
                while bits & 1:
                    bits >>= 1
                    row += 1
                if row > begin:
                    self._fill(x + 2 * column, y + 2 * begin, 2, 2 * (row - begin), lit)
                bits >>= 1
                row += 1

    def _draw_small(self, character):
        self._small.fill(0)
        if character in _OWN:
            self._cell[:CELL] = _OWN[character]
        elif character <= "~":
            self._small.text(character, 0, 0)
        else:
            if self._letters is None:
                from tokenfw.display.letters import Letters

                self._letters = Letters()
            self._small.blit(self._letters.picture(character), 0, 0)
