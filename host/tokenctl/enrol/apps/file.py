"""A file as the parsers see it: its bytes, text and JSON, each determined once.

What is too much is known before anything is parsed: a million entries take a minute and
a gigabyte as objects, and a moment to count.
"""

import gc
import json
from functools import cached_property
from typing import Any, Final

from tokenctl.enrol.apps.faults import Unreadable
from tokenctl.language import _

BYTES_MAX: Final = 16 << 20
NO_JSON: Final = object()

_PIECES_MAX = {  # of these bytes together: what 10,000 accounts take, and as much again
    b"{[,": 1_000_000,  # JSON and CSV
    b"<": 60_000,  # XML, of which each element costs more
    b"\n": 200_000,
}
_BOMS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_JSON_BEGINS = ("{", "[")


def is_too_much(data: bytes) -> bool:
    """Return whether a file is larger, or has more entries, than parsers accept."""
    return len(data) > BYTES_MAX or any(
        sum(data.count(byte) for byte in marks) > most for marks, most in _PIECES_MAX.items()
    )


class File:
    """The bytes that were read, at most BYTES_MAX."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    @cached_property
    def text(self) -> str | None:
        """The text that the bytes are, or None."""
        encoding = next((_BOMS[mark] for mark in _BOMS if self.data.startswith(mark)), "utf-8")
        try:
            text = self.data.decode(encoding)
        except UnicodeDecodeError:
            return None
        return None if "\0" in text else text

    @cached_property
    def json(self) -> Any:
        """The JSON value that the text is, or NO_JSON."""
        text = (self.text or "").strip()
        if not text.startswith(_JSON_BEGINS):
            return NO_JSON
        try:
            return parse_json(text)
        except Unreadable:
            return NO_JSON

    def json_has(self, *names: str) -> bool:
        """Return whether the file is a JSON object with all of these names."""
        return isinstance(self.json, dict) and all(name in self.json for name in names)


def parse_json(text: str | bytes) -> Any:
    """Return the JSON value of a text; raise Unreadable. There is no NaN in it."""
    # The collector would look at each of a million objects again and again.
    collects = gc.isenabled()
    gc.disable()
    try:
        return json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise Unreadable(_("its content is not JSON")) from None
    finally:
        if collects:
            gc.enable()


def _refuse(name: str) -> None:
    raise ValueError(name)
