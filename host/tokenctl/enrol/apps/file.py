"""A file as the parsers look at it: its bytes, its text and its JSON, each found out once."""

import gc
import json
from functools import cached_property
from typing import Any, Final

from tokenctl.enrol.apps.faults import Unreadable

BYTES_MAX: Final = 16 << 20  # JSON of this size has at most some 600 MB as objects
NO_JSON: Final = object()

_BOMS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_JSON_BEGINS = ("{", "[")


class File:
    """What was read from somewhere, of at most BYTES_MAX."""

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
        raise Unreadable("what is in it is not JSON") from None
    finally:
        if collects:
            gc.enable()


def _refuse(name: str) -> None:
    raise ValueError(name)
