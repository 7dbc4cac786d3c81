"""The names in an otpauth URI: who issued the account, and whose it is.

The label is `issuer:account`, and there may be an issuer parameter as well.
They differ by design at Microsoft, which puts the tenant in the label: the
parameter counts, and the label's prefix is shown beside it. A "+" in the label
is a space to some issuers and a plus to others; what is guessed is a doubt.
(Key-Uri-Format of Google's wiki; draft-andesco-otpauth-uri.)
"""

import re
from dataclasses import dataclass
from urllib.parse import unquote

from otpcore.account import NAME_MAX
from tokenctl.errors import BadEnrolment

# A mail address, whose local part may hold a literal plus. It is looked for where a word
# begins only, and nothing is tried twice: the time is linear in the label.
_ADDRESS = re.compile(r"(?<![^\s:@])[^\s:@]++@[^\s:@]++")

PLUS_READ = "the '+' in the name is read as a space; if that is wrong, pass --issuer or --account"
COLONS = "the name has more than one colon; the issuer is taken to end at the first"


@dataclass(frozen=True)
class Names:
    """The names of one account: `issuer` for the token, `display_issuer` in full for people.

    `doubts` say what was guessed.
    """

    issuer: str
    account: str
    display_issuer: str
    warnings: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()


def read_names(label: str, parameter: str) -> Names:
    """Return the names in the raw (percent-encoded) `label` and the decoded issuer `parameter`.

    Each may be empty. Raises BadEnrolment when the label is not UTF-8.
    """
    parameter = parameter.strip()
    text, doubts = _spaced(label, parameter)
    warnings: tuple[str, ...] = ()
    if _starts_with_issuer(text, parameter):
        prefix, account = parameter, text[len(parameter) + 1 :].strip()
    else:
        prefix, account = _split(text)
        if ":" in account:
            doubts += (COLONS,)
    display = issuer = parameter or prefix
    if parameter and prefix and prefix.casefold() != parameter.casefold():
        display = f"{parameter} ({prefix})"
        if len(display.encode()) <= NAME_MAX:
            issuer = display
        else:
            warnings += (_left_off(display),)
    return Names(issuer, account, display, warnings, doubts)


def _split(text: str) -> tuple[str, str]:
    prefix, colon, account = text.partition(":")
    return (prefix.strip(), account.strip()) if colon else ("", text.strip())


def _left_off(display: str) -> str:
    return (
        f"the issuer and the label's prefix together have {len(display.encode())} bytes, over "
        f"the limit of {NAME_MAX}: the token stores the issuer alone (or pass --issuer)"
    )


def _starts_with_issuer(text: str, issuer: str) -> bool:
    size = len(issuer)
    return (
        bool(issuer)
        and text[size : size + 1] == ":"
        and text[:size].casefold() == issuer.casefold()
    )


def _spaced(label: str, issuer: str) -> tuple[str, tuple[str, ...]]:
    """Return the decoded label with each "+" read as what it most likely is, and doubts."""
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
    return spaced, () if sure else (PLUS_READ,)


def _decode(label: str) -> str:
    try:
        return unquote(label, errors="strict")
    except UnicodeDecodeError:
        raise BadEnrolment(
            "name", "the label is not UTF-8 text; name it with --issuer and --account"
        ) from None
