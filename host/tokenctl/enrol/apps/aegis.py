"""Aegis: JSON with the accounts in `db`, which is base64 when it is encrypted.

A key for the whole vault (AES-256-GCM) is wrapped in a slot of type 1 under a password
(scrypt, whose parameters the slot has); slots of other types are fingerprints.
"""

from typing import Any

from tokenctl.enrol.apps.drafts import Export, algorithm, base32, draft
from tokenctl.enrol.apps.faults import (
    CUT,
    DAMAGED,
    WRONG,
    BadEntry,
    Lacking,
    Unreadable,
    WrongPassword,
)
from tokenctl.enrol.apps.fields import Fields, base64_bytes, dropped, names_of
from tokenctl.enrol.apps.file import File, parse_json
from tokenctl.enrol.apps.keys import WrongKey, open_gcm, scrypt
from tokenctl.enrol.apps.opening import Opening
from tokenctl.enrol.draft import Draft

_PASSWORD_SLOT = 1
_VERSION = 1
_DB_VERSIONS = (1, 2, 3)
_SLOTS_MAX = 10  # each costs a key derivation
_KINDS = {"totp": "totp", "hotp": "hotp", "steam": "steam"}
_OTHER_TYPES = {
    "yandex": "Yandex's own kind of one-time password",
    "motp": "mOTP, which needs a PIN for each code",
}
_BESIDES = {"notes": ("note",), "icons": ("icon",), "groups": ("groups", "group")}


def claims(file: File) -> bool:
    """Return whether the file looks like an export of Aegis."""
    return file.json_has("version", "header", "db") and isinstance(file.json["header"], dict)


def read(file: File, opening: Opening) -> Export:
    """Return what the export holds; raise SourceError."""
    outer = file.json
    if outer["version"] != _VERSION:
        raise Unreadable(f"it is of version {outer['version']!r}; {_VERSION} is known")
    db = outer["db"]
    encrypted = isinstance(db, str)
    if encrypted:
        db = parse_json(_decrypted(outer["header"], db, opening))
    if not isinstance(db, dict) or not isinstance(db.get("entries"), list):
        raise Unreadable("its list of accounts is missing")
    if db.get("version", _DB_VERSIONS[0]) not in _DB_VERSIONS:
        raise Unreadable(f"its vault is of version {db['version']!r}, which is not known")
    entries = db["entries"]
    export = Export("aegis", dropped=dropped(entries, _BESIDES), disposable=not encrypted)
    export.collect(entries, _draft, lambda each: names_of(each, "issuer", "name"))
    return export


def _draft(entry: Any) -> Draft:
    fields = Fields(entry)
    info = fields.inner("info")
    kind = fields.text("type").lower()
    if kind in _OTHER_TYPES:
        raise Lacking(f"it is {_OTHER_TYPES[kind]}")
    if kind not in _KINDS:
        raise Lacking("its type is none of totp, hotp and steam")
    return draft(
        fields.text("issuer", ""),
        fields.text("name", ""),
        base32(info.text("secret")),
        type=_KINDS[kind],
        algorithm=algorithm(info.text("algo")),
        digits=info.number("digits"),
        period=None if kind == "hotp" else info.number("period"),
        counter=info.number("counter") if kind == "hotp" else None,
        favourite=fields.flag("favorite"),
    )


def _decrypted(header: dict[str, Any], db: str, opening: Opening) -> bytes:
    slots = header.get("slots")
    if not isinstance(slots, list):
        raise Unreadable(CUT)
    slots = [
        each for each in slots if isinstance(each, dict) and each.get("type") == _PASSWORD_SLOT
    ]
    if not slots:
        raise Unreadable("it opens with a fingerprint only; export it with a password")
    if len(slots) > _SLOTS_MAX:
        raise Unreadable(f"it has {len(slots)} passwords; the limit is {_SLOTS_MAX}")
    try:
        sealed = base64_bytes(db, "vault")
        params = Fields(header).inner("params")
        nonce, tag = _hex(params, "nonce"), _hex(params, "tag")
        master = _master_key([Fields(each) for each in slots], opening)
    except BadEntry:
        raise Unreadable(CUT) from None
    try:
        return open_gcm(master, nonce, sealed + tag)
    except WrongKey:
        raise Unreadable(DAMAGED) from None


def _master_key(slots: list[Fields], opening: Opening) -> bytes:
    password = opening.ask()
    for slot in slots:
        params = slot.inner("key_params")
        n, r, p = (slot.number(name) for name in ("n", "r", "p"))
        key = scrypt(password, _hex(slot, "salt"), n, r, p, opening.allow_slow)
        try:
            return open_gcm(key, _hex(params, "nonce"), _hex(slot, "key") + _hex(params, "tag"))
        except WrongKey:
            continue
    raise WrongPassword(WRONG)


def _hex(fields: Fields, name: str) -> bytes:
    try:
        return bytes.fromhex(fields.text(name))
    except ValueError:
        raise BadEntry(f"its {name} is not hex") from None
