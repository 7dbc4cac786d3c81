"""The label of an otpauth URI, tidied before the names in it are read.

What a person reads past: percent signs that were encoded twice, accents that stand behind
their letters, and a slash that a URL builder left at the end.
"""

import re
import unicodedata
from urllib.parse import quote, unquote

# A percent sign, encoded, before what no encoder leaves alone: so it was encoded twice.
_TWICE = re.compile("%25(?=[0-9A-Fa-f]{2})")
_ESCAPE = re.compile("%25([0-9A-Fa-f]{2})")
_LETTERS = re.compile("[A-Za-z]?(?:%[89A-Fa-f][0-9A-Fa-f]|[^\0-\x7f])+")
ENCODED_TWICE = "the name was percent-encoded twice, and is read so"


def tidied(label: str) -> tuple[str, tuple[str, ...]]:
    """Return the raw (percent-encoded) label without what is no part of a name, and warnings."""
    if len(label) > 1 and label.endswith("/"):
        label = label[:-1]
    label, warnings = _once_encoded(label)
    return _LETTERS.sub(_composed, label), warnings


def tidied_issuer(issuer: str) -> tuple[str, tuple[str, ...]]:
    """Return the issuer, which is decoded, as `tidied` does the label."""
    encoded, warnings = _once_encoded(quote(issuer, safe=""))
    return unicodedata.normalize("NFC", unquote(encoded)), warnings


def _once_encoded(text: str) -> tuple[str, tuple[str, ...]]:
    """Return percent-encoded text with what was encoded twice encoded once, and warnings."""
    escaped = _ESCAPE.findall(text)
    # Of a letter or a digit nobody writes the code: '%2541' is the text '%41'.
    if not escaped or any(chr(int(code, 16)).isalnum() and code[0] in "34567" for code in escaped):
        return text, ()
    return _TWICE.sub("%", text), (ENCODED_TWICE,)


def _composed(match: re.Match[str]) -> str:
    try:
        text = unquote(match[0], errors="strict")
    except UnicodeDecodeError:
        return match[0]
    return unicodedata.normalize("NFC", text)
