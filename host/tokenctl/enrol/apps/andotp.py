"""andOTP: a JSON array, in the clear or sealed with AES-256-GCM.

A sealed one has no mark. The new kind begins with the rounds of PBKDF2 with SHA-1 (four
bytes) and a salt of 12; the old one's key is the SHA-256 of the password. Then comes a
nonce of 12 in both. A file of random bytes may be one, which a password proves.
"""

import hashlib
from collections import Counter
from typing import Any

from tokenctl.enrol.apps.drafts import Export, base32, draft, parameters_in
from tokenctl.enrol.apps.faults import (
    CUT,
    Lacking,
    Unreadable,
    WrongPassword,
)
from tokenctl.enrol.apps.fields import Fields, dropped, names_of
from tokenctl.enrol.apps.file import NO_JSON, File, parse_json
from tokenctl.enrol.apps.keys import ROUNDS_MAX, WrongKey, open_gcm, pbkdf2
from tokenctl.enrol.apps.opening import Opening
from tokenctl.enrol.draft import Draft
from tokenctl.language import _, marked

_ROUNDS_SIZE, _SALT_SIZE, _NONCE_SIZE, _TAG_SIZE = 4, 12, 12, 16
_NEW_LEAST = _ROUNDS_SIZE + _SALT_SIZE + _NONCE_SIZE + _TAG_SIZE + 2
_OLD_LEAST = _NONCE_SIZE + _TAG_SIZE + 2
_SAMPLE = 1 << 16
_KINDS = ("totp", "hotp", "steam")
_BESIDES = {marked("groups"): ("tags",)}
_WRONG = marked("the password is wrong, the file is damaged, or it is not an andOTP backup at all")


def claims(file: File) -> bool:
    """Return whether the file is an array like andOTP's."""
    entries = file.json
    return isinstance(entries, list) and all(
        isinstance(each, dict) and {"secret", "label", "type"} <= each.keys() for each in entries
    )


def may_be(file: File) -> bool:
    """Return whether the bytes look like an encrypted one: random, behind the rounds."""
    if file.text is not None or len(file.data) < _OLD_LEAST:
        return False
    return _looks_random(file.data[_ROUNDS_SIZE:] if _rounds(file.data) else file.data)


def read(file: File, opening: Opening) -> Export:
    """Return what the backup holds; raise SourceError."""
    entries, encrypted = file.json, file.json is NO_JSON
    if encrypted:
        if file.text is not None or len(file.data) < _OLD_LEAST:
            raise Unreadable(_(CUT))
        entries = parse_json(_decrypted(file.data, opening))
    if not isinstance(entries, list):
        raise Unreadable(_("its list of accounts is missing"))
    export = Export("andotp", dropped=dropped(entries, _BESIDES), disposable=not encrypted)
    export.collect(entries, _draft, lambda each: names_of(each, "issuer", "label"))
    return export


def _draft(entry: Any) -> Draft:
    fields = Fields(entry)
    kind = fields.text("type").lower()
    if kind not in _KINDS:
        raise Lacking(_("its type is not TOTP, HOTP or STEAM"))
    issuer, label = fields.text("issuer", ""), fields.text("label", "")
    if "issuer" not in entry and " - " in label:  # old ones have both in one
        issuer, _dash, label = label.partition(" - ")
    return draft(
        issuer,
        label,
        base32(fields.text("secret")),
        parameters_in(fields, kind),
    )


def _decrypted(data: bytes, opening: Opening) -> bytes:
    password = opening.ask()
    if rounds := _rounds(data):
        salt = data[_ROUNDS_SIZE : _ROUNDS_SIZE + _SALT_SIZE]
        try:
            return _opened(
                pbkdf2("SHA1", password, salt, rounds), data[_ROUNDS_SIZE + _SALT_SIZE :]
            )
        except WrongKey:
            pass  # an old one's nonce may look like rounds
    try:
        return _opened(hashlib.sha256(password).digest(), data)
    except WrongKey:
        raise WrongPassword(_(_WRONG)) from None


def _opened(key: bytes, data: bytes) -> bytes:
    return open_gcm(key, data[:_NONCE_SIZE], data[_NONCE_SIZE:])


def _rounds(data: bytes) -> int:
    """Return the rounds at the beginning, or 0 where they are no such number."""
    rounds = int.from_bytes(data[:_ROUNDS_SIZE], "big")
    return rounds if len(data) >= _NEW_LEAST and rounds <= ROUNDS_MAX else 0


def _looks_random(data: bytes) -> bool:
    """Return whether bytes are spread as those of a cipher are; pictures and programs' are not."""
    sample = data[:_SAMPLE]
    expected = len(sample) / 256
    spread = Counter(sample)
    chi_square = sum((spread[value] - expected) ** 2 / expected for value in range(256))
    return chi_square < 400  # 255 on the average; over 350 once in 10,000
