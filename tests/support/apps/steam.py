"""Steam: the maFile of Steam Desktop Authenticator, and the app's own file of a rooted phone."""

import json
from base64 import b64encode
from collections.abc import Sequence
from typing import Any

from support.apps.accounts import Account

STEAM_ID = 76_561_197_960_287_930


def plain(accounts: Sequence[Account]) -> bytes:
    """Return the maFile of a single account."""
    (account,) = accounts
    fields = _fields(account) | {
        "server_time": 1_608_374_963,
        "device_id": "android:12345678-1234-1234-1234-123456789012",
        "fully_enrolled": True,
        "Session": {"SessionID": "0123", "OAuthToken": "456", "SteamID": STEAM_ID},
    }
    return json.dumps(fields, separators=(",", ":")).encode()


def app(accounts: Sequence[Account]) -> bytes:
    """Return the app's file, which holds any number of accounts."""
    inner = {
        f"{number:02x}c0ffee": {"steamid": str(STEAM_ID + number)}
        | _fields(account)
        | {"server_time": "1608374963", "steamguard_scheme": "2"}
        for number, account in enumerate(accounts)
    }
    text = json.dumps({"accounts": inner}, separators=(",", ":"), ensure_ascii=False)
    return text.replace("/", "\\/").encode()


def app_old(accounts: Sequence[Account]) -> bytes:
    """Return the file of earlier versions: one account, no map around it."""
    (account,) = accounts
    fields = {"steamid": str(STEAM_ID)} | _fields(account) | {"server_time": "0"}
    return json.dumps(fields, separators=(",", ":")).replace("/", "\\/").encode()


def _fields(account: Account) -> dict[str, Any]:
    """Return the fields of Steam's server; `identity_secret` and `secret_1` are not for codes."""
    name = account.account
    return {
        "shared_secret": account.base64,
        "serial_number": "12345678901234567890",
        "revocation_code": "R12345",
        "uri": f"otpauth://totp/Steam:{name}?secret={account.base32}&issuer=Steam",
        "account_name": name,
        "token_gid": "894820a474c9",
        "identity_secret": b64encode(b"not this secret, but").decode(),
        "secret_1": b64encode(b"nor this one, please").decode(),
        "status": 1,
    }
