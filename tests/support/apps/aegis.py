"""Aegis Authenticator (vault/VaultFile, VaultEntry and slots of its source): JSON, indented by 4.

The encrypted vault has a random master key, wrapped once for each slot: a password slot
(type 1, scrypt 2**15/8/1), a biometric one (type 2, a key that never leaves the phone) and,
if backups have a password of their own, a second password slot.
"""

import hashlib
import json
from base64 import b64decode, b64encode
from collections.abc import Sequence
from functools import cache
from random import Random
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from support.apps.accounts import Account, uuids
from support.apps.sealing import gcm

GROUP = "9c1b5d2e-0f3a-4c57-8a61-2d7be3f0a914"
ICON = b'<svg xmlns="http://www.w3.org/2000/svg"/>'


def plain(accounts: Sequence[Account], strangers: Sequence[dict[str, Any]] = ()) -> bytes:
    """Return the unencrypted export; `strangers` are further entries, verbatim."""
    return _file({"slots": None, "params": None}, _database(accounts, strangers))


def encrypted(accounts: Sequence[Account], password: str, other: str = "backup") -> bytes:
    """Return the encrypted export, which the password `other` opens, too."""
    random = Random(41)
    master = random.randbytes(32)
    nonce = random.randbytes(12)
    slots = [
        _biometric_slot(master, random),
        _password_slot(master, other, random, is_backup=True),
        _password_slot(master, password, random, is_backup=False),
    ]
    text = _dump(_database(accounts, ()))
    sealed, tag = _split(gcm(master, nonce, text.encode()))
    header = {"slots": slots, "params": {"nonce": nonce.hex(), "tag": tag.hex()}}
    return _file(header, b64encode(sealed).decode())


def opened(data: bytes, password: str) -> dict[str, Any]:
    """Return the vault that Aegis would show after an import; raise InvalidTag.

    It follows Aegis' own code, and is strict: a missing field that Aegis needs is a KeyError.
    """
    outer = json.loads(data)
    assert outer["version"] == 1
    master = None
    for slot in outer["header"]["slots"]:
        if slot["type"] != 1:
            continue
        UUID(slot["uuid"])
        assert slot["repaired"] is True  # or Aegis would cut a long password to 64 bytes
        key = hashlib.scrypt(
            password.encode(),
            salt=bytes.fromhex(slot["salt"]),
            n=slot["n"],
            r=slot["r"],
            p=slot["p"],
            maxmem=64 << 20,
            dklen=32,
        )
        try:
            master = _unsealed(key, slot["key_params"], bytes.fromhex(slot["key"]))
        except InvalidTag:
            continue
    if master is None:
        raise InvalidTag
    db = json.loads(_unsealed(master, outer["header"]["params"], b64decode(outer["db"])))
    for entry in db["entries"]:
        UUID(entry["uuid"])
        assert isinstance(entry["note"], str) and isinstance(entry["favorite"], bool)
        assert entry["icon"] is None or entry["icon_mime"]
    return db


def _unsealed(key: bytes, params: dict[str, str], sealed: bytes) -> bytes:
    nonce, tag = bytes.fromhex(params["nonce"]), bytes.fromhex(params["tag"])
    decryptor = Cipher(algorithms.AES(key), modes.GCM(nonce, tag)).decryptor()
    return decryptor.update(sealed) + decryptor.finalize()


def stranger(type: str, name: str, **info: object) -> dict[str, Any]:
    """Return an entry of another kind, such as "yandex" or "motp"."""
    return {
        "type": type,
        "uuid": "3f2b8a1c-7d54-4e6f-9a0b-c1d2e3f40516",
        "name": name,
        "issuer": "",
        "note": "",
        "favorite": False,
        "icon": None,
        "info": info,
        "groups": [],
    }


def _database(accounts: Sequence[Account], strangers: Sequence[dict[str, Any]]) -> dict[str, Any]:
    entries = [
        _entry(account, uuid) for account, uuid in zip(accounts, uuids(1, accounts), strict=True)
    ]
    return {
        "version": 3,
        "entries": entries + list(strangers),
        "groups": [{"uuid": GROUP, "name": "Work"}],
        "icons_optimized": True,
    }


def _entry(account: Account, uuid: str) -> dict[str, Any]:
    """Return one entry; favourites have a note, an icon and a group."""
    info: dict[str, Any] = {
        "secret": account.base32,
        "algo": account.algorithm,
        "digits": account.digits,
    }
    if account.type == "hotp":
        info["counter"] = account.counter
    else:
        info["period"] = account.period
    entry: dict[str, Any] = {
        "type": account.type,
        "uuid": uuid,
        "name": account.account,
        "issuer": account.issuer,
        "note": "recovery codes are in the safe\nfloor 2" if account.favourite else "",
        "favorite": account.favourite,
        "icon": None,
    }
    if account.favourite:
        mime = "image/svg+xml"
        entry["icon"] = b64encode(ICON).decode()
        entry["icon_mime"] = mime
        entry["icon_hash"] = hashlib.sha256(mime.encode() + ICON).hexdigest()
    return entry | {
        "info": info,
        "groups": [GROUP] if account.favourite else [],
        "archived": False,
    }


@cache
def _derived(password: str, salt: bytes) -> bytes:
    return Scrypt(salt=salt, length=32, n=32768, r=8, p=1).derive(password.encode())


def _password_slot(
    master: bytes, password: str, random: Random, *, is_backup: bool
) -> dict[str, Any]:
    salt = random.randbytes(32)
    return _slot(1, master, _derived(password, salt), random) | {
        "n": 32768,
        "r": 8,
        "p": 1,
        "salt": salt.hex(),
        "repaired": True,
        "is_backup": is_backup,
    }


def _biometric_slot(master: bytes, random: Random) -> dict[str, Any]:
    return _slot(2, master, random.randbytes(32), random)


def _slot(type: int, master: bytes, key: bytes, random: Random) -> dict[str, Any]:
    nonce = random.randbytes(12)
    wrapped, tag = _split(gcm(key, nonce, master))
    return {
        "type": type,
        "uuid": uuids(50 + type, (Account("", "", b""),))[0],
        "key": wrapped.hex(),
        "key_params": {"nonce": nonce.hex(), "tag": tag.hex()},
    }


def _split(sealed: bytes) -> tuple[bytes, bytes]:
    return sealed[:-16], sealed[-16:]


def _file(header: dict[str, Any], content: object) -> bytes:
    return _dump({"version": 1, "header": header, "db": content}).encode()


def _dump(value: object) -> str:
    """Return JSON as Android's org.json prints it: slashes escaped."""
    return json.dumps(value, indent=4, ensure_ascii=False).replace("/", "\\/")
