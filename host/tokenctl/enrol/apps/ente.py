"""Ente Auth: an otpauth URI a line with the parameter codeDisplay, in the clear or sealed.

codeDisplay is JSON: pinned, trashed, position, note. An automatic backup has each line in
quotes. Sealed, it is JSON with kdfParams
(Argon2id of libsodium: memLimit in bytes, opsLimit), and one message of libsodium's
secretstream, XChaCha20-Poly1305, whose header is `encryptionNonce`.
"""

import json
import re
from typing import Any
from urllib.parse import unquote_plus

from tokenctl.enrol.apps.drafts import Export
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
from tokenctl.enrol.apps.uri_entries import from_uri, label_of
from tokenctl.enrol.draft import Draft
from tokenctl.language import _, marked

_VERSION = 1
_CUT_SHORT = "\0cut"  # no name of Ente's
_DISPLAY = re.compile(r"[?&]codeDisplay=([^&\s\"]*)")
_BESIDES = {marked("notes"): ("note",), marked("icons"): ("iconID",), marked("tags"): ("tags",)}


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
        raise Unreadable(_(CUT))
    lines = [line.strip() for line in text.splitlines()]
    lines = [line for line in lines if line and not line.startswith("#")]
    displays = [_display(line) for line in lines]
    if any(displays) and displays[-1] is None:
        displays[-1] = {_CUT_SHORT: True}
    found = sorted(
        ((display or {}, line) for display, line in zip(displays, lines, strict=True)),
        key=_position,
    )
    besides = dropped([display for display, _line in found], _BESIDES)
    export = Export("ente", dropped=besides, disposable=not encrypted)
    export.collect(found, _draft, lambda each: label_of(each[1]))
    return export


def _draft(found: tuple[dict[str, Any], str]) -> Draft:
    display, uri = found
    if _CUT_SHORT in display:
        raise BadEntry(_("it is the last one, and is cut short"))
    if display.get("trashed") is True:
        raise Lacking(_("it is in the app's trash"))
    return from_uri(uri, favourite=display.get("pinned") is True)


def _display(line: str) -> dict[str, Any] | None:
    """Return what the list shows of a line; None where it says nothing of it."""
    match = _DISPLAY.search(line)
    if match is None:
        return None
    try:
        value = json.loads(unquote_plus(match[1]))
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _position(found: tuple[dict[str, Any], str]) -> int:
    place = found[0].get("position")
    return place if isinstance(place, int) else 0


def _decrypted(outer: Any, opening: Opening) -> str:
    if not isinstance(outer, dict) or outer.get("version") != _VERSION:
        raise Unreadable(
            _("its version is not {version}, the supported one").format(version=_VERSION)
        )
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
        raise Unreadable(_(CUT)) from None


def _opened(key, header: bytes, sealed: bytes) -> bytes:
    """Return the one message of a secretstream; `key` makes the key when all else is there."""
    try:
        from nacl import bindings as sodium
        from nacl import exceptions
    except ImportError:
        raise MissingLibrary(_("the package PyNaCl")) from None
    least = sodium.crypto_secretstream_xchacha20poly1305_ABYTES
    if (
        len(header) != sodium.crypto_secretstream_xchacha20poly1305_HEADERBYTES
        or len(sealed) <= least
    ):
        raise Unreadable(_(CUT))
    state = sodium.crypto_secretstream_xchacha20poly1305_state()
    try:
        sodium.crypto_secretstream_xchacha20poly1305_init_pull(state, header, key())
        message, _tag = sodium.crypto_secretstream_xchacha20poly1305_pull(state, sealed)
    except (exceptions.CryptoError, RuntimeError):
        raise WrongPassword(_(WRONG_OR_DAMAGED)) from None
    return message
