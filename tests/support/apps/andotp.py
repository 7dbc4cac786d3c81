"""andOTP (Database/Entry and the backup helpers of its source): a JSON array, or its ciphertext.

Secrets keep their padding; a Steam entry has no period. Before about version 0.4 the issuer
was in the label ("issuer - account"). The present encryption begins with the number of
PBKDF2-SHA1 rounds (140,000 to 160,000, big-endian int32) and a salt of 12 bytes; the one
before 0.6.3 used SHA-256 of the password as its key. AES-GCM, a nonce of 12 bytes in front.
"""

import hashlib
import json
import struct
from collections.abc import Sequence
from random import Random
from typing import Any

from support.apps.accounts import Account
from support.apps.sealing import gcm, pbkdf2

ROUNDS = 143_217


def plain(accounts: Sequence[Account], *, old: bool = False) -> bytes:
    """Return the array; `old`: of a version with issuer and label in one field."""
    entries = [_old_entry(each) if old else _entry(each) for each in accounts]
    return json.dumps(entries, separators=(",", ":"), ensure_ascii=False).encode()


def encrypted(accounts: Sequence[Account], password: str) -> bytes:
    random = Random(43)
    salt, nonce = random.randbytes(12), random.randbytes(12)
    key = pbkdf2(password, salt, ROUNDS, "SHA1")
    return struct.pack(">i", ROUNDS) + salt + nonce + gcm(key, nonce, plain(accounts))


def encrypted_old(accounts: Sequence[Account], password: str) -> bytes:
    nonce = Random(44).randbytes(12)
    return nonce + gcm(hashlib.sha256(password.encode()).digest(), nonce, plain(accounts))


def _entry(account: Account) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "secret": account.padded,
        "issuer": account.issuer,
        "label": account.account,
        "digits": account.digits,
        "type": account.type.upper(),
        "algorithm": account.algorithm,
        "thumbnail": "Github" if account.issuer == "GitHub" else "Default",
        "last_used": 1_608_146_844_162,
        "used_frequency": 3,
    }
    if account.type == "totp":
        entry["period"] = account.period
    elif account.type == "hotp":
        entry["counter"] = account.counter
    entry["tags"] = ["work", "Größe"] if account.favourite else []
    return entry


def _old_entry(account: Account) -> dict[str, Any]:
    return {
        "secret": account.padded,
        "label": " - ".join(filter(None, (account.issuer, account.account))),
        "period": account.period,
        "digits": account.digits,
        "type": "TOTP",
        "algorithm": account.algorithm,
        "tags": [],
    }
