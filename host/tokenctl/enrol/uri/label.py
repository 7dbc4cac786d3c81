"""The names in an otpauth URI: who issued the account, and whose it is.

The label is `issuer:account`, and there may be an issuer parameter as well.
They differ by design at Microsoft, which puts the tenant in the label: the
parameter counts, and the label's prefix is shown beside it. A "+" in the label
is a space to some issuers and a plus to others; what is guessed is an assumption.
What a person reads past is tidied first: percent signs that were encoded twice, accents that
stand behind their letters, and a slash that a URL builder left at the end.
(Key-Uri-Format of Google's wiki; draft-andesco-otpauth-uri.)
"""

import re
import unicodedata
from dataclasses import replace
from urllib.parse import quote, unquote

from otpcore.account import NAME_MAX
from tokenctl.enrol.draft import Names
from tokenctl.errors import BadEnrolment
from tokenctl.language import _, marked

# A mail address, whose local part may hold a literal plus. It is looked for where a word
# begins only, and nothing is tried twice: the time is linear in the label.
_ADDRESS = re.compile(r"(?<![^\s:@])[^\s:@]++@[^\s:@]++")

# A percent sign, encoded, before what no encoder leaves alone: so it was encoded twice.
_TWICE = re.compile("%25(?=[0-9A-Fa-f]{2})")
_ESCAPE = re.compile("%25([0-9A-Fa-f]{2})")
_LETTERS = re.compile("[A-Za-z]?(?:%[89A-Fa-f][0-9A-Fa-f]|[^\0-\x7f])+")
ENCODED_TWICE = marked("the name was percent-encoded twice, and is decoded twice")
PLUS_READ = marked(
    "the '+' in the name is read as a space; if that is wrong, use --issuer or --account"
)
COLONS = marked("the name has more than one colon; the issuer is assumed to end at the first")


def names_in(label: str, issuer: str) -> Names:
    """Return the names in the raw label of a URI and its issuer parameter, both tidied.

    Raises BadEnrolment when the label is not UTF-8.
    """
    label, warnings = _tidied(label)
    issuer, more = _tidied(quote(issuer, safe=""))
    names = read_names(label, unquote(issuer))
    return replace(names, warnings=tuple(dict.fromkeys(warnings + more)) + names.warnings)


def read_names(label: str, parameter: str) -> Names:
    """Return the names in the raw (percent-encoded) `label` and the decoded issuer `parameter`.

    Each may be empty. Raises BadEnrolment when the label is not UTF-8.
    """
    parameter = parameter.strip()
    text, assumptions = _spaced(label, parameter)
    warnings: tuple[str, ...] = ()
    if _starts_with_issuer(text, parameter):
        prefix, account = parameter, text[len(parameter) + 1 :].strip()
    else:
        prefix, account = _split(text)
        if ":" in account:
            assumptions += (_(COLONS),)
    display = issuer = parameter or prefix
    if parameter and prefix and prefix.casefold() != parameter.casefold():
        display = f"{parameter} ({prefix})"
        if len(display.encode()) <= NAME_MAX:
            issuer = display
        else:
            warnings += (_left_off(display),)
    return Names(issuer, account, display, warnings, assumptions)


def _split(text: str) -> tuple[str, str]:
    prefix, colon, account = text.partition(":")
    return (prefix.strip(), account.strip()) if colon else ("", text.strip())


def _left_off(display: str) -> str:
    return _(
        "the issuer and the label's prefix together have {count} bytes, over the "
        "limit of {limit}: only the issuer is stored (or use --issuer)"
    ).format(count=len(display.encode()), limit=NAME_MAX)


def _starts_with_issuer(text: str, issuer: str) -> bool:
    size = len(issuer)
    return (
        bool(issuer)
        and text[size : size + 1] == ":"
        and text[:size].casefold() == issuer.casefold()
    )


def _spaced(label: str, issuer: str) -> tuple[str, tuple[str, ...]]:
    """Return the decoded label with each "+" read as what it most likely is, and assumptions."""
    if "+" not in label:
        return _decode(label), ()
    if "%2B" in label.upper() or issuer.casefold() == "microsoft":
        return _decode(label.replace("+", " ")), ()
    text = _decode(label)
    if "%20" in label or " " in label or _starts_with_issuer(text, issuer) and "+" in issuer:
        return text, ()
    kept = {
        place
        for address in _ADDRESS.finditer(text)
        for place in range(address.start(), address.end())
    }
    spaced = "".join(
        " " if each == "+" and place not in kept else each for place, each in enumerate(text)
    )
    # A prefix that now is the issuer proves the guess.
    sure = spaced == text or _starts_with_issuer(spaced, issuer) and " " in issuer
    return spaced, () if sure else (_(PLUS_READ),)


def _decode(label: str) -> str:
    try:
        return unquote(label, errors="strict")
    except UnicodeDecodeError:
        raise BadEnrolment(
            "name",
            _("the label is not UTF-8 text"),
            _("; give the name with --issuer and --account"),
        ) from None


def _tidied(label: str) -> tuple[str, tuple[str, ...]]:
    """Return the raw (percent-encoded) label without what is no part of a name, and warnings."""
    if len(label) > 1 and label.endswith("/"):
        label = label[:-1]
    label, warnings = _once_encoded(label)
    return _LETTERS.sub(_composed, label), warnings


def _once_encoded(text: str) -> tuple[str, tuple[str, ...]]:
    """Return percent-encoded text with what was encoded twice encoded once, and warnings."""
    escaped = _ESCAPE.findall(text)
    # Of a letter or a digit nobody writes the code: '%2541' is the text '%41'.
    if not escaped or any(chr(int(code, 16)).isalnum() and code[0] in "34567" for code in escaped):
        return text, ()
    return _TWICE.sub("%", text), (_(ENCODED_TWICE),)


def _composed(match: re.Match[str]) -> str:
    try:
        text = unquote(match[0], errors="strict")
    except UnicodeDecodeError:
        return match[0]
    return unicodedata.normalize("NFC", text)
