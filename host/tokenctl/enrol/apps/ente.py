"""Ente Auth: an otpauth URI a line with the parameter codeDisplay, in the clear or sealed.

codeDisplay is JSON: pinned, trashed, position, note. Sealed, it is JSON with kdfParams
(Argon2id of libsodium: memLimit in bytes, opsLimit), and one message of libsodium's
secretstream, XChaCha20-Poly1305, whose header is `encryptionNonce`.
"""

import json
import re
from typing import Any
from urllib.parse import unquote

from tokenctl import otpauth
from tokenctl.enrol.apps.drafts import Draft, Export
from tokenctl.enrol.apps.faults import (
    CUT,
    WRONG_OR_DAMAGED,
    BadEntry,
    Lacking,
    MissingLibrary,
    Unreadable,
    WrongPassword,
)
from tokenctl.enrol.apps.fields import Fields, base64_bytes, dropped
from tokenctl.enrol.apps.file import NO_JSON, File
from tokenctl.enrol.apps.keys import argon2id
from tokenctl.enrol.apps.opening import Opening
from tokenctl.enrol.apps.uri_entries import from_uri
from tokenctl.errors import BadEnrolment
from tokenctl.otpauth_label import read_names

_VERSION = 1
_DISPLAY = re.compile(r"[?&]codeDisplay=([^&\s]*)", re.IGNORECASE)
_BESIDES = {"notes": ("note",), "icons": ("iconID",), "tags": ("tags",)}


def claims(file: File) -> bool:
    """Return whether the file looks like an export of Ente Auth."""
    if file.json_has("kdfParams", "encryptedData", "encryptionNonce"):
        return True
    return file.json is NO_JSON and _DISPLAY.search(file.text or "") is not None


def read(file: File, opening: Opening) -> Export:
    """Return what the export holds; raise SourceError."""
    encrypted = file.json is not NO_JSON
    text = _decrypted(file.json, opening) if encrypted else file.text
    if text is None:
        raise Unreadable(CUT)
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    found = sorted(((_display(line), line) for line in lines), key=_position)
    besides = dropped([display for display, _ in found], _BESIDES)
    export = Export("ente", dropped=besides, disposable=not encrypted)
    export.collect(found, _draft, _name)
    return export


def _draft(found: tuple[dict[str, Any], str]) -> Draft:
    display, uri = found
    if display.get("trashed") is True:
        raise Lacking("it is in the app's trash")
    return from_uri(uri, favourite=display.get("pinned") is True)


def _name(found: tuple[dict[str, Any], str]) -> str:
    """Return the label of a URI that cannot be read, and nothing behind it."""
    path = otpauth.unwrap(found[1]).partition("?")[0].split("/", 3)
    try:
        names = read_names(path[3], "") if len(path) == 4 else None
    except BadEnrolment:
        return ""
    return ":".join(filter(None, (names.issuer, names.account))) if names else ""


def _display(line: str) -> dict[str, Any]:
    match = _DISPLAY.search(line)
    try:
        value = json.loads(unquote(match[1])) if match else {}
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _position(found: tuple[dict[str, Any], str]) -> int:
    place = found[0].get("position")
    return place if isinstance(place, int) else 0


def _decrypted(outer: Any, opening: Opening) -> str:
    if not isinstance(outer, dict) or outer.get("version") != _VERSION:
        raise Unreadable(f"it is not of version {_VERSION}, which is known")
    try:
        fields = Fields(outer)
        params = fields.inner("kdfParams")
        salt = base64_bytes(params.text("salt"), "salt")
        passes, memory = params.number("opsLimit"), params.number("memLimit")
        header = base64_bytes(fields.text("encryptionNonce"), "nonce")
        sealed = base64_bytes(fields.text("encryptedData"), "data")
    except BadEntry as error:
        raise Unreadable(str(error)) from None
    opened = _opened(
        lambda: argon2id(opening.ask(), salt, passes, 1, memory >> 10, opening.allow_slow),
        header,
        sealed,
    )
    try:
        return opened.decode()
    except UnicodeDecodeError:
        raise Unreadable(CUT) from None


def _opened(key, header: bytes, sealed: bytes) -> bytes:
    """Return the one message of a secretstream; `key` makes the key when all else is there."""
    try:
        from nacl import bindings as sodium
        from nacl import exceptions
    except ImportError:
        raise MissingLibrary("the package PyNaCl") from None
    least = sodium.crypto_secretstream_xchacha20poly1305_ABYTES
    if (
        len(header) != sodium.crypto_secretstream_xchacha20poly1305_HEADERBYTES
        or len(sealed) <= least
    ):
        raise Unreadable(CUT)
    state = sodium.crypto_secretstream_xchacha20poly1305_state()
    try:
        sodium.crypto_secretstream_xchacha20poly1305_init_pull(state, header, key())
        message, _ = sodium.crypto_secretstream_xchacha20poly1305_pull(state, sealed)
    except (exceptions.CryptoError, RuntimeError):
        raise WrongPassword(WRONG_OR_DAMAGED) from None
    return message
