"""The envelope of an encrypted Aegis file: opened, changed, and sealed again.

A key for the whole vault (AES-256-GCM) is wrapped in a slot of type 1 under a password
(scrypt, whose parameters the slot has); slots of other types are fingerprints. Who changes the
accounts leaves the slots as they are, so that every password goes on opening the file.
"""

import json
import secrets
import uuid
from base64 import b64encode
from dataclasses import dataclass
from typing import Any, Self

from tokenctl.enrol.apps.faults import CUT, DAMAGED, WRONG, BadEntry, Unreadable, WrongPassword
from tokenctl.enrol.apps.fields import Fields, base64_bytes
from tokenctl.enrol.apps.file import parse_json
from tokenctl.enrol.apps.keys import KEY_SIZE, WrongKey, open_gcm, scrypt, seal_gcm
from tokenctl.enrol.apps.opening import Opening
from tokenctl.language import _

VERSION = 1
DB_VERSIONS = (1, 2, 3)

_PASSWORD_SLOT = 1
_SLOTS_MAX = 10  # each costs a key derivation
_SALT, _NONCE, _TAG = 32, 12, 16  # bytes
_COST = {"n": 1 << 15, "r": 8, "p": 1}  # of a new slot: what Aegis takes, 32 MiB


@dataclass(repr=False)
class AegisVault:
    """An opened vault: `db` may be changed. `slots` are how it opens, `master` is its key.

    No representation shows any of it.
    """

    db: dict[str, Any]
    slots: list[Any]
    master: bytes

    @classmethod
    def new(cls, password: bytes) -> Self:
        """Return an empty vault that this password opens; raise MissingLibrary."""
        master, salt = secrets.token_bytes(KEY_SIZE), secrets.token_bytes(_SALT)
        key = scrypt(password, salt, _COST["n"], _COST["r"], _COST["p"], slow=False)
        wrapped, params = _sealed(key, master)
        slot = {
            "type": _PASSWORD_SLOT,
            "uuid": str(uuid.uuid4()),
            "key": wrapped.hex(),
            "key_params": params,
            **_COST,
            "salt": salt.hex(),
            "repaired": True,
            "is_backup": False,
        }
        db = {"version": DB_VERSIONS[-1], "entries": [], "groups": [], "icons_optimized": True}
        return cls(db, [slot], master)

    @classmethod
    def opened(cls, outer: dict[str, Any], opening: Opening) -> Self:
        """Return the vault of a file's outer JSON; raise WrongPassword, Unreadable, TooCostly."""
        header, db = outer["header"], outer["db"]
        slots = header.get("slots")
        if not isinstance(slots, list):
            raise Unreadable(_(CUT))
        usable = [
            each for each in slots if isinstance(each, dict) and each.get("type") == _PASSWORD_SLOT
        ]
        if not usable:
            raise Unreadable(
                _("it can only be opened with a fingerprint; export it with a password")
            )
        if len(usable) > _SLOTS_MAX:
            raise Unreadable(
                _("it has {count} passwords; the limit is {limit}").format(
                    count=len(usable), limit=_SLOTS_MAX
                )
            )
        try:
            sealed = base64_bytes(db, "vault")
            params = Fields(header).inner("params")
            nonce, tag = _hex(params, "nonce"), _hex(params, "tag")
            master = _master_key([Fields(each) for each in usable], opening)
        except BadEntry:
            raise Unreadable(_(CUT)) from None
        try:
            content = parse_json(open_gcm(master, nonce, sealed + tag))
        except WrongKey:
            raise Unreadable(_(DAMAGED)) from None
        return cls(checked(content), slots, master)

    def to_bytes(self) -> bytes:
        """Return the file, with the accounts sealed under a fresh nonce."""
        sealed, params = _sealed(self.master, json.dumps(self.db).encode())
        outer = {
            "version": VERSION,
            "header": {"slots": self.slots, "params": params},
            "db": b64encode(sealed).decode(),
        }
        return json.dumps(outer, indent=4).encode() + b"\n"


def checked(db: Any) -> dict[str, Any]:
    """Return the vault's content if it has a list of accounts in a known form."""
    if not isinstance(db, dict) or not isinstance(db.get("entries"), list):
        raise Unreadable(_("its list of accounts is missing"))
    if db.get("version", DB_VERSIONS[0]) not in DB_VERSIONS:
        raise Unreadable(
            _("its vault has version {version!r}, which is not supported").format(
                version=db["version"]
            )
        )
    return db


def _master_key(slots: list[Fields], opening: Opening) -> bytes:
    password = opening.ask()
    for slot in slots:
        params = slot.inner("key_params")
        n, r, p = (slot.number(name) for name in _COST)
        key = scrypt(password, _hex(slot, "salt"), n, r, p, opening.allow_slow)
        try:
            return open_gcm(key, _hex(params, "nonce"), _hex(slot, "key") + _hex(params, "tag"))
        except WrongKey:
            continue
    raise WrongPassword(_(WRONG))


def _sealed(key: bytes, content: bytes) -> tuple[bytes, dict[str, str]]:
    """Return the ciphertext, and nonce and tag as Aegis writes them beside it."""
    nonce = secrets.token_bytes(_NONCE)
    sealed = seal_gcm(key, nonce, content)
    return sealed[:-_TAG], {"nonce": nonce.hex(), "tag": sealed[-_TAG:].hex()}


def _hex(fields: Fields, name: str) -> bytes:
    try:
        return bytes.fromhex(fields.text(name))
    except ValueError:
        raise BadEntry(_("its {name} is not hex").format(name=name)) from None
