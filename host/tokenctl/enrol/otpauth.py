"""otpauth URIs, as the world writes them, and Steam's.

Tolerant of how a URI is spelled (case, blanks, quotes, a raw '#'), strict
about what decides the code: a parameter that is absent has the default of the
specification, one that is present and bad is refused, never replaced. No
message holds the URI or its secret. (Key-Uri-Format of Google's wiki;
draft-linuxgemini-otpauth-uri and draft-andesco-otpauth-uri, which differ.)
"""

import re
from dataclasses import replace
from typing import NoReturn

from otpcore.account import ALGORITHMS, STEAM_LETTERS
from tokenctl.enrol.enrolment import Enrolment, enrol
from tokenctl.enrol.label import tidied, tidied_issuer
from tokenctl.enrol.not_otp import OKTA
from tokenctl.enrol.otpauth_label import Names, read_names
from tokenctl.enrol.parameters import Parameters, begins_a_parameter, read_parameters
from tokenctl.enrol.uri_secret import read_secret
from tokenctl.errors import BadEnrolment, NoCounter

SCHEMES = ("otpauth", "apple-otpauth", "steam", "motp")  # the second is for iPhones, the same

_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9_./-]{0,11}")
_HASH = re.compile(
    r"(HMAC)?[-_]?(SHA|MD|SM|RIPEMD|BLAKE)-?[0-9]{0,3}([-_/][0-9]{3})?", re.IGNORECASE
)
_SHOWN_MAX = 5  # characters of a word that is not known to be harmless
_WRAPPINGS = {"<": ">", '"': '"', "'": "'", "`": "`", "\u201c": "\u201d", "\u2018": "\u2019"}
_FOREIGN_TYPES = {
    "yaotp": "Yandex's own kind of one-time password (yaotp)",
    "motp": "mOTP (Mobile-OTP), which needs a PIN for each code",
}
NO_COUNTER = (
    "the URI is of type hotp and has no counter, which it needs: pass the one that the server "
    "begins with as --counter N (Debian's google-authenticator -c and speakeasy leave it out, and "
    "the first one's server begins with 1)"
)
STEAM_GUESSED = "read as Steam Guard (five letters), because its issuer is Steam"


def parse(
    uri: str, issuer: str | None = None, account: str | None = None, counter: int | None = None
) -> Enrolment:
    """Return the Enrolment that `uri` (otpauth:// or steam://SECRET) describes.

    `issuer` and `account`, where given, take the place of the names in the URI, `counter`
    that of an HOTP account's counter. Raises BadEnrolment; NoName when there is no name in
    it and none given, NoCounter likewise.
    """
    text = unwrap(uri)
    require_unicode(text)
    scheme, _, rest = text.partition(":")
    if scheme.lower() == "motp":
        _refuse_type("motp")
    if not rest.startswith("//") or scheme.lower() not in SCHEMES:
        raise BadEnrolment("uri", "the text is no otpauth URI, which begins with otpauth://")
    if scheme.lower() == "steam":
        _refuse_counter(counter)
        secret, doubts = read_secret(rest[2:].rstrip("/"))
        return enrol(
            "Steam" if issuer is None else issuer,
            account or "",
            secret,
            doubts=doubts,
            type="steam",
            digits=STEAM_LETTERS,
        )
    kind, label, query = _split(rest[2:])
    parameters = read_parameters(query, kind.lower())
    return _enrolment(kind.lower(), label, parameters, issuer, account, counter)


def unwrap(text: str) -> str:
    """Return `text` without the blanks, byte-order mark, quotes or <> that copying leaves."""
    text = text.strip().strip("\ufeff").strip()
    begin, end = 0, len(text)
    while end - begin > 1 and _WRAPPINGS.get(text[begin]) == text[end - 1]:
        begin, end = begin + 1, end - 1
        while begin < end and text[begin].isspace():
            begin += 1
        while begin < end and text[end - 1].isspace():
            end -= 1
    return text[begin:end]


def require_unicode(text: str) -> None:
    """Raise BadEnrolment for a lone surrogate, which bytes of an argument can become."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise BadEnrolment("uri", "the URI is not Unicode text") from None


def _enrolment(
    kind: str,
    label: str,
    read: Parameters,
    issuer: str | None,
    account: str | None,
    counter: int | None,
) -> Enrolment:
    parameters = read.values
    if issuer is not None and account is not None:
        names = Names(issuer, account, issuer)
    else:
        tidy, warnings = tidied(label)
        parameter, more = tidied_issuer(parameters.get("issuer", ""))
        names = read_names(tidy, parameter)
        warnings = tuple(dict.fromkeys(warnings + more))
        names = replace(names, warnings=warnings + names.warnings)
    kind, warnings = _type(kind, parameters, parameters.get("issuer") or names.issuer)
    if "secret" not in parameters:
        raise BadEnrolment("secret", _without_secret(label, parameters))
    secret, doubts = read_secret(parameters["secret"])
    doubts += read.doubts
    if kind != "hotp":
        _refuse_counter(counter)
    elif counter is None and "counter" not in parameters:
        raise NoCounter("counter", NO_COUNTER)
    return enrol(
        names.issuer if issuer is None else issuer,
        names.account if account is None else account,
        secret,
        warnings=names.warnings + warnings,
        doubts=doubts + (names.doubts if issuer is None and account is None else ()),
        display_issuer=names.display_issuer if issuer is None else issuer,
        type=kind,
        algorithm=_algorithm(parameters),
        digits=_number(parameters, "digits", STEAM_LETTERS if kind == "steam" else 6),
        period=30 if kind == "hotp" else _number(parameters, "period", 30),
        counter=_counter(parameters, counter) if kind == "hotp" else 0,
    )


def _without_secret(label: str, parameters: dict[str, str]) -> str:
    if "okta" in f"{label} {parameters.get('issuer', '')}".lower():
        return f"the URI has no secret: {OKTA}"
    return "the URI has no secret"


def _counter(parameters: dict[str, str], given: int | None) -> int:
    return _number(parameters, "counter", 0) if given is None else given


def _refuse_counter(counter: int | None) -> None:
    if counter is not None:
        raise BadEnrolment("counter", "a counter was given, and only an HOTP account has one")


def _split(rest: str) -> tuple[str, str, str]:
    """Return type, raw label and raw query of what follows `otpauth://`."""
    before, _, fragment = rest.partition("#")
    if "secret=" not in before.lower() or begins_a_parameter(fragment):
        before = rest.replace("#", "%23")  # it belongs to a name
    path, _, query = before.partition("?")
    kind, _, label = path.partition("/")
    return kind, label, query


def _type(kind: str, parameters: dict[str, str], issuer: str) -> tuple[str, tuple[str, ...]]:
    """Return the account's type and warnings. Steam hides behind four spellings."""
    if kind not in ("totp", "hotp", "steam"):
        _refuse_type(kind)
    encoder = parameters.get("encoder", "").lower()
    if encoder == "yandex":
        _refuse_type("yaotp")
    if encoder not in ("", "steam"):
        raise BadEnrolment("type", f"the encoder{_shown(encoder)} is unknown")
    if kind == "steam" or encoder == "steam" or "steam" in parameters:
        if kind == "hotp":
            raise BadEnrolment("type", "the URI says both hotp and Steam")
        return "steam", ()
    if kind == "totp" and issuer.casefold() == "steam":
        digits = parameters.get("digits")
        if digits is None:
            return "steam", (STEAM_GUESSED,)
        if digits == str(STEAM_LETTERS):
            return "steam", ()
    return kind, ()


def _refuse_type(kind: str) -> NoReturn:
    if kind in _FOREIGN_TYPES:
        raise BadEnrolment("type", f"this is {_FOREIGN_TYPES[kind]}; the token has totp and hotp")
    raise BadEnrolment("type", f"the type{_shown(kind)} is unknown; the token has totp and hotp")


def _algorithm(parameters: dict[str, str]) -> str:
    if "algorithm" not in parameters:
        return "SHA1"
    name = parameters["algorithm"].upper()
    for decoration in ("ALGORITHM.", "HMAC", "-", "_"):
        name = name.replace(decoration, "")
    if name not in ALGORITHMS:
        shown = _shown(parameters["algorithm"])
        raise BadEnrolment(
            "algorithm", f"the algorithm{shown} is unknown; the token has {', '.join(ALGORITHMS)}"
        )
    return name


def _number(parameters: dict[str, str], name: str, default: int) -> int:
    if name not in parameters:
        return default
    text = parameters[name]
    if not re.fullmatch("[0-9]{1,20}", text):
        raise BadEnrolment(name, f"the {name}{_shown(text)} is not a whole number")
    return int(text)


def _shown(value: str) -> str:
    """Return `value` for a message, or its start: a piece of the secret may have got into it."""
    if not _WORD.fullmatch(value):
        return ""
    if len(value) > _SHOWN_MAX and not _HASH.fullmatch(value):
        value = value[:_SHOWN_MAX] + "..."
    return f" '{value}'"
