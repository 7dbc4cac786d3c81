"""WinAuth (WinAuthAuthenticator.ToUrl): URIs with CRLF, as text or in a ZIP with WinZip's AES.

An authenticator has one name; its issuer is "WinAuth" unless it is Steam's. .NET's
UrlPathEncode leaves "&", "#" and "%" in the label unescaped, and its escapes have lower-case
digits. Period and algorithm are written only if they are unusual. A Steam entry has the complete
answer of Steam's server in `data`.
"""

import io
import json
import re
from collections.abc import Sequence
from urllib.parse import quote, quote_plus

import pyzipper
from support.apps.accounts import Account

PASSED = "".join(chr(code) for code in range(0x21, 0x7F))  # left unescaped by UrlPathEncode


def plain(accounts: Sequence[Account]) -> bytes:
    return "".join(f"{_uri(account)}\r\n" for account in accounts).encode()


def encrypted(accounts: Sequence[Account], password: str) -> bytes:
    file = io.BytesIO()
    with pyzipper.AESZipFile(
        file, "w", compression=pyzipper.ZIP_DEFLATED, encryption=pyzipper.WZ_AES
    ) as archive:
        archive.setpassword(password.encode())
        entry = pyzipper.zipfile_aes.AESZipInfo("winauth-2026-11-29.txt", (2026, 11, 29, 8, 0, 0))
        archive.writestr(entry, plain(accounts), compress_type=pyzipper.ZIP_DEFLATED)
    return file.getvalue()


def _uri(account: Account) -> str:
    steam = account.type == "steam"
    issuer, name = ("Steam", account.account) if steam else ("WinAuth", account.issuer)
    extra = f"&issuer={_form(issuer)}"
    if account.algorithm != "SHA1":
        extra += f"&algorithm={account.algorithm}"
    if steam:
        data = {"steamid": "1", "shared_secret": account.base64, "account_name": name}
        extra += f"&deviceid={_form('android:1234')}&data={_form(json.dumps(data))}"
    if account.type == "hotp":
        extra += f"&counter={account.counter}"
    if account.period != 30:
        extra += f"&period={account.period}"
    label = f"{issuer}:{_lower(quote(name, safe=PASSED))}"
    host = "hotp" if account.type == "hotp" else "totp"
    return f"otpauth://{host}/{label}?secret={account.base32}&digits={account.digits}{extra}"


def _form(text: str) -> str:
    return _lower(quote_plus(text, safe="!()*"))


def _lower(text: str) -> str:
    """Return the text with its percent escapes as .NET writes them."""
    return re.sub("%[0-9A-F]{2}", lambda match: match[0].lower(), text)
