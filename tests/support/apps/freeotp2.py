"""FreeOTP 2 (TokenPersistence, MasterKey, EncryptedKey of its source).

The backup is its preferences as a serialised HashMap: `masterKey`, and for each account a
UUID with the sealed secret and UUID-token with the rest. PBKDF2 with 100,000 rounds
(HmacSHA512; HmacSHA1 on Android before 8) seals the master key, which seals each secret by
AES-GCM, with the name of the key's algorithm as associated text and the nonce in ASN.1. What
the QR code lacks is missing in the JSON: no `algo` is SHA1. The counter is the next one.
"""

import json
from collections.abc import Sequence
from random import Random
from typing import Any

from support.apps.accounts import Account, uuids
from support.apps.java_map import hash_map
from support.apps.preferences import gson
from support.apps.sealing import gcm, pbkdf2

ROUNDS = 100_000


def encrypted(
    accounts: Sequence[Account], password: str, hash: str = "SHA512", *, stranger: str = ""
) -> bytes:
    """Return the backup; `stranger` is the algorithm of one more account, such as "SHA224"."""
    random = Random(51)
    salt, master = random.randbytes(32), random.randbytes(32)
    key = pbkdf2(password, salt, ROUNDS, hash)
    texts = {
        "masterKey": _dump(
            {
                "mAlgorithm": f"PBKDF2withHmac{hash}",
                "mEncryptedKey": _sealed(key, master, "AES", random),
                "mIterations": ROUNDS,
                "mSalt": _signed(salt),
            }
        )
    }
    for account, uuid in zip(accounts, uuids(8, accounts), strict=True):
        sealed = _dump(_sealed(master, account.secret, f"Hmac{account.algorithm}", random))
        texts[uuid] = json.dumps({"key": sealed}, separators=(",", ":")).replace("/", "\\/")
        texts[f"{uuid}-token"] = _dump(_token(account))
    if stranger:
        sealed = _dump(_sealed(master, b"sixteen bytes ok", f"Hmac{stranger}", random))
        texts["0"] = json.dumps({"key": sealed})
        texts["0-token"] = _dump(_token(Account("Stranger", "x", b"")) | {"algo": stranger})
    return hash_map(texts)


def _token(account: Account) -> dict[str, Any]:
    """Return the JSON of Token.java: everything that is not null, in its order."""
    token: dict[str, Any] = {}
    if account.algorithm != "SHA1":
        token["algo"] = account.algorithm
    if account.issuer:
        token |= {"issuerExt": account.issuer, "issuerInt": account.issuer}
    token["label"] = account.account
    if account.favourite:
        token |= {"image": "android.resource://org.fedorahosted.freeotp/1", "color": "e0e0e0"}
        token["lock"] = True
    if account.type != "hotp" and account.period != 30:
        token["period"] = account.period
    if account.digits != 6 and account.type != "steam":
        token["digits"] = account.digits
    token["type"] = "HOTP" if account.type == "hotp" else "TOTP"
    if account.type == "hotp":
        token["counter"] = account.counter
    return token


def _sealed(key: bytes, secret: bytes, algorithm: str, random: Random) -> dict[str, Any]:
    nonce = random.randbytes(12)
    parameters = b"\x30\x11\x04\x0c" + nonce + b"\x02\x01\x10"
    return {
        "mCipher": "AES/GCM/NoPadding",
        "mCipherText": _signed(gcm(key, nonce, secret, algorithm.encode())),
        "mParameters": _signed(parameters),
        "mToken": algorithm,
    }


def _signed(data: bytes) -> list[int]:
    return [byte - 256 if byte > 127 else byte for byte in data]


def _dump(value: object) -> str:
    return gson(json.dumps(value, separators=(",", ":"), ensure_ascii=False))
