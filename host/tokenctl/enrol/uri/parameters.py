"""The parameters of an otpauth URI that decide the code, or may decide it.

Known are those of Google's wiki. Those of older generators are read as what they mean,
and are an assumption: most apps pass them over, so whoever set the server up may not have noticed.
An unknown one whose name tells that the code depends on it is one, too. What is in no
way about the code (image, color, lock, ...) says nothing.
"""

import re
from dataclasses import dataclass
from urllib.parse import unquote

from tokenctl.errors import BadEnrolment

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
TWO_STEPS = (
    "this code is the first half of an enrolment in two steps (privacyIDEA's 2step), to which a "
    "phone adds a part of its own: every code would be wrong; ask the server's administrator for "
    "a token that is enrolled in one step, without 2step in its policy"
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
        name, _, value = part.partition("=")
        name = unquote(name).strip().lower().removeprefix("amp;")
        if name.startswith("2step"):
            raise BadEnrolment("type", TWO_STEPS)
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
        raise BadEnrolment(name, f"an '&' is missing in front of {glued[1].lower()}=")
    try:
        decoded = unquote(value.replace("+", " "), errors="strict").strip()
    except UnicodeDecodeError:
        raise BadEnrolment(name, f"the {name} is not UTF-8 text") from None
    # A name said twice is a name; of all else two are one too many.
    if name in found and (name != "issuer" or found[name] != decoded):
        raise BadEnrolment(name, f"the URI has the {name} twice")
    found[name] = decoded


def _as_meant(found: dict[str, str], name: str, value: str) -> list[str]:
    """Read a name that is not known as the known one that it means; return what is assumed."""
    meant = _MEANT[name]
    if meant in found:
        if _compared(found[meant]) != _compared(value):
            raise BadEnrolment(meant, f"the URI has {meant} and {name}, and they are not the same")
        return []
    if _compared(value) in (_compared(each) for each in _USUAL[meant]):
        return []
    found[meant] = value
    return [
        f"the URI says {name}, which is no name that apps know, and it is read as the {meant}; "
        f"most apps pass it over and take {_USUAL[meant][0]}"
    ]


def _unknown(name: str, value: str, kind: str) -> list[str]:
    telling = _TELLING.search(name)
    harmless = name == "type" and value.lower() == kind
    harmless = harmless or name.endswith("pin") and value.lower() in _YES_OR_NO  # locks an app
    if telling is None or harmless:
        return []
    # Not the name itself: where an '&' or an '=' was lost it may hold a piece of the secret.
    return [
        f"the URI has a parameter that is not known and has '{telling[0]}' in its name: it may "
        "change the code, and it is passed over"
    ]


def _compared(value: str) -> str:
    return re.sub("[-_]", "", value).upper().removeprefix("HMAC")


def _plain(value: str) -> str:
    return unquote(value.replace("+", " "), errors="replace").strip()
