"""FreeOTP 1 (its preferences, XML with a JSON text an account) and FreeOTP+ (JSON with `tokens`).

Both write a token of FreeOTP 1: the secret as Java's signed bytes, and a counter that is
one less than the next. `issuerAlt` and `labelAlt` are what somebody renamed it to.
"""

import json
from typing import Any

from tokenctl.enrol.apps import android_xml
from tokenctl.enrol.apps.drafts import Export, algorithm, draft, parameters
from tokenctl.enrol.apps.faults import BadEntry, Unreadable
from tokenctl.enrol.apps.fields import Fields, dropped, names_of
from tokenctl.enrol.apps.file import File
from tokenctl.enrol.apps.opening import Opening
from tokenctl.enrol.draft import Draft
from tokenctl.language import _, marked

_ORDER = "tokenOrder"
_BESIDES = {marked("icons"): ("image", "imageAlt")}
_STEAM = "Steam"


def claims_first(file: File) -> bool:
    """Return whether the file looks like the preferences of FreeOTP 1."""
    if not android_xml.looks_like(file):
        return False
    text = file.text or ""
    return _ORDER in text or ("issuerExt" in text and "algo" in text)


def claims_plus(file: File) -> bool:
    """Return whether the file looks like an export of FreeOTP+."""
    return file.json_has("tokens") and isinstance(file.json["tokens"], list)


def read_first(file: File, opening: Opening) -> Export:
    """Return what the preferences hold; raise SourceError."""
    texts = android_xml.texts(file)
    order = _json(texts.pop(_ORDER, "[]"))
    return _read("freeotp1", [_json(each) for each in texts.values()], order)


def read_plus(file: File, opening: Opening) -> Export:
    """Return what the export holds; raise SourceError."""
    if not claims_plus(file):
        raise Unreadable(_("its list of accounts is missing"))
    return _read("freeotp-plus", file.json["tokens"], file.json.get(_ORDER))


def token(entry: Any, secret: bytes, counter_behind: int) -> Draft:
    """Return the draft of a token of FreeOTP, 1 or 2, whose counter is so far behind."""
    fields = Fields(entry)
    kind = fields.text("type").lower()
    if kind not in ("totp", "hotp"):
        raise BadEntry(_("its type is neither TOTP nor HOTP"))
    issuer = fields.text("issuerAlt", "") or fields.text("issuerExt", "")
    if kind == "totp" and fields.text("issuerExt", "") == _STEAM:
        kind = "steam"
    counter = fields.number("counter", None) if kind == "hotp" else None
    if counter is not None:
        counter = max(0, counter + counter_behind)
    return draft(
        issuer or fields.text("issuerInt", ""),
        fields.text("labelAlt", "") or fields.text("label", ""),
        secret,
        parameters(
            kind,
            algorithm(fields.text("algo", "SHA1")),
            digits=fields.number("digits", None),
            period=None if kind == "hotp" else fields.number("period", None),
            counter=counter,
        ),
    )


def _read(app: str, tokens: list[Any], order: Any) -> Export:
    if isinstance(order, list):
        places = {name: place for place, name in enumerate(order) if isinstance(name, str)}
        tokens = sorted(tokens, key=lambda each: places.get(_identity(each), len(places)))
    export = Export(app, dropped=dropped(tokens, _BESIDES), disposable=True)
    export.collect(
        tokens,
        lambda each: token(each, Fields(each).signed_bytes("secret"), counter_behind=1),
        lambda each: names_of(each, "issuerExt", "label"),
    )
    return export


def _identity(entry: Any) -> str:
    """Return what the order calls a token."""
    if not isinstance(entry, dict):
        return ""
    issuer, label = entry.get("issuerInt") or entry.get("issuerExt"), entry.get("label")
    return f"{issuer}:{label}" if issuer else f"{label}"


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
