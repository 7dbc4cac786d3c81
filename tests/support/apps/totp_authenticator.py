"""TOTP Authenticator (com.authenticator.authservice2): base64 of AES-CBC, no salt, zero vector.

The plaintext is an object whose only *name* is the JSON text of the list and whose value is
the time; the key is SHA-256 of the password, by default "TotpAuthenticator". Digits and period
are texts, secrets hex, and there is no algorithm: everything is SHA-1.
"""

import hashlib
import json
from base64 import b64encode
from collections.abc import Sequence
from typing import Any

from support.apps.accounts import Account
from support.apps.preferences import shared_preferences
from support.apps.sealing import cbc

DEFAULT_PASSWORD = "TotpAuthenticator"


def encrypted(accounts: Sequence[Account], password: str) -> bytes:
    text = _dump({_list(accounts): "1608293023"})
    key = hashlib.sha256(password.encode()).digest()
    return b64encode(cbc(key, bytes(16), text.encode()))


def plain(accounts: Sequence[Account]) -> bytes:
    """Return its preferences, from a backup of the phone."""
    others = '    <int name="RATE_US_COUNTER" value="13" />\n'
    rows = [("STATIC_TOTP_CODES_LIST", _list(accounts)), ("SORT_ACCOUNT_BY", "CUSTOM")]
    return shared_preferences(rows, others)


def _list(accounts: Sequence[Account]) -> str:
    return _dump([_entry(account) for account in accounts])


def _entry(account: Account) -> dict[str, Any]:
    return {
        "accountHeaderLabel": "",
        "allowNotifications": False,
        "base": 16,
        "digits": str(account.digits),
        "fileName": "",
        "iconLabel": "",
        "iconPath": "",
        "isFavorite": account.favourite,
        "isSelected": False,
        "isWidgetActive": False,
        "issuer": account.issuer or "Unknown",
        "key": account.hex.upper(),
        "name": account.account,
        "period": str(account.period),
        "setIconFromDrawable": True,
        "source": 0,
        "timeRemaining": 0,
        "totpCode": "",
        "widgetId": 0,
    }


def _dump(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
