"""TOTP Authenticator: base64 of what AES-256-CBC encrypted, or its preferences in XML.

The key is the SHA-256 of the password, the IV zeros. Without a password of one's own
the app takes one that is the same for everybody, which is tried first. Inside is a JSON
object whose first name is, as a text, the array of accounts.
"""

import base64
import binascii
import hashlib
import json
import string
from typing import Any

from tokenctl.enrol.apps import android_xml
from tokenctl.enrol.apps.drafts import Export, base32, draft, hexadecimal, parameters
from tokenctl.enrol.apps.faults import CUT, BadEntry, Lacking, Unreadable, WrongPassword
from tokenctl.enrol.apps.fields import Fields, base64_bytes, names_of
from tokenctl.enrol.apps.file import File
from tokenctl.enrol.apps.keys import WrongKey, open_cbc
from tokenctl.enrol.apps.opening import Opening
from tokenctl.enrol.draft import Draft
from tokenctl.language import _, marked

_EVERYBODYS_PASSWORD = b"TotpAuthenticator"  # it is in the app; it protects nothing
_PREFERENCE = "STATIC_TOTP_CODES_LIST"
_IV = bytes(16)
_DIGITS = set(string.ascii_letters + string.digits + "+/=" + string.whitespace)
_LOWER = set(string.ascii_lowercase[6:])  # beyond hex
_BASE32 = set(string.ascii_lowercase + "234567=" + string.whitespace)
_LEAST = 48  # bytes
_NO_ISSUER = "Unknown"
_WRONG = marked(
    "the password is wrong, the file is damaged, or it is not a TOTP Authenticator backup at all"
)


def claims(file: File) -> bool:
    """Return whether the file looks like the app's preferences."""
    return android_xml.looks_like(file) and _PREFERENCE in (file.text or "")


def may_be(file: File) -> bool:
    """Return whether the file is base64 of whole blocks of a cipher."""
    return len(_sealed(file)) >= _LEAST


def read(file: File, opening: Opening) -> Export:
    """Return what the backup holds; raise SourceError."""
    if claims(file):
        encrypted, text = False, android_xml.texts(file).get(_PREFERENCE, "")
    else:
        encrypted, text = True, _decrypted(_sealed(file), opening)
    accounts = _array(text)
    if accounts is None:
        raise Unreadable(_("its list of accounts is missing"))
    export = Export("totp-authenticator", disposable=not encrypted)
    export.collect(accounts, _draft, lambda each: names_of(_entry(each), "issuer", "name"))
    return export


def _draft(account: Any) -> Draft:
    fields = Fields(_entry(account))
    issuer = fields.text("issuer", "")
    key, base = fields.text("key"), fields.number("base")
    if base == 16:
        secret = hexadecimal(key)
    elif base == 32:
        secret = base32(key)
    elif base == 64:
        secret = base64_bytes(key, "key")
    else:
        raise Lacking(_("its key is in base {base}, which is not supported").format(base=base))
    return draft(
        "" if issuer == _NO_ISSUER else issuer,
        fields.text("name", ""),
        secret,
        parameters(
            "totp", digits=fields.number("digits", None), period=fields.number("period", None)
        ),
        favourite=fields.flag("isFavorite"),
    )


def _entry(account: Any) -> Any:
    """Return an account, which may be JSON in a text."""
    if not isinstance(account, str):
        return account
    try:
        return json.loads(account)
    except (ValueError, RecursionError):
        return None


def _sealed(file: File) -> bytes:
    """Return the bytes that a base64 text stands for; none where it is no such text."""
    text = file.text or ""
    letters = set(text)
    if not letters <= _DIGITS or not (letters & _LOWER and letters - _BASE32):
        return b""  # no base64, or a secret in base32 or hex
    try:
        sealed = base64.b64decode("".join(text.split()), validate=True)
    except (ValueError, binascii.Error):
        return b""
    return b"" if len(sealed) % 16 else sealed


def _decrypted(sealed: bytes, opening: Opening) -> str:
    if not sealed:
        raise Unreadable(_(CUT))
    for password in (lambda: _EVERYBODYS_PASSWORD, opening.ask):
        try:
            opened = open_cbc(hashlib.sha256(password()).digest(), _IV, sealed)
            return next(iter(_object(opened)), "[]")
        except (WrongKey, BadEntry):
            continue
    raise WrongPassword(_(_WRONG))


def _object(opened: bytes) -> dict[str, Any]:
    try:
        value = json.loads(opened.decode())
    except (ValueError, RecursionError):
        raise BadEntry(_(CUT)) from None
    if not isinstance(value, dict):
        raise BadEntry(_(CUT))
    return value


def _array(text: str) -> list[Any] | None:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, list) else None
