"""Text from outside, made safe for a terminal and for JSON: nothing in it is obeyed or invisible.

Outside is whatever this program did not write itself: a QR code, a file, a token's answer, a
port's description, an argument. What a terminal would obey (C0 and C1 controls, ESC, DEL),
what changes the order of the text around it (bidirectional controls), what cannot be seen
(zero-width characters, fillers, tags), line and paragraph separators and lone surrogates
become an escape as Python writes it: `\\x1b`, `\\u202e`. In JSON it is JSON's own escape, so
that a program gets the text as it was. (Unicode 15, categories C and Z; section 5.21,
default-ignorable code points.)
"""

import json
from typing import Any

# Letters and marks by their category, which are drawn as nothing: joiner, fillers, vowels of
# Khmer that are deprecated, and an empty cell of Braille.
_FILLERS = "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0"
_SELECTORS = range(0xE0100, 0xE01F0)  # can carry any bytes behind one letter
_UNSEEN = frozenset((*_FILLERS, *map(chr, _SELECTORS)))


def is_plain(character: str) -> bool:
    """Return whether a character may be shown as it is."""
    return character.isprintable() and character not in _UNSEEN


def printable(text: str) -> str:
    """Return the text on one line, with an escape for each character that is not plain."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        each if is_plain(each) else each.encode("unicode_escape").decode() for each in text
    )


def as_json(value: Any, *, unicode: bool, indent: int | None = None) -> str:
    """Return a JSON value as text; with `unicode`, letters beyond ASCII are not escaped."""
    text = json.dumps(value, ensure_ascii=not unicode, indent=indent)
    return "".join(each if each == "\n" or is_plain(each) else _escaped(each) for each in text)


def _escaped(character: str) -> str:
    """Return a character as JSON escapes it (RFC 8259, section 7)."""
    return json.dumps(character)[1:-1]
