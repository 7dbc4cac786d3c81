"""A secret as a site shows it for typing: base32 (RFC 4648, section 6) or hex, in groups.

Which of the two it is shows in most secrets; where both are possible the caller has
to ask, for a guess would be a wrong code that nobody can explain. What is wrong is
named by its place: the character, counted from 1 in the text as typed, and its group.

In a URI it is base32, and what generators make of it instead: nothing that would be another
secret in another app is taken without saying so. (Aegis decodes with Guava, which refuses a
length that no base32 text has; the published sources of Google Authenticator drop the bits
that are left over.)
"""

import re
import unicodedata
from typing import Final

from otpcore import base32
from tokenctl.core_sentences import said
from tokenctl.enrol.not_otp import MICROSOFT
from tokenctl.errors import BadEnrolment
from tokenctl.language import _, marked

BASE32, HEX = "base32", "hex"
ENCODINGS: Final = (BASE32, HEX)
HEX_LEAST = 16  # digits; a shorter run of them is more likely base32 with a slip

_BLANKS = " -\t\r\n\u00a0\u2009\u202f"
_BETWEEN_HEX = _BLANKS + ":"
_PLAIN = {"Zs": " ", "Cf": " ", "Pd": "-"}  # separators, invisible ones, dashes
_PUSH_CODE = re.compile("[0-9]{9}")  # of Microsoft's app, beside its QR code
_PREFIX = re.compile("0x", re.IGNORECASE)
_HEX_HINTS = {"O": "0", "I": "1", "L": "1"}
_HEX_DIGITS = "0123456789abcdefABCDEF"

_URI_LEAST = 16  # characters; a shorter text of a wrong length was cut
_HEX_ONLY = re.compile("[0-9A-F]+", re.IGNORECASE)
_NOT_BASE32 = re.compile("[0189]")
_SYMBOLS = re.compile("[A-Z2-7]", re.IGNORECASE)
READ_AS_HEX = marked(
    "the secret is in hex, although a URI should have base32, and is read as "
    "hex; other apps reject it"
)
MAY_BE_HEX = marked(
    "all characters of the secret are also hex digits; it is read as base32, "
    "as apps do. If the server means hex, every code will be wrong: enter it "
    "by hand with --encoding hex"
)
_ODD_LENGTH = marked(
    "the secret has {length} characters, which is not a valid base32 length; "
    "the last one is dropped, as Google's app does, while Aegis rejects the "
    "code"
)


def readings(text: str) -> dict[str, bytes]:
    """Return the possible readings of the text by encoding, one or both; raise BadEnrolment."""
    if _PUSH_CODE.fullmatch(without_blanks(text)):
        raise BadEnrolment("secret", _(MICROSOFT))
    found: dict[str, bytes] = {}
    refusals: dict[str, BadEnrolment] = {}
    for encoding in ENCODINGS:
        try:
            found[encoding] = decode(text, encoding)
        except BadEnrolment as error:
            refusals[encoding] = error
    if not found:
        raise refusals[HEX if _is_rather_hex(text) else BASE32]
    if HEX in found and len(found[HEX]) * 2 < HEX_LEAST:
        del found[HEX]
        if not found:
            raise refusals[BASE32]
    return found


def decode(text: str, encoding: str = BASE32) -> bytes:
    """Return the bytes of the text in this encoding; raise BadEnrolment."""
    text = _with_plain_blanks(text)
    if encoding == HEX:
        return _decode_hex(text)
    try:
        return base32.decode(text)
    except base32.Base32Error as error:
        if error.position is None:
            raise BadEnrolment("secret", said(error)) from None
        where = _group(text, error.position, _BLANKS)
        raise BadEnrolment(
            "secret", _("in the secret, {error}{where}").format(error=said(error), where=where)
        ) from None


def secret_in_uri(text: str) -> tuple[bytes, tuple[str, ...]]:
    """Return the bytes of a URI's secret, and assumptions; raise BadEnrolment."""
    plain = without_blanks(text)
    assumptions: tuple[str, ...] = ()
    if len(plain) >= _URI_LEAST and len(plain) % 2 == 0 and _HEX_ONLY.fullmatch(plain):
        if _NOT_BASE32.search(plain):
            return decode(plain, HEX), (_(READ_AS_HEX),)
        assumptions = (_(MAY_BE_HEX),)
    try:
        return decode(text), assumptions
    except BadEnrolment:
        if len(plain) < _URI_LEAST or not all(_SYMBOLS.fullmatch(each) for each in plain):
            raise
        # All of its characters are base32: the length is wrong.
        return decode(plain[:-1]), (*assumptions, _(_ODD_LENGTH).format(length=len(plain)))


def without_blanks(text: str) -> str:
    """Return the text without the blanks and dashes between its groups, and padding."""
    return re.sub(f"[{re.escape(_BLANKS)}=]", "", _with_plain_blanks(text))


def _with_plain_blanks(text: str) -> str:
    """Return the text with a plain blank for each invisible one, and '-' for every dash.

    Web pages put them between groups; positions in the text do not change.
    """
    if text.isascii():  # which has the plain ones only
        return text
    return "".join(_PLAIN.get(unicodedata.category(each), each) for each in text)


def _decode_hex(text: str) -> bytes:
    digits: list[str] = []
    begin = 2 if _PREFIX.match(text) else 0
    for place, character in enumerate(text[begin:], begin + 1):
        if character in _HEX_DIGITS:
            digits.append(character)
        elif character not in _BETWEEN_HEX:
            hint = _HEX_HINTS.get(character.upper())
            raise BadEnrolment(
                "secret",
                _(
                    "in the secret, character {place} ('{character}') is not a hex digit (0-9, A-F)"
                ).format(place=place, character=character)
                + (_("; perhaps it is {hint}").format(hint=hint) if hint else "")
                + _group(text, place, _BETWEEN_HEX),
            )
    if len(digits) % 2:
        raise BadEnrolment(
            "secret",
            _("the secret has {count} hex digits: one is missing, or there is one too many").format(
                count=len(digits)
            ),
        )
    return bytes.fromhex("".join(digits))


def _is_rather_hex(text: str) -> bool:
    """Return whether fewer characters would be wrong in hex than in base32."""
    typed = [each for each in text if each not in _BETWEEN_HEX]
    no_base32 = sum(each.upper() not in base32.ALPHABET for each in typed)
    no_hex = sum(each not in _HEX_DIGITS for each in typed) - bool(_PREFIX.match(text))
    return no_hex < no_base32


def _group(text: str, position: int, between: str) -> str:
    """Return in which group of the text a character stands; empty if there are no groups."""
    groups = list(re.finditer(f"[^{re.escape(between)}]+", text))
    if len(groups) < 2:
        return ""
    for number, group in enumerate(groups, 1):
        if group.start() < position <= group.end():
            return _("; that is character {place} of group {number}").format(
                number=number, place=position - group.start()
            )
    return ""
