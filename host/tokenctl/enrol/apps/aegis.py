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
from tokenctl.language import _, marked

_PASSWORD_SLOT = 1
_VERSION = 1
_DB_VERSIONS = (1, 2, 3)
_SLOTS_MAX = 10  # each costs a key derivation
_KINDS = {"totp": "totp", "hotp": "hotp", "steam": "steam"}
_OTHER_TYPES = {
    "yandex": marked("Yandex's own kind of one-time password"),
    "motp": marked("mOTP, which needs a PIN for each code"),
}
_BESIDES = {
    marked("notes"): ("note",),
    marked("icons"): ("icon",),
    marked("groups"): ("groups", "group"),
}


def claims(file: File) -> bool:
    """Return whether the file looks like an export of Aegis."""
    return file.json_has("version", "header", "db") and isinstance(file.json["header"], dict)


def read(file: File, opening: Opening) -> Export:
    """Return what the export holds; raise SourceError."""
    outer = file.json
    if outer["version"] != _VERSION:
        raise Unreadable(
            _("its version is {version!r}; the supported one is {supported}").format(
                supported=_VERSION, version=outer["version"]
            )
        )
    db = outer["db"]
    encrypted = isinstance(db, str)
    if encrypted:
        db = parse_json(_decrypted(outer["header"], db, opening))
    if not isinstance(db, dict) or not isinstance(db.get("entries"), list):
        raise Unreadable(_("its list of accounts is missing"))
    if db.get("version", _DB_VERSIONS[0]) not in _DB_VERSIONS:
        raise Unreadable(
            _("its vault has version {version!r}, which is not supported").format(
                version=db["version"]
            )
        )
    entries = db["entries"]
    export = Export("aegis", dropped=dropped(entries, _BESIDES), disposable=not encrypted)
    export.collect(entries, _draft, lambda each: names_of(each, "issuer", "name"))
    return export


def _draft(entry: Any) -> Draft:
    fields = Fields(entry)
    info = fields.inner("info")
    kind = fields.text("type").lower()
    if kind in _OTHER_TYPES:
        raise Lacking(_("it is {kind}").format(kind=_(_OTHER_TYPES[kind])))
    if kind not in _KINDS:
        raise Lacking(_("its type is not totp, hotp or steam"))
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
        raise Unreadable(_(CUT))
    slots = [
        each for each in slots if isinstance(each, dict) and each.get("type") == _PASSWORD_SLOT
    ]
    if not slots:
        raise Unreadable(_("it can only be opened with a fingerprint; export it with a password"))
    if len(slots) > _SLOTS_MAX:
        raise Unreadable(
            _("it has {count} passwords; the limit is {limit}").format(
                count=len(slots), limit=_SLOTS_MAX
            )
        )
    try:
        sealed = base64_bytes(db, "vault")
        params = Fields(header).inner("params")
        nonce, tag = _hex(params, "nonce"), _hex(params, "tag")
        master = _master_key([Fields(each) for each in slots], opening)
    except BadEntry:
        raise Unreadable(_(CUT)) from None
    try:
        return open_gcm(master, nonce, sealed + tag)
    except WrongKey:
        raise Unreadable(_(DAMAGED)) from None


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
    raise WrongPassword(_(WRONG))


def _hex(fields: Fields, name: str) -> bytes:
    try:
        return bytes.fromhex(fields.text(name))
    except ValueError:
        raise BadEntry(_("its {name} is not hex").format(name=name)) from None
