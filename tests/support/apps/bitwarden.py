"""Bitwarden's vault exports (models/export of its clients) and Bitwarden Authenticator's.

`totp` of a login is a bare Base32 secret (as typed: lower case, in groups), an otpauth URI or
steam://SECRET; there is no HOTP. A password-protected export derives its key from the salt
*as text*: PBKDF2-SHA256 with 600,000 rounds or Argon2id (3 passes, 64 MiB, 4 lanes, the
salt hashed), stretched by HKDF into a key for AES-CBC and one for HMAC-SHA256.
"""

import base64
import csv
import hashlib
import hmac
import html
import io
import json
from collections.abc import Sequence
from random import Random
from typing import Any
from urllib.parse import quote

from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from support.apps.accounts import Account, uuids
from support.apps.sealing import HASHES, argon2id, cbc, pbkdf2
from support.apps.uris import otpauth

FOLDER = "5b0d3c1e-8d6f-4a7b-9f10-aa7800fd51e4"
DATE = "2026-03-30T10:26:04.382Z"
CSV_HEADER = "folder,favorite,type,name,notes,fields,reprompt,login_uri,login_username,"
CSV_HEADER += "login_password,login_totp"


def plain(accounts: Sequence[Account]) -> bytes:
    """Return the JSON export of a vault that also has other kinds of items."""
    ids = uuids(2, accounts)
    items = [_item(account, id) for account, id in zip(accounts, ids, strict=True)]
    items.insert(1, _other(2, "A note", secureNote={"type": 0}))
    items.append(_other(1, "No second factor", login={"username": "eve", "totp": None}))
    items.append(_other(3, "Card", card={"number": "4111111111111111", "code": "123"}))
    vault = {"encrypted": False, "folders": [{"id": FOLDER, "name": "Work"}], "items": items}
    return json.dumps(vault, indent=2, ensure_ascii=False).encode()


def plain_csv(accounts: Sequence[Account]) -> bytes:
    file = io.StringIO()
    write = csv.writer(file, lineterminator="\n").writerow
    write(CSV_HEADER.split(","))
    write(("", "", "note", "A note", "line one\nline two, with a comma", "", "0", "", "", "", ""))
    for each in accounts:
        favourite, note = ("1", 'the "safe"\nfloor 2') if each.favourite else ("", "")
        name = each.issuer or each.account
        row = ("Work" if each.favourite else "", favourite, "login", name, note, "", "0")
        write((*row, "https://example.com/login", each.account, 'p"w,1', _totp(each)))
    write(("", "", "login", "No second factor", "", "", "0", "", "eve", "pw", ""))
    return file.getvalue().encode()


def encrypted(accounts: Sequence[Account], password: str, *, argon2: bool = False) -> bytes:
    """Return the password-protected export."""
    random = Random(47)
    salt = base64.b64encode(random.randbytes(16)).decode()
    if argon2:
        parameters = {"kdfType": 1, "kdfIterations": 3, "kdfMemory": 64, "kdfParallelism": 4}
        hashed = hashlib.sha256(salt.encode()).digest()
        key = argon2id(password, hashed, passes=3, mebibytes=64, lanes=4)
    else:
        parameters = {"kdfType": 0, "kdfIterations": 600_000}
        key = pbkdf2(password, salt.encode(), 600_000, "SHA256")
    validation = uuids(3, accounts[:1] or (Account("", "", b""),))[0]
    file = {"encrypted": True, "passwordProtected": True, "salt": salt} | parameters
    file["encKeyValidation_DO_NOT_EDIT"] = _seal(key, validation.encode(), random)
    file["data"] = _seal(key, plain(accounts), random)
    return json.dumps(file, indent=2).encode()


def account_restricted() -> bytes:
    """Return an export that only the account that wrote it can decrypt."""
    sealed = _seal(bytes(32), b"text", Random(48))
    item = _other(1, sealed, login={"username": sealed, "password": sealed, "totp": sealed})
    file = {"encrypted": True, "encKeyValidation_DO_NOT_EDIT": sealed, "folders": []}
    return json.dumps(file | {"items": [item]}, indent=2).encode()


def authenticator(accounts: Sequence[Account]) -> bytes:
    """Return Bitwarden Authenticator's JSON; it forgets favourites, and names in `login`."""
    items = [
        {
            "id": id,
            "name": account.issuer,
            "folderId": None,
            "organizationId": None,
            "collectionIds": None,
            "notes": None,
            "type": 1,
            "login": {"totp": authenticator_uri(account)},
            "favorite": False,
        }
        for account, id in zip(accounts, uuids(4, accounts), strict=True)
    ]
    return json.dumps({"encrypted": False, "items": items}, separators=(",", ":")).encode()


def authenticator_csv(accounts: Sequence[Account]) -> bytes:
    """Return its CSV: six names in the header, nine fields in a row, nothing quoted."""
    rows = ["folder,favorite,type,name,login_uri,login_totp"]
    for each in accounts:
        uri = authenticator_uri(each)
        rows.append(f",,1,{each.issuer},,{uri},{each.issuer},{each.period},{each.digits}")
    return "\n".join(rows).encode()


def authenticator_uri(account: Account) -> str:
    """Return the URI; Android's app escapes the label for HTML before it encodes it."""
    if account.type == "steam":
        return f"steam://{account.base32}"
    names = f"{account.issuer}:{account.account}" if account.account else account.issuer
    parameters = (
        ("secret", account.base32),
        ("algorithm", account.algorithm),
        ("digits", account.digits),
        ("period", account.period),
        ("issuer", account.issuer),
    )
    query = "&".join(f"{name}={quote(str(value), safe='')}" for name, value in parameters)
    escaped = html.escape(names).replace("&#x27;", "&#39;")
    return f"otpauth://totp/{quote(escaped, safe='')}?{query}"


def _item(account: Account, id: str) -> dict[str, Any]:
    return {
        "passwordHistory": [],
        "revisionDate": DATE,
        "creationDate": DATE,
        "deletedDate": None,
        "id": id,
        "organizationId": None,
        "folderId": FOLDER if account.favourite else None,
        "type": 1,
        "reprompt": 0,
        "name": account.issuer or account.account,
        "notes": "in the safe" if account.favourite else None,
        "favorite": account.favourite,
        "fields": [{"name": "PIN", "value": "0000", "type": 1, "linkedId": None}],
        "login": {
            "fido2Credentials": [],
            "uris": [{"match": None, "uri": "https://example.com/login"}],
            "username": account.account,
            "password": 'p"w,1',
            "totp": _totp(account),
        },
        "collectionIds": None,
    }


def _totp(account: Account) -> str:
    """Return the value of `totp`: the secret if that suffices, otherwise the URI."""
    if account.type == "steam":
        return f"steam://{account.base32}"
    if not account.usual or account.secret[:1] > b"\x7f":
        return otpauth(account)
    text = account.base32.lower()
    return " ".join(text[place : place + 4] for place in range(0, len(text), 4))


def _other(type: int, name: str, **fields: object) -> dict[str, Any]:
    shared = {"id": "d1", "organizationId": None, "folderId": None, "type": type, "name": name}
    return shared | {"notes": None, "favorite": False, "collectionIds": None} | fields


def _seal(key: bytes, data: bytes, random: Random) -> str:
    """Return an EncString of type 2: 2.vector|ciphertext|MAC."""
    ciphering, signing = (
        HKDFExpand(HASHES["SHA256"], 32, name).derive(key) for name in (b"enc", b"mac")
    )
    vector = random.randbytes(16)
    sealed = cbc(ciphering, vector, data)
    tag = hmac.digest(signing, vector + sealed, "sha256")
    return "2." + "|".join(base64.b64encode(part).decode() for part in (vector, sealed, tag))
