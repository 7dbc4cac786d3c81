"""Proton Authenticator: JSON with `entries`, or with `salt` and `content`, which seals them.

Sealed by AES-256-GCM (a nonce of 12 bytes first) under a key of Argon2id, with a text
that is authenticated besides. Steam's entries have the URI steam://SECRET, in base32
or, from another app, base64.
"""

from typing import Any

from tokenctl.enrol.apps.drafts import Export, base32, draft
from tokenctl.enrol.apps.faults import (
    CUT,
    WRONG_OR_DAMAGED,
    BadEntry,
    Lacking,
    Unreadable,
    WrongPassword,
)
from tokenctl.enrol.apps.fields import Fields, base64_bytes, dropped, names_of
from tokenctl.enrol.apps.file import File, parse_json
from tokenctl.enrol.apps.keys import WrongKey, argon2id, open_gcm
from tokenctl.enrol.apps.opening import Opening
from tokenctl.enrol.apps.uri_entries import from_uri
from tokenctl.enrol.code_parameters import STEAM
from tokenctl.enrol.draft import Draft
from tokenctl.language import _, marked

_VERSION = 1
_PASSES, _LANES, _KIBIBYTES = 2, 1, 19 << 10
_NONCE_SIZE = 12
_ALSO = b"proton.authenticator.export.v1"
_STEAM = "Steam"
_STEAM_BASE64_SIZE = 27  # characters


def claims(file: File) -> bool:
    """Return whether the file looks like an export of Proton Authenticator."""
    if not file.json_has("version"):
        return False
    if file.json_has("salt", "content"):
        return True
    entries = file.json.get("entries")
    return isinstance(entries, list) and all(
        isinstance(each, dict) and "content" in each for each in entries
    )


def read(file: File, opening: Opening) -> Export:
    """Return what the export holds; raise SourceError."""
    outer, encrypted = file.json, "entries" not in file.json
    if outer["version"] != _VERSION:
        raise Unreadable(
            _("its version is {version!r}; the supported one is {supported}").format(
                supported=_VERSION, version=outer["version"]
            )
        )
    if encrypted:
        outer = parse_json(_decrypted(outer, opening))
    entries = outer.get("entries") if isinstance(outer, dict) else None
    if not isinstance(entries, list):
        raise Unreadable(_("its list of accounts is missing"))
    export = Export("proton", disposable=not encrypted)
    export.dropped = dropped(entries, {marked("notes"): ("note",)})
    export.collect(entries, _draft, _name)
    return export


def _name(entry: Any) -> str:
    return names_of(entry.get("content"), "name") if isinstance(entry, dict) else ""


def _draft(entry: Any) -> Draft:
    content = Fields(entry).inner("content")
    kind, uri, name = content.text("entry_type"), content.text("uri"), content.text("name", "")
    if kind == _STEAM:
        account = "" if name == _STEAM else name
        return draft(_STEAM, account, _steam_secret(uri), STEAM)
    if kind != "Totp":
        raise Lacking(_("its type is neither Totp nor Steam"))
    found = from_uri(uri) if _has_label(uri) else from_uri(uri, "", name)
    name = name.strip().removeprefix(f"{found.issuer}:").strip()
    if name in ("", found.account) or (name == found.issuer and not found.account):
        return found
    return from_uri(uri, found.issuer, name)  # somebody renamed it


def _steam_secret(uri: str) -> bytes:
    """Return the secret: base32 if it came so, base64 from another app (27 characters for 20)."""
    scheme, _slashes, text = uri.partition("://")
    text = text.strip()
    if scheme.lower() != "steam":
        raise BadEntry(_("its URI is not a Steam one"))
    if len(text.rstrip("=")) != _STEAM_BASE64_SIZE:
        try:
            return base32(text)
        except BadEntry:
            if text.upper() == text:
                raise
    return base64_bytes(text, "secret")


def _has_label(uri: str) -> bool:
    label = uri.partition("?")[0].split("/", 3)
    return (len(label) == 4 and label[3] not in ("", "%3A")) or "issuer=" in uri


def _decrypted(outer: dict[str, Any], opening: Opening) -> bytes:
    try:
        salt = base64_bytes(outer.get("salt"), "salt")
        sealed = base64_bytes(outer.get("content"), "content")
    except BadEntry:
        raise Unreadable(_(CUT)) from None
    if len(sealed) <= _NONCE_SIZE or len(salt) < 8:
        raise Unreadable(_(CUT))
    key = argon2id(opening.ask(), salt, _PASSES, _LANES, _KIBIBYTES, opening.allow_slow)
    try:
        return open_gcm(key, sealed[:_NONCE_SIZE], sealed[_NONCE_SIZE:], _ALSO)
    except WrongKey:
        raise WrongPassword(_(WRONG_OR_DAMAGED)) from None
