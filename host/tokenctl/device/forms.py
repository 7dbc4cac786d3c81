"""What a value that a token sends may be: each form returns the value, or raises ValueError.

Later firmware may raise a limit that is a matter of taste; the bounds here are what keeps a
computer from harm, and what tokenctl can compute with.
"""

import re
from collections.abc import Callable
from typing import Any

Form = Callable[[Any], Any]

LAST_SECOND = 253402300799  # of the year 9999, in Unix time: what dates are computed up to


def number(least: int, most: int) -> Form:
    """Return the form of a whole number in these bounds; true and 1.0 are none."""

    def form(value: Any) -> int:
        if type(value) is not int or not least <= value <= most:
            raise ValueError
        return value

    return form


def text(most: int, pattern: str = ".*") -> Form:
    """Return the form of a Unicode text of `most` bytes of UTF-8, all of which is `pattern`."""
    compiled = re.compile(pattern, re.DOTALL | re.ASCII)

    def form(value: Any) -> str:
        if not isinstance(value, str) or len(value) > most or len(value.encode()) > most:
            raise ValueError
        if compiled.fullmatch(value) is None:
            raise ValueError
        return value

    return form


def flag(value: Any) -> bool:
    """Return a truth value."""
    if not isinstance(value, bool):
        raise ValueError
    return value


def optional(form: Form) -> Form:
    """Return the form of a value that may be null."""
    return lambda value: None if value is None else form(value)


def several(form: Form, most: int) -> Form:
    """Return the form of a list of up to `most` values of one form; it becomes a tuple."""

    def every(value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list) or len(value) > most:
            raise ValueError
        return tuple(form(each) for each in value)

    return every


def table(value: Any) -> dict[str, Any]:
    """Return a JSON object, whatever is in it."""
    if not isinstance(value, dict):
        raise ValueError
    return value


def having(**fields: Form) -> Form:
    """Return the form of an object with at least these fields, each of its form."""

    def form(value: Any) -> dict[str, Any]:
        known = table(value)
        return known | {name: each(known[name]) for name, each in fields.items()}

    return form


UNIX = number(0, LAST_SECOND)  # seconds
