"""The fields of an entry, read strictly: what is missing or of another type is a BadEntry.

A default, where one is given, is for a field that is absent or null, and for no other.
"""

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from tokenctl.enrol.apps.faults import BadEntry
from tokenctl.language import _

_DIGITS_MAX = 20  # of a number
_NEEDED = object()


class Fields:
    """One JSON object of an export."""

    def __init__(self, value: Any) -> None:
        if not isinstance(value, dict):
            raise BadEntry(_("it is not an entry"))
        self._value: dict[str, Any] = value

    def text(self, name: str, default: Any = _NEEDED) -> str:
        """Return a text."""
        value = self._get(name, default)
        if value is not default and not isinstance(value, str):
            raise BadEntry(_("its {name} is not text").format(name=name))
        return value

    def number(self, name: str, default: Any = _NEEDED) -> Any:
        """Return a whole number, which may be written as text; or the default."""
        value = self._get(name, default)
        if value is default or (isinstance(value, int) and not isinstance(value, bool)):
            return value
        if isinstance(value, float) and value.is_integer():
            return int(value)
        if isinstance(value, str):
            bare = value.strip()
            if bare == "" and default is not _NEEDED:
                return default
            if bare.isascii() and bare.isdecimal() and len(bare) <= _DIGITS_MAX:
                return int(bare)
        raise BadEntry(_("its {name} is not a whole number").format(name=name))

    def flag(self, name: str) -> bool:
        """Return whether a field is true; anything else is no."""
        return self._value.get(name) is True

    def inner(self, name: str) -> "Fields":
        """Return an object in the object."""
        value = self._get(name, _NEEDED)
        if not isinstance(value, dict):
            raise BadEntry(_("its {name} is not an object").format(name=name))
        return Fields(value)

    def signed_bytes(self, name: str) -> bytes:
        """Return what Java writes as a list of numbers from -128 to 127."""
        return signed_bytes(self._get(name, _NEEDED), name)

    def has(self, name: str) -> bool:
        """Return whether there is something in a field."""
        return self._value.get(name) not in (None, "", [], {})

    def _get(self, name: str, default: Any) -> Any:
        value = self._value.get(name)
        if value is not None:
            return value
        if default is _NEEDED:
            raise BadEntry(_("it has no {name}").format(name=name))
        return default


def signed_bytes(value: Any, name: str) -> bytes:
    """Return the bytes of a list of Java's signed ones; unsigned ones are taken, too."""
    if not isinstance(value, list) or not all(
        isinstance(each, int) and not isinstance(each, bool) and -128 <= each <= 255
        for each in value
    ):
        raise BadEntry(_("its {name} is not a list of bytes").format(name=name))
    return bytes(each & 0xFF for each in value)


def base64_bytes(text: Any, name: str) -> bytes:
    """Return the bytes of a base64 text, of either alphabet, with or without padding."""
    if not isinstance(text, str):
        raise BadEntry(_("its {name} is not text").format(name=name))
    bare = "".join(text.split()).replace("-", "+").replace("_", "/").rstrip("=")
    try:
        return base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True)
    except (ValueError, binascii.Error):
        raise BadEntry(_("its {name} is not base64").format(name=name)) from None


def names_of(value: Any, *fields: str) -> str:
    """Return the names of an entry that cannot be read, for people; empty if there are none."""
    if not isinstance(value, dict):
        return ""
    found = [value[each] for each in fields if isinstance(value.get(each), str) and value[each]]
    return ":".join(found[:2])


def dropped(values: Any, known: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Return which of the `known` things ({marked("notes"): ("note",)}) some entry has."""
    entries = [each for each in values if isinstance(each, dict)]
    return tuple(
        thing
        for thing, fields in known.items()
        if any(each.get(name) for each in entries for name in fields)
    )
