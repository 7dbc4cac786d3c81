"""Stratum, formerly Authenticator Pro (Stratum.Core/src/Backup of its source).

JSON with names in PascalCase and enumerations as numbers. Encrypted: "AUTHENTICATORPRO",
salt 16, nonce 12, AES-GCM with Argon2id (3 passes, 64 MiB, 4 lanes); before 2023:
"AuthenticatorPro", salt 20, vector 16, AES-CBC with PBKDF2-SHA1 and 64,000 rounds. The
issuer is mandatory: an account without one has its account name there.
"""

import json
from base64 import b64encode
from collections.abc import Sequence
from random import Random
from typing import Any

from support.apps.accounts import Account
from support.apps.sealing import argon2id, cbc, gcm, pbkdf2

TYPES = {"hotp": 1, "totp": 2, "steam": 4}
MOTP, YANDEX = 3, 5
ALGORITHMS = {"SHA1": 0, "SHA256": 1, "SHA512": 2}
CATEGORY = "2a6f9d10"


def plain(accounts: Sequence[Account], strangers: Sequence[dict[str, Any]] = ()) -> bytes:
    entries = [_entry(account) for account in accounts] + list(strangers)
    favourites = [account for account in accounts if account.favourite]
    backup = {
        "Authenticators": entries,
        "Categories": [{"Id": CATEGORY, "Name": "Work", "Ranking": 0}],
        "AuthenticatorCategories": [
            {"CategoryId": CATEGORY, "AuthenticatorSecret": each.base32, "Ranking": place}
            for place, each in enumerate(favourites)
        ],
        "CustomIcons": [{"Id": "c0ffee12", "Data": b64encode(b"\x89PNG\r\n\x1a\n").decode()}],
    }
    return json.dumps(backup, separators=(",", ":"), ensure_ascii=True).encode()


def encrypted(accounts: Sequence[Account], password: str) -> bytes:
    random = Random(45)
    salt, nonce = random.randbytes(16), random.randbytes(12)
    key = argon2id(password, salt, passes=3, mebibytes=64, lanes=4)
    return b"AUTHENTICATORPRO" + salt + nonce + gcm(key, nonce, plain(accounts))


def encrypted_legacy(accounts: Sequence[Account], password: str) -> bytes:
    random = Random(46)
    salt, vector = random.randbytes(20), random.randbytes(16)
    key = pbkdf2(password, salt, 64_000, "SHA1")
    return b"AuthenticatorPro" + salt + vector + cbc(key, vector, plain(accounts))


def stranger(name: str, **fields: object) -> dict[str, Any]:
    """Return an entry with some fields changed, such as Type=YANDEX."""
    return _entry(Account(name, "", b"sixteen bytes ok")) | fields


def _entry(account: Account) -> dict[str, Any]:
    return {
        "Type": TYPES[account.type],
        "Icon": "@c0ffee12" if account.favourite else None,
        "Issuer": account.issuer or account.account,
        "Username": (account.account or None) if account.issuer else None,
        "Secret": account.base32,
        "Pin": None,
        "Algorithm": ALGORITHMS[account.algorithm],
        "Digits": account.digits,
        "Period": account.period,
        "Counter": account.counter,
        "CopyCount": 2,
        "Ranking": 0,
    }
