"""FreeOTP 1 (its preferences, from a backup of the phone) and FreeOTP+ (its JSON export).

Token.java of both: the secret as signed bytes, issuerExt from the label and issuerInt from the
parameter, issuerAlt and labelAlt after renaming. An account with the issuer "Steam" is Steam's.
The entries are not in order; tokenOrder has the order. The counter is one less than the parameter
of the enrolment, and the app adds one when it shows the next code; the last versions of FreeOTP 1
store it unchanged (`late`).
"""

import json
from collections.abc import Sequence
from random import Random
from typing import Any

from support.apps.accounts import Account
from support.apps.preferences import gson, shared_preferences

RENAMED = "GitHub"  # the account that had another name when it was enrolled


def plain(accounts: Sequence[Account], *, late: bool = False) -> bytes:
    """Return FreeOTP 1's tokens.xml."""
    tokens = [(_id(each), _token(each, not late)) for each in accounts]
    rows = [(name, gson(_dump(token))) for name, token in tokens]
    rows.append(("tokenOrder", gson(_dump([name for name, _ in tokens]))))
    Random(6).shuffle(rows)
    return shared_preferences(rows)


def plus(accounts: Sequence[Account], *, late: bool = False) -> bytes:
    """Return FreeOTP+'s JSON; `late`: of a version with icons and categories."""
    tokens = [_token(each, True) for each in accounts]
    for token in tokens if late else ():
        token |= {"category": "Work", "iconKey": "github"}
    file = {"tokenOrder": [_id(each) for each in accounts], "tokens": tokens}
    Random(7).shuffle(tokens)
    return gson(_dump(file)).encode()


def _id(account: Account) -> str:
    issuer = _enrolled_issuer(account)
    return f"{issuer}:{account.account}" if issuer else account.account


def _enrolled_issuer(account: Account) -> str:
    return "Old name" if account.issuer == RENAMED else account.issuer


def _token(account: Account, one_less: bool) -> dict[str, Any]:
    hotp = account.type == "hotp"
    issuer = _enrolled_issuer(account)
    token: dict[str, Any] = {
        "algo": account.algorithm,
        "counter": account.counter - one_less if hotp else 0,
        "digits": account.digits,
    }
    if account.favourite:
        token["imageAlt"] = "file:///data/user/0/org.fedorahosted.freeotp/files/1.png"
    if issuer != account.issuer:
        token["issuerAlt"] = account.issuer
    return token | {
        "issuerExt": issuer,
        "issuerInt": issuer,
        "label": account.account,
        "period": account.period,
        "secret": account.signed_bytes,
        "type": "HOTP" if hotp else "TOTP",
    }


def _dump(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
