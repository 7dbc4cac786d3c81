"""Authy's preferences, from a phone that somebody rooted: XML with a JSON array in it.

A token of a site has `decryptedSecret` (base32), or `encryptedSecret` and a salt: the
former under AES-256-CBC with an IV of zeros, the key by PBKDF2 with SHA-1, 1,000 rounds.
One of Authy's own has `secretSeed` in hex, and a period of 10 seconds.
"""

from typing import Any

from tokenctl.enrol.apps import android_xml
from tokenctl.enrol.apps.drafts import Export, base32, draft, hexadecimal, parameters
from tokenctl.enrol.apps.faults import (
    WRONG_OR_DAMAGED,
    BadEntry,
    Unreadable,
    WrongPassword,
)
from tokenctl.enrol.apps.fields import Fields, base64_bytes, names_of
from tokenctl.enrol.apps.file import File, parse_json
from tokenctl.enrol.apps.keys import WrongKey, open_cbc, pbkdf2
from tokenctl.enrol.apps.opening import Opening
from tokenctl.enrol.draft import Draft
from tokenctl.language import _

_PREFERENCES = (
    "com.authy.storage.tokens.authenticator.key",
    "com.authy.storage.tokens.authy.key",
)
_ROUNDS = 1000
_IV = bytes(16)
_OWN_PERIOD = 10  # seconds
_OWN_DIGITS = 7
_ANY_ACCOUNT = "authenticator"
_SEPARATOR = " - "


def claims(file: File) -> bool:
    """Return whether the file looks like Authy's preferences."""
    return android_xml.looks_like(file) and "com.authy.storage.tokens" in (file.text or "")


def read(file: File, opening: Opening) -> Export:
    """Return what the preferences hold; raise SourceError."""
    texts = android_xml.texts(file)
    arrays = [parse_json(texts[name]) for name in _PREFERENCES if name in texts]
    if not arrays or not all(isinstance(each, list) for each in arrays):
        raise Unreadable(_("its list of accounts is missing"))
    tokens = [token for array in arrays for token in array]
    secrets = _Secrets(opening)
    export = Export("authy", disposable=not any(map(_is_encrypted, tokens)))
    export.collect(tokens, lambda each: _draft(each, secrets), lambda each: names_of(each, "name"))
    if secrets.tried and not secrets.opened:
        raise WrongPassword(_(WRONG_OR_DAMAGED))
    return export


class _Secrets:
    """The secrets that a password opens: if it opens none of them, it is the wrong one."""

    def __init__(self, opening: Opening) -> None:
        self._opening = opening
        self.tried = self.opened = 0

    def of(self, fields: Fields) -> bytes:
        sealed = base64_bytes(fields.text("encryptedSecret"), "encryptedSecret")
        salt = fields.text("salt").encode()
        self.tried += 1
        key = pbkdf2("SHA1", self._opening.ask(), salt, _ROUNDS)
        try:
            secret = base32(open_cbc(key, _IV, sealed).decode("ascii"))
        except (WrongKey, Unreadable, UnicodeDecodeError, BadEntry):
            raise BadEntry(_("its secret is damaged, or has another password")) from None
        self.opened += 1
        return secret


def _is_encrypted(token: Any) -> bool:
    return isinstance(token, dict) and bool(token.get("encryptedSecret"))


def _draft(token: Any, secrets: _Secrets) -> Draft:
    fields = Fields(token)
    name = fields.text("name", "")
    if fields.has("secretSeed"):
        secret = hexadecimal(fields.text("secretSeed"))
        digits = fields.number("digits", _OWN_DIGITS)
        return draft("", name, secret, parameters("totp", digits=digits, period=_OWN_PERIOD))
    if fields.has("decryptedSecret"):
        secret = base32(fields.text("decryptedSecret"))
    else:
        secret = secrets.of(fields)
    issuer, account = _names(fields, name)
    return draft(issuer, account, secret, parameters("totp", digits=fields.number("digits", None)))


def _names(fields: Fields, name: str) -> tuple[str, str]:
    """Return issuer and account: what the code said first, then what the name looks like."""
    original, issuer = fields.text("originalName", ""), fields.text("originalIssuer", "")
    if not issuer and ":" in original:
        issuer = original.partition(":")[0].strip()
    if not issuer:
        issuer, separator, rest = name.partition(_SEPARATOR)
        if separator:
            return issuer, rest
        issuer = fields.text("accountType", "")
        issuer = "" if issuer == _ANY_ACCOUNT else issuer.capitalize()
    for separator in (":", _SEPARATOR):
        prefix = f"{issuer}{separator}"
        if issuer and name.startswith(prefix):
            return issuer, name[len(prefix) :]
    return issuer, "" if name == issuer else name
