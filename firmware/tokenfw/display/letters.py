"""Letters beyond ASCII, composed of the built-in font's letters and marks (see letterforms.py).

Latin-1, Latin Extended-A and a few more. Capitals and other tall letters are squeezed
to make room for a mark above. Any other character is drawn as a box. A picture is
eight columns wide and nine rows high: marks below extend one row below the built-in
font.
"""

import framebuf
from micropython import const

from otpcore.characters import characters
from tokenfw.display import letterforms as forms

_ABOVE = len(forms.ABOVE) // 8  # marks from this number on are below
_REMEMBERED = const(32)  # pictures, which are slow to make: a screen has two lines of 16 letters
_BOX = b"\x00\x7f\x41\x41\x41\x41\x7f\x00"


def composed(text):
    """Return `text` with combining marks composed with the letter before them.

    A mark that cannot be composed stays a character of its own.
    """
    if not any("\u0300" <= character <= "\u036f" for character in characters(text)):
        return text
    done = []
    for character in characters(text):
        whole = _joined(done[-1], character) if done else ""
        if whole:
            done[-1] = whole
        else:
            done.append(character)
    return "".join(done)


def _joined(letter, mark):
    """Return letter and mark composed to one character; "" if there is none."""
    number = forms.MARKS.find(mark) + 1
    if number and letter < "\x7f":
        pairs, base = forms.PAIRS, ord(letter)
        for at in range(0, len(pairs), 2):
            if pairs[at] == base and pairs[at + 1] == number:
                at = at // 2 + forms.FIRST
                if at < forms.END:
                    return bytes((0xC0 | at >> 6, 0x80 | at & 0x3F)).decode()  # chr() keeps memory
                at -= forms.END
                return forms.FURTHER[at : at + 1]
    return ""


def _pair(character):
    """Return the index in PAIRS of the character, or -1."""
    code = ord(character)
    if forms.FIRST <= code < forms.END:
        return 2 * (code - forms.FIRST)
    at = forms.FURTHER.find(character)
    return 2 * (at + forms.END - forms.FIRST) if at >= 0 else -1


class Letters:
    """Makes one picture at a time in a frame buffer, and caches those of a screen."""

    def __init__(self):
        self._columns = bytearray(16)  # of rows 0 to 7, then of row 8
        self._picture = framebuf.FrameBuffer(self._columns, 8, 9, framebuf.MONO_VLSB)
        self._made = {}  # character -> its columns

    def picture(self, character, lit=1):
        """Return the FrameBuffer (8 x 9) with a character's picture, valid until the next call.

        Its strokes are `lit`, its background is not.
        """
        made = self._made.get(character)
        if made is None:
            if len(self._made) >= _REMEMBERED:
                self._made.clear()
            self._make(character)
            made = self._made[character] = bytes(self._columns)
        self._columns[:] = made
        if not lit:
            for x in range(16):
                self._columns[x] ^= 0xFF
        return self._picture

    def _make(self, character):
        self._picture.fill(0)
        own = forms.OWN.find(character)
        pair = _pair(character)
        if own >= 0:
            self._columns[:8] = forms.CELLS[8 * own : 8 * own + 8]
        elif pair >= 0 and forms.PAIRS[pair]:
            self._compose(forms.PAIRS[pair], forms.PAIRS[pair + 1] - 1)
        else:
            self._columns[:8] = _BOX

    def _compose(self, base, mark):
        """Draw a letter (its ASCII code) with a mark (its number, from 0)."""
        self._picture.text(chr(base), 0, 0)
        if mark < _ABOVE:
            self._squeeze(base, 3 if mark < forms.DEEP and base in forms.OPEN else 2)
            self._add(forms.ABOVE, 8 * mark, 8)
        else:
            self._add(forms.BELOW, 16 * (mark - _ABOVE), 16)

    def _add(self, pictures, at, count):
        columns = self._columns
        for x in range(count):
            columns[x] |= pictures[at + x]

    def _squeeze(self, base, top):
        """Squeeze the letter to begin in row `top`, 2 or 3; i and j lose their dots."""
        columns = self._columns
        keep = 0xFF << top
        low = base in forms.LOW
        tall = base not in b"ij" and any(column & 3 for column in columns)
        for x in range(8):
            column = columns[x]
            if tall and low:  # without row 2
                column = (column & 0x03) << 2 | (column & 0x78) << 1
            elif tall:  # without rows 1 and 5
                column = (column & 0x01) << 2 | (column & 0x1C) << 1 | column & 0x40
            columns[x] = column & keep
