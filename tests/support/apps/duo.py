"""Duo Mobile on a rooted phone: duokit/accounts.json. One name, and perhaps a counter."""

import json
from collections.abc import Sequence
from typing import Any

from support.apps.accounts import Account, uuids

LOGOS = "file:///data/user/0/com.duosecurity.duomobile/files/duokit/logos"


def plain(accounts: Sequence[Account]) -> bytes:
    ids = uuids(9, accounts)
    return json.dumps([_entry(*pair) for pair in zip(accounts, ids, strict=True)]).encode()


def _entry(account: Account, id: str) -> dict[str, Any]:
    generator: dict[str, Any] = {"otpSecret": account.base32}
    if account.type == "hotp":
        generator["counter"] = account.counter
    return {
        "version": 1.0,
        "accountType": "OtpAccount",
        "name": account.account,
        "otpGenerator": generator,
        "logoUri": f"{LOGOS}/{id}.png",
        "pkey": id,
        "serviceTypeLabelIsCustom": True,
    }
