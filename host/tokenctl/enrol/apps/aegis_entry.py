"""One account as an entry of Aegis' list: written as the app does, and read for its secret."""

import uuid
from typing import Any

from otpcore import base32
from otpcore.account import STATIC, Account
from tokenctl.language import _

_PERIOD_MAX = 0x7FFFFFFF  # a Java int
_COUNTER_MAX = 0x7FFFFFFFFFFFFFFF  # a long


def no_place(account: Account) -> str | None:
    """Return why Aegis cannot hold an account, as a clause, or None."""
    if account.type == STATIC:
        return _("an app password cannot be kept: Aegis has no place for a text")
    if account.t0:
        return _("it cannot be kept: Aegis has no place for its T0")
    if account.period > _PERIOD_MAX or account.counter > _COUNTER_MAX:
        return _("it cannot be kept: its period or its counter is too large for Aegis")
    return None


def entry_of(account: Account) -> dict[str, Any]:
    """Return an account as Aegis writes one."""
    info: dict[str, Any] = {
        "secret": base32.encode(account.secret),
        "algo": account.algorithm,
        "digits": account.digits,
    }
    if account.type == "hotp":
        info["counter"] = account.counter
    else:
        info["period"] = account.period
    return {
        "type": account.type,
        "uuid": str(uuid.uuid4()),
        "name": account.name,
        "issuer": account.issuer,
        "note": "",
        "favorite": False,
        "icon": None,
        "info": info,
        "groups": [],
    }


def secret_in(entry: dict[str, Any]) -> bytes | None:
    """Return the secret of an entry of the file; None if the entry is of another kind."""
    info = entry.get("info")
    text = info.get("secret") if isinstance(info, dict) else None
    try:
        return base32.decode(text) if isinstance(text, str) else None
    except ValueError:
        return None
