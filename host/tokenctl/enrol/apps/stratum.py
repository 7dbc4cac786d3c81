"""Stratum, which was Authenticator Pro: JSON with `Authenticators`, in the clear or sealed.

Two headers: AUTHENTICATORPRO has a salt of 16 bytes, a nonce of 12, Argon2id and
AES-256-GCM; the old AuthenticatorPro a salt of 20, an IV of 16, PBKDF2 with SHA-1 and
AES-256-CBC. (And lists of URIs, which are read as such.)
"""

from typing import Any

from tokenctl.enrol.apps.drafts import Export, base32, draft, parameters
from tokenctl.enrol.apps.faults import (
    CUT,
    WRONG_OR_DAMAGED,
    BadEntry,
    Lacking,
    Unreadable,
    WrongPassword,
)
from tokenctl.enrol.apps.fields import Fields, dropped, names_of
from tokenctl.enrol.apps.file import NO_JSON, File, parse_json
from tokenctl.enrol.apps.keys import WrongKey, argon2id, open_cbc, open_gcm, pbkdf2
from tokenctl.enrol.apps.opening import Opening
from tokenctl.enrol.draft import Draft
from tokenctl.language import _, marked

_HEADER, _OLD_HEADER = b"AUTHENTICATORPRO", b"AuthenticatorPro"
_SALT_SIZE, _NONCE_SIZE = 16, 12
_OLD_SALT_SIZE, _OLD_IV_SIZE, _OLD_ROUNDS = 20, 16, 64_000
_PASSES, _LANES, _KIBIBYTES = 3, 4, 64 << 10
_KINDS = {1: "hotp", 2: "totp", 4: "steam"}
_OTHER_TYPES = {
    3: marked("mOTP, which needs a PIN for each code"),
    5: marked("Yandex's own kind of one-time password"),
}
_ALGORITHMS = {0: "SHA1", 1: "SHA256", 2: "SHA512"}
_BESIDES = {marked("icons"): ("Icon",)}


def claims(file: File) -> bool:
    """Return whether the file looks like a backup of Stratum."""
    return file.json_has("Authenticators") or file.data.startswith((_HEADER, _OLD_HEADER))


def read(file: File, opening: Opening) -> Export:
    """Return what the backup holds; raise SourceError."""
    outer, encrypted = file.json, file.json is NO_JSON
    if encrypted:
        outer = parse_json(_decrypted(file.data, opening))
    entries = outer.get("Authenticators") if isinstance(outer, dict) else None
    if not isinstance(entries, list):
        raise Unreadable(_("its list of accounts is missing"))
    entries = sorted(entries, key=_ranking)
    besides = dropped(entries, _BESIDES)
    if outer.get("Categories"):
        besides += (marked("categories"),)
    export = Export("stratum", dropped=besides, disposable=not encrypted)
    export.collect(entries, _draft, lambda each: names_of(each, "Issuer", "Username"))
    return export


def _ranking(entry: Any) -> int:
    place = entry.get("Ranking") if isinstance(entry, dict) else None
    return place if isinstance(place, int) else 0


def _draft(entry: Any) -> Draft:
    fields = Fields(entry)
    number = fields.number("Type")
    if number in _OTHER_TYPES:
        raise Lacking(_("it is {kind}").format(kind=_(_OTHER_TYPES[number])))
    if number not in _KINDS:
        raise BadEntry(_("its type {number} is unknown").format(number=number))
    kind, hash_number = _KINDS[number], fields.number("Algorithm")
    if hash_number not in _ALGORITHMS:
        raise BadEntry(_("its hash {hash_number} is unknown").format(hash_number=hash_number))
    return draft(
        fields.text("Issuer", ""),
        fields.text("Username", ""),
        base32(fields.text("Secret")),
        parameters(
            kind,
            _ALGORITHMS[hash_number],
            digits=fields.number("Digits"),
            period=None if kind == "hotp" else fields.number("Period"),
            counter=fields.number("Counter") if kind == "hotp" else None,
        ),
    )


def _decrypted(data: bytes, opening: Opening) -> bytes:
    size = len(_HEADER)
    password = opening.ask()
    try:
        if data.startswith(_HEADER):
            salt, rest = data[size : size + _SALT_SIZE], data[size + _SALT_SIZE :]
            if len(rest) <= _NONCE_SIZE:
                raise Unreadable(_(CUT))
            key = argon2id(password, salt, _PASSES, _LANES, _KIBIBYTES, opening.allow_slow)
            return open_gcm(key, rest[:_NONCE_SIZE], rest[_NONCE_SIZE:])
        if not data.startswith(_OLD_HEADER):
            raise Unreadable(_("it has no Stratum header"))
        salt, rest = data[size : size + _OLD_SALT_SIZE], data[size + _OLD_SALT_SIZE :]
        key = pbkdf2("SHA1", password, salt, _OLD_ROUNDS)
        return _opened_old(key, rest)
    except WrongKey:
        raise WrongPassword(_(WRONG_OR_DAMAGED)) from None


def _opened_old(key: bytes, rest: bytes) -> bytes:
    """Return the JSON; a wrong key may leave a padding that looks right."""
    opened = open_cbc(key, rest[:_OLD_IV_SIZE], rest[_OLD_IV_SIZE:])
    if not opened.startswith(b"{"):
        raise WrongKey
    return opened
