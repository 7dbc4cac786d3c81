"""Authy on a rooted phone: its preferences. There is no period and no algorithm: 30 s, SHA-1.

If a backup password is set, each secret (its Base32 text) is encrypted by AES-CBC with a zero
vector, with a key by PBKDF2-SHA1 with 1,000 rounds from the salt as text. Authy's own accounts
are in another list: seven digits, ten seconds, the secret in hex.
"""

import json
import string
from base64 import b64encode
from collections.abc import Sequence
from random import Random
from typing import Any

from support.apps.accounts import Account
from support.apps.preferences import gson, shared_preferences
from support.apps.sealing import cbc, pbkdf2

KEY = "com.authy.storage.tokens.authenticator.key"
OWN_KEY = "com.authy.storage.tokens.authy.key"
VERSION = '    <int name="key_version" value="121" />\n'


def plain(accounts: Sequence[Account]) -> bytes:
    return _file([_token(each, {"decryptedSecret": each.base32}) for each in accounts])


def encrypted(accounts: Sequence[Account], password: str) -> bytes:
    random = Random(52)
    tokens = []
    for each in accounts:
        salt = "".join(random.choices(string.ascii_letters + string.digits, k=32))
        key = pbkdf2(password, salt.encode(), 1000, "SHA1")
        sealed = b64encode(cbc(key, bytes(16), each.base32.encode())).decode()
        tokens.append(_token(each, {"encryptedSecret": sealed, "salt": salt}))
    return _file(tokens)


def own(accounts: Sequence[Account]) -> bytes:
    """Return the list of accounts of Authy's own service: each 7 digits, 10 s."""
    tokens = [
        {
            "appid": {"android": "com.example"},
            "assetGroup": "example",
            "digits": each.digits,
            "lastCheck": "1608374963",
            "name": each.account,
            "secretSeed": each.hex,
            "serial_id": 4711,
            "version": 3,
        }
        for each in accounts
    ]
    return shared_preferences([(OWN_KEY, gson(json.dumps(tokens, separators=(",", ":"))))])


def _file(tokens: list[dict[str, Any]]) -> bytes:
    text = json.dumps(tokens, separators=(",", ":"), ensure_ascii=False)
    return shared_preferences([(KEY, gson(text))], VERSION)


def _token(account: Account, secret: dict[str, str]) -> dict[str, Any]:
    """Return one token; Authy shows "Issuer: account", and keeps the names of the QR code."""
    token: dict[str, Any] = {"accountType": "authenticator", "digits": account.digits} | secret
    if account.issuer:
        token |= {"logo": account.issuer, "originalIssuer": account.issuer}
    names = [name for name in (account.issuer, account.account) if name]
    return token | {
        "originalName": ":".join(names),
        "timestamp": 1_608_374_963,
        "upload_state": "uploaded" if "salt" in secret else "notUploaded",
        "hidden": False,
        "id": "1608374963",
        "isNew": False,
        "name": ": ".join(names),
    }
