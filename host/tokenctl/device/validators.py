"""What a value from a token may be: each validator returns the value, or raises ValueError.

Later firmware may raise limits that are a matter of taste; the bounds here are those that keep the
computer from harm, or that tokenctl can compute with.
"""

import re
from collections.abc import Callable
from typing import Any

Validator = Callable[[Any], Any]

LAST_SECOND = 253402300799  # the end of 9999 in Unix time, up to which dates can be computed


def number(least: int, most: int) -> Validator:
    """Return the validator of a whole number within these bounds; true and 1.0 do not count."""

    def validator(value: Any) -> int:
        if type(value) is not int or not least <= value <= most:
            raise ValueError
        return value

    return validator


def text(most: int, pattern: str = ".*") -> Validator:
    """Return the validator of a text of up to `most` bytes of UTF-8, all of it like `pattern`."""
    compiled = re.compile(pattern, re.DOTALL | re.ASCII)

    def validator(value: Any) -> str:
        if not isinstance(value, str) or len(value) > most or len(value.encode()) > most:
            raise ValueError
        if compiled.fullmatch(value) is None:
            raise ValueError
        return value

    return validator


def flag(value: Any) -> bool:
    """Return a truth value."""
    if not isinstance(value, bool):
        raise ValueError
    return value


def optional(validator: Validator) -> Validator:
    """Return the validator of a value that may be null."""
    return lambda value: None if value is None else validator(value)


def several(validator: Validator, most: int) -> Validator:
    """Return the validator of a list of up to `most` values of one kind; the value is a tuple."""

    def every(value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list) or len(value) > most:
            raise ValueError
        return tuple(validator(each) for each in value)

    return every


def table(value: Any) -> dict[str, Any]:
    """Return a JSON object, whatever its content."""
    if not isinstance(value, dict):
        raise ValueError
    return value


def having(**fields: Validator) -> Validator:
    """Return the validator of an object with at least these fields, each by its validator."""

    def validator(value: Any) -> dict[str, Any]:
        known = table(value)
        return known | {name: each(known[name]) for name, each in fields.items()}

    return validator


UNIX = number(0, LAST_SECOND)  # seconds
