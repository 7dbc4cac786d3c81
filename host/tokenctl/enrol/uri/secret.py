"""The secret of a URI: base32, and what generators make of it instead.

Nothing that would be another secret in another app is taken without saying so.
(Aegis decodes with Guava, which refuses a length that no base32 text has; the published
sources of Google Authenticator drop the bits that are left over.)
"""

import re

from tokenctl.enrol import secret_text
from tokenctl.enrol.secret_text import HEX
from tokenctl.errors import BadEnrolment

_LEAST = 16  # characters; a shorter text of a wrong length was cut
_HEX = re.compile("[0-9A-F]+", re.IGNORECASE)
_NOT_BASE32 = re.compile("[0189]")
_SYMBOLS = re.compile("[A-Z2-7]", re.IGNORECASE)
READ_AS_HEX = (
    "the secret is in hex, where a URI has base32, and is read as hex; other apps refuse it"
)
MAY_BE_HEX = (
    "all of the secret's characters are hex digits, too; it is read as base32, as apps do, and if "
    "the server means hex, every code is wrong: then type it in by hand with --encoding hex"
)
_ODD_LENGTH = (
    "the secret has {} characters, which no base32 text has: Google's app drops the last one, and "
    "so it is read; Aegis refuses the code"
)


def read_secret(text: str) -> tuple[bytes, tuple[str, ...]]:
    """Return the bytes that a URI's secret stands for, and what is assumed; raise BadEnrolment."""
    plain = secret_text.without_blanks(text)
    if len(plain) >= _LEAST and len(plain) % 2 == 0 and _HEX.fullmatch(plain):
        if _NOT_BASE32.search(plain):
            return secret_text.decode(plain, HEX), (READ_AS_HEX,)
        return _read_base32(text, plain, (MAY_BE_HEX,))
    return _read_base32(text, plain, ())


def _read_base32(
    text: str, plain: str, assumptions: tuple[str, ...]
) -> tuple[bytes, tuple[str, ...]]:
    try:
        return secret_text.decode(text), assumptions
    except BadEnrolment:
        if len(plain) < _LEAST or not all(_SYMBOLS.fullmatch(each) for each in plain):
            raise
        # All of its characters are base32: the length is wrong.
        return secret_text.decode(plain[:-1]), (*assumptions, _ODD_LENGTH.format(len(plain)))
