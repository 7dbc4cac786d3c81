"""The parameters of an otpauth URI that decide the code, or may decide it.

Known are those of Google's wiki. Those of older generators are read as what they mean,
and are an assumption: most apps pass them over, so whoever set the server up may not have noticed.
An unknown one whose name tells that the code depends on it is one, too. What is in no
way about the code (image, color, lock, ...) says nothing.
"""

import re
from dataclasses import dataclass
from urllib.parse import unquote

from tokenctl.core_sentences import named
from tokenctl.errors import BadEnrolment
from tokenctl.language import _, marked

_KNOWN = ("secret", "issuer", "algorithm", "digits", "period", "counter", "encoder", "steam")
_ASSIGNMENT = re.compile(r"(secret|issuer|algorithm|digits|period|counter)=", re.IGNORECASE)
_MEANT = {
    "digest": "algorithm",
    "algo": "algorithm",
    "alg": "algorithm",
    "hash": "algorithm",
    "interval": "period",
    "step": "period",
    "timestep": "period",
}
_USUAL = {"algorithm": ("SHA1", "SHA-1", "HMACSHA1"), "period": ("30",)}
_TELLING = re.compile(
    "alg|hash|digest|hmac|digit|length|interval|period|step|time|t0|epoch|offset|start|counter|"
    "moving|factor|encod|alphabet|format|type|mode|base|seed|salt|key|suite|pin|challenge|trunc"
)
_YES_OR_NO = ("", "0", "1", "true", "false", "yes", "no")
TWO_STEPS = marked(
    "this code is the first half of a two-step enrolment (privacyIDEA's "
    "2step), to which a phone adds a part of its own: every code would be "
    "wrong; ask the server's administrator for a token enrolled in one step, "
    "with no 2step in its policy"
)


@dataclass(frozen=True)
class Parameters:
    """Values by name, in lower case and decoded, and what is assumed about others."""

    values: dict[str, str]
    assumptions: tuple[str, ...] = ()


def read_parameters(query: str, kind: str) -> Parameters:
    """Return the parameters of the raw query of a URI of this type; raise BadEnrolment."""
    found: dict[str, str] = {}
    others: dict[str, str] = {}
    for part in query.split("&"):
        name, _equals, value = part.partition("=")
        name = unquote(name).strip().lower().removeprefix("amp;")
        if name.startswith("2step"):
            raise BadEnrolment("type", _(TWO_STEPS))
        if name in _KNOWN:
            _add(found, name, value)
        elif name in _MEANT or _TELLING.search(name):
            others[name] = _plain(value)
    assumptions: list[str] = []
    for name, value in others.items():
        if name in _MEANT:
            assumptions += _as_meant(found, name, value)
        else:
            assumptions += _unknown(name, value, kind)
    return Parameters(found, tuple(dict.fromkeys(assumptions)))


def begins_a_parameter(text: str) -> bool:
    """Return whether a known parameter stands somewhere in the text."""
    return _ASSIGNMENT.search(text) is not None


def _add(found: dict[str, str], name: str, value: str) -> None:
    glued = _ASSIGNMENT.search(value)
    if glued:
        raise BadEnrolment(
            name, _("there is an '&' missing before {lower}=").format(lower=glued[1].lower())
        )
    try:
        decoded = unquote(value.replace("+", " "), errors="strict").strip()
    except UnicodeDecodeError:
        raise BadEnrolment(
            name, _("the {name} is not UTF-8 text").format(name=named(name))
        ) from None
    # A name said twice is a name; of all else two are one too many.
    if name in found and (name != "issuer" or found[name] != decoded):
        raise BadEnrolment(name, _("the URI has the {name} twice").format(name=named(name)))
    found[name] = decoded


def _as_meant(found: dict[str, str], name: str, value: str) -> list[str]:
    """Read a name that is not known as the known one that it means; return what is assumed."""
    meant = _MEANT[name]
    if meant in found:
        if _compared(found[meant]) != _compared(value):
            raise BadEnrolment(
                meant,
                _("the URI has {meant} and {name}, but they differ").format(meant=meant, name=name),
            )
        return []
    if _compared(value) in (_compared(each) for each in _USUAL[meant]):
        return []
    found[meant] = value
    return [
        _(
            "the URI has {name}, a name that apps do not know, and it is read as the "
            "{meant}; most apps ignore it and use {default}"
        ).format(default=_USUAL[meant][0], meant=named(meant), name=name)
    ]


def _unknown(name: str, value: str, kind: str) -> list[str]:
    telling = _TELLING.search(name)
    harmless = name == "type" and value.lower() == kind
    harmless = harmless or name.endswith("pin") and value.lower() in _YES_OR_NO  # locks an app
    if telling is None or harmless:
        return []
    # Not the name itself: where an '&' or an '=' was lost it may hold a piece of the secret.
    return [
        _(
            "the URI has an unknown parameter with '{word}' in its name: it may "
            "affect the code, and it is ignored"
        ).format(word=telling[0])
    ]


def _compared(value: str) -> str:
    return re.sub("[-_]", "", value).upper().removeprefix("HMAC")


def _plain(value: str) -> str:
    return unquote(value.replace("+", " "), errors="replace").strip()
