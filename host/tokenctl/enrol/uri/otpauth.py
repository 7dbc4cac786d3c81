"""otpauth URIs, as the world writes them, and Steam's.

Tolerant of how a URI is spelled (case, blanks, quotes, a raw '#'), strict
about what decides the code: a parameter that is absent has the default of the
specification, one that is present and bad is refused, never replaced. No
message holds the URI or its secret. (Key-Uri-Format of Google's wiki;
draft-linuxgemini-otpauth-uri and draft-andesco-otpauth-uri, which differ.)
"""

import re
from typing import NoReturn

from otpcore.account import ALGORITHMS
from tokenctl.core_sentences import named
from tokenctl.enrol.code_parameters import STEAM, USUAL, CodeParameters
from tokenctl.enrol.draft import Draft, Names, as_steam
from tokenctl.enrol.not_otp import OKTA
from tokenctl.enrol.secret_text import secret_in_uri
from tokenctl.enrol.uri.label import names_in
from tokenctl.enrol.uri.parameters import Parameters, begins_a_parameter, read_parameters
from tokenctl.errors import BadEnrolment, NoCounter
from tokenctl.language import _, marked

SCHEMES = ("otpauth", "apple-otpauth", "steam", "motp")  # the second is for iPhones, the same

_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9_./-]{0,11}")
_HASH = re.compile(
    r"(HMAC)?[-_]?(SHA|MD|SM|RIPEMD|BLAKE)-?[0-9]{0,3}([-_/][0-9]{3})?", re.IGNORECASE
)
_SHOWN_MAX = 5  # characters of a word that is not known to be harmless
_WRAPPINGS = {"<": ">", '"': '"', "'": "'", "`": "`", "\u201c": "\u201d", "\u2018": "\u2019"}
_OTHER_TYPES = {
    "yaotp": marked("Yandex's own kind of one-time password (yaotp)"),
    "motp": marked("mOTP (Mobile-OTP), which needs a PIN for each code"),
}
NO_COUNTER = marked(
    "the URI is of type hotp but has no counter: give the server's first one "
    "with --counter N (Debian's google-authenticator -c and speakeasy leave "
    "it out; with the former, the server starts at 1)"
)


def parse(uri: str) -> Draft:
    """Return the Draft that `uri` (otpauth:// or steam://SECRET) describes; raise BadEnrolment.

    It may lack a name, or a label that can be read, and an HOTP account its counter.
    """
    text = unwrap(uri)
    require_unicode(text)
    scheme, _colon, rest = text.partition(":")
    if scheme.lower() == "motp":
        _refuse_type("motp")
    if not rest.startswith("//") or scheme.lower() not in SCHEMES:
        raise BadEnrolment("uri", _("the text is not an otpauth URI, which starts with otpauth://"))
    if scheme.lower() == "steam":
        secret, assumptions = secret_in_uri(rest[2:].rstrip("/"))
        return Draft(Names("Steam", "", "Steam"), secret, STEAM, assumptions=assumptions)
    kind, label, query = _split(rest[2:])
    return _draft(kind.lower(), label, read_parameters(query, kind.lower()))


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
        raise BadEnrolment("uri", _("the URI is not valid Unicode text")) from None


def _draft(kind: str, label: str, read: Parameters) -> Draft:
    parameters = read.values
    names, lacks = _names(label, parameters.get("issuer", ""))
    kind = _type(kind, parameters)
    if "secret" not in parameters:
        raise BadEnrolment("secret", _without_secret(label, parameters))
    secret, assumptions = secret_in_uri(parameters["secret"])
    counter = 0
    if kind == "hotp":
        counter, lack = _counter(parameters)
        lacks = lack + lacks
    usual = STEAM if kind == "steam" else USUAL
    draft = Draft(
        names,
        secret,
        CodeParameters(
            kind,
            _algorithm(parameters),
            _number(parameters, "digits", usual.digits),
            usual.period if kind == "hotp" else _number(parameters, "period", usual.period),
            counter=counter,
        ),
        says_digits="digits" in parameters,
        assumptions=assumptions + read.assumptions,
        lacks=lacks,
    )
    return as_steam(draft, parameters.get("issuer") or names.issuer)


def _names(label: str, issuer: str) -> tuple[Names, tuple[BadEnrolment, ...]]:
    """Return the names in the raw label and the issuer parameter; or that they cannot be read."""
    try:
        return names_in(label, issuer), ()
    except BadEnrolment as error:
        return Names(issuer, "", issuer), (error,)


def _without_secret(label: str, parameters: dict[str, str]) -> str:
    if "okta" in f"{label} {parameters.get('issuer', '')}".lower():
        return _("the URI has no secret: {okta}").format(okta=_(OKTA))
    return _("the URI has no secret")


def _counter(parameters: dict[str, str]) -> tuple[int, tuple[BadEnrolment, ...]]:
    """Return the counter, or that it is not there, or is no number."""
    if "counter" not in parameters:
        return 0, (NoCounter("counter", _(NO_COUNTER)),)
    try:
        return _number(parameters, "counter", 0), ()
    except BadEnrolment as error:
        return 0, (error,)


def _split(rest: str) -> tuple[str, str, str]:
    """Return type, raw label and raw query of what follows `otpauth://`."""
    before, _, fragment = rest.partition("#")
    if "secret=" not in before.lower() or fragment and begins_a_parameter(fragment):
        before = rest.replace("#", "%23")  # it belongs to a name
    path, _, query = before.partition("?")
    kind, _, label = path.partition("/")
    return kind, label, query


def _type(kind: str, parameters: dict[str, str]) -> str:
    """Return the account's type. Steam hides behind three spellings, and a name (see as_steam)."""
    if kind not in ("totp", "hotp", "steam"):
        _refuse_type(kind)
    encoder = parameters.get("encoder", "").lower()
    if encoder == "yandex":
        _refuse_type("yaotp")
    if encoder not in ("", "steam"):
        raise BadEnrolment("type", _("the encoder{shown} is unknown").format(shown=_shown(encoder)))
    if kind == "steam" or encoder == "steam" or "steam" in parameters:
        if kind == "hotp":
            raise BadEnrolment("type", _("the URI says both hotp and Steam"))
        return "steam"
    return kind


def _refuse_type(kind: str) -> NoReturn:
    if kind in _OTHER_TYPES:
        raise BadEnrolment(
            "type",
            _("this is {kind}; the token supports totp and hotp").format(
                kind=_(_OTHER_TYPES[kind])
            ),
        )
    raise BadEnrolment(
        "type",
        _("the type{shown} is unknown; the token supports totp and hotp").format(
            shown=_shown(kind)
        ),
    )


def _algorithm(parameters: dict[str, str]) -> str:
    if "algorithm" not in parameters:
        return "SHA1"
    name = parameters["algorithm"].upper()
    for decoration in ("ALGORITHM.", "HMAC", "-", "_"):
        name = name.replace(decoration, "")
    if name not in ALGORITHMS:
        shown = _shown(parameters["algorithm"])
        raise BadEnrolment(
            "algorithm",
            _("the algorithm{shown} is unknown; the token supports {joined}").format(
                joined=", ".join(ALGORITHMS), shown=shown
            ),
        )
    return name


def _number(parameters: dict[str, str], name: str, default: int) -> int:
    if name not in parameters:
        return default
    text = parameters[name]
    if not re.fullmatch("[0-9]{1,20}", text):
        raise BadEnrolment(
            name,
            _("the {name}{shown} is not a whole number").format(
                name=named(name), shown=_shown(text)
            ),
        )
    return int(text)


def _shown(value: str) -> str:
    """Return `value` for a message, or its start: a piece of the secret may have got into it."""
    if not _WORD.fullmatch(value):
        return ""
    if len(value) > _SHOWN_MAX and not _HASH.fullmatch(value):
        value = value[:_SHOWN_MAX] + "..."
    return f" '{value}'"
