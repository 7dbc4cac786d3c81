"""What all answers of a token have in common: each is checked where it is read.

Later firmware may add fields, which are passed over. What lacks one that is needed, or has one of
another type or beyond its bounds, raises LinkError.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, Self, get_type_hints

from tokenctl.device.validators import Validator, table
from tokenctl.errors import LinkError
from tokenctl.language import _


@contextmanager
def understanding() -> Iterator[None]:
    """Turn any exception of taking an answer apart into a LinkError."""
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError):
        raise LinkError(_("the token's answer is not valid")) from None


class Answer:
    """Its children annotate each field with its validator."""

    @classmethod
    def of(cls, answer: Any) -> Self:
        """Return the object for a JSON object of the link; raise LinkError if it is not valid."""
        with understanding():
            given = table(answer)
            found = validators_of(cls)
            return cls(**{name: found[name](given[name]) for name in found if name in given})


@cache
def validators_of(answer: type[Answer]) -> dict[str, Validator]:
    """Return the validator of each field of an answer class."""
    hints = get_type_hints(answer, include_extras=True)
    return {name: hint.__metadata__[0] for name, hint in hints.items()}
