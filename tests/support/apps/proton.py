"""Proton Authenticator (proton-pass-common, entry/exporter and password_exporter).

The label of a URI is the account only; Steam entries are steam://SECRET, in Base32 if the
secret was given in that, else in Base64 without padding (an import from another app), with the
name next to it. There is no HOTP. Encrypted: Argon2id (2 passes, 19 MiB, 1 lane), AES-GCM with
the nonce in front and a fixed associated text.
"""

import json
from base64 import b64encode
from collections.abc import Sequence
from random import Random
from typing import Any
from urllib.parse import quote, quote_plus

from support.apps.accounts import Account, uuids
from support.apps.sealing import argon2id, gcm

ASSOCIATED = b"proton.authenticator.export.v1"


def plain(accounts: Sequence[Account], *, steam_base64: bool = False) -> bytes:
    entries = [
        _entry(account, id, steam_base64)
        for account, id in zip(accounts, uuids(5, accounts), strict=True)
    ]
    return _dump({"version": 1, "entries": entries})


def encrypted(accounts: Sequence[Account], password: str) -> bytes:
    random = Random(50)
    salt, nonce = random.randbytes(16), random.randbytes(12)
    key = argon2id(password, salt, passes=2, mebibytes=19, lanes=1)
    sealed = nonce + gcm(key, nonce, plain(accounts), ASSOCIATED)
    content = b64encode(sealed).decode()
    return _dump({"version": 1, "salt": b64encode(salt).decode(), "content": content})


def _entry(account: Account, id: str, steam_base64: bool) -> dict[str, Any]:
    if account.type == "steam":
        text = account.base64.rstrip("=") if steam_base64 else account.base32
        content = {"uri": f"steam://{text}", "entry_type": "Steam", "name": account.account}
    else:
        content = {"uri": _uri(account), "entry_type": "Totp", "name": account.account}
    return {"id": id, "content": content, "note": "in the safe" if account.favourite else None}


def _uri(account: Account) -> str:
    parameters = {"secret": account.base32, "issuer": account.issuer}
    parameters |= {"algorithm": account.algorithm, "digits": str(account.digits)}
    parameters["period"] = str(account.period)
    if not account.issuer:
        del parameters["issuer"]
    query = "&".join(f"{name}={quote_plus(value)}" for name, value in parameters.items())
    return f"otpauth://totp/{quote(account.account, safe='@:+')}?{query}"


def _dump(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()
