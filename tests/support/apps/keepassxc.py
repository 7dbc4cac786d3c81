"""KeePassXC's CSV (CsvExporter and Totp::writeSettings): every field quoted, TOTP in one column.

The column holds what the entry has: an otpauth URI, the settings of the plug-in KeeOtp, or the
old "period;digits", whose secret is in an attribute that is not exported.
"""

from collections.abc import Sequence
from urllib.parse import quote

from support.apps.accounts import Account

HEADER = [
    *("Group", "Title", "Username", "Password", "URL", "Notes"),
    *("TOTP", "Icon", "Last Modified", "Created"),
]
TIMES = ("2026-03-30T10:26:04Z", "2024-01-01T00:00:00Z")


def plain(accounts: Sequence[Account], *, keeotp: bool = False) -> bytes:
    rows = [HEADER, _row("No second factor", "eve", "")]
    for each in accounts:
        rows.append(_row(each.issuer, each.account, _keeotp(each) if keeotp else _uri(each)))
    return _text(rows)


def legacy(account: Account) -> bytes:
    """Return the export of an entry with the settings only."""
    return _text([HEADER, _row(account.issuer, account.account, "30;6")])


def _row(title: str, username: str, totp: str) -> Sequence[str]:
    notes = 'several "quoted", lines\nhere'
    return ("Root/Work", title, username, 'p"w,1', "https://example.com", notes, totp, "0", *TIMES)


def _text(rows: Sequence[Sequence[str]]) -> bytes:
    quoted = (",".join('"' + field.replace('"', '""') + '"' for field in row) for row in rows)
    return "".join(f"{row}\n" for row in quoted).encode()


def _uri(account: Account) -> str:
    title = _encoded(account.issuer) or "KeePassXC"
    text = f"otpauth://totp/{title}:{_encoded(account.account) or 'none'}?secret={account.base32}"
    text += f"&period={account.period}&digits={account.digits}&issuer={title}"
    if account.type == "steam":
        text += "&encoder=steam"
    return text if account.algorithm == "SHA1" else f"{text}&algorithm={account.algorithm}"


def _keeotp(account: Account) -> str:
    text = f"key={account.base32}&size={account.digits}&step={account.period}"
    return text if account.algorithm == "SHA1" else f"{text}&otpHashMode={account.algorithm}"


def _encoded(text: str) -> str:
    return quote(text, safe="")
