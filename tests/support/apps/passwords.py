"""CSV that password managers export, with a login that has no code among those that have one.

Apple Passwords, 1Password, Dashlane and Proton Pass write an otpauth URI, LastPass the secret.
"""

import csv
import io
from collections.abc import Sequence
from urllib.parse import quote

from support.apps.accounts import Account

APPLE = "Title,URL,Username,Password,Notes,OTPAuth"
ONE_PASSWORD = "Title,Url,Username,Password,OTPAuth,Favorite,Archived,Tags,Notes"
LASTPASS = "url,username,password,totp,extra,name,grouping,fav"
DASHLANE = "username,username2,username3,title,password,note,url,category,otpUrl"
PROTON_PASS = "type,name,url,email,username,password,note,totp,createTime,modifyTime,vault"

_COLUMNS = {
    "title": "{issuer}",
    "name": "{issuer}",
    "url": "https://example.com/login?next=1,2",
    "username": "{account}",
    "password": 'p"w;1',
    "notes": 'several "quoted", lines\nhere',
    "extra": "12;34",
    "type": "login",
    "grouping": "Work",
    "otpauth": "{uri}",
    "otpurl": "{uri}",
    "totp": "{uri}",
    "archived": "false",
}


def table(header: str, accounts: Sequence[Account], *, delimiter: str = ",") -> bytes:
    """Return a manager's export, with CRLF as RFC 4180 has it."""
    names = header.split(",")
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerow(names)
    writer.writerow(_row(names, Account("No second factor", "eve", b""), header))
    writer.writerows(_row(names, each, header) for each in accounts)
    return text.getvalue().encode()


def _row(names: Sequence[str], account: Account, header: str) -> list[str]:
    known = {"issuer": account.issuer, "account": account.account, "uri": _code(account, header)}
    values = {name: text.format(**known) for name, text in _COLUMNS.items()}
    values |= {"fav": str(int(account.favourite)), "favorite": str(account.favourite).lower()}
    return [values.get(name.lower(), "") for name in names]


def _code(account: Account, header: str) -> str:
    if not account.secret and not account.base32:
        return ""
    if header == LASTPASS:
        return account.base32
    label = ":".join(quote(each, safe="") for each in (account.issuer, account.account) if each)
    text = f"otpauth://totp/{label}?secret={account.base32}&algorithm={account.algorithm}"
    text += f"&digits={account.digits}&period={account.period}"
    return f"{text}&issuer={quote(account.issuer, safe='')}" if account.issuer else text
