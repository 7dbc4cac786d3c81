"""Bitwarden and Bitwarden Authenticator: JSON with `items`, or CSV with login_totp.

The authenticator's items have nothing but a code; the password manager's have more, and
those without a code are passed over. A password-protected file has JSON in `data`,
"2.IV|ciphertext|MAC" in base64: AES-256-CBC, then HMAC-SHA-256, keys by HKDF from one of
PBKDF2 or Argon2id. `encKeyValidation_DO_NOT_EDIT` is sealed with the same keys.
"""

import hashlib
import hmac
import html
import re
from typing import Any
from urllib.parse import quote, unquote

from tokenctl.enrol.apps import csv_rows
from tokenctl.enrol.apps.drafts import Export
from tokenctl.enrol.apps.faults import (
    CUT,
    DAMAGED,
    WRONG,
    WRONG_OR_DAMAGED,
    BadEntry,
    Unreadable,
    WrongPassword,
)
from tokenctl.enrol.apps.fields import Fields, base64_bytes, names_of
from tokenctl.enrol.apps.file import NO_JSON, File, parse_json
from tokenctl.enrol.apps.keys import WrongKey, argon2id, expanded, open_cbc, pbkdf2
from tokenctl.enrol.apps.opening import Opening
from tokenctl.enrol.apps.uri_entries import from_field
from tokenctl.enrol.draft import Draft
from tokenctl.language import _, marked

_LOGIN = 1
_PBKDF2, _ARGON2ID = 0, 1
_SEALED = re.compile(r"2\.([^|]+)\|([^|]+)\|([^|]+)")
_VALIDATION = "encKeyValidation_DO_NOT_EDIT"
_CSV_COLUMNS = {"folder", "favorite", "type", "name", "login_totp"}
_CODE = re.compile(r"(otpauth|steam)://", re.IGNORECASE)
_RESTRICTED = marked(
    "only the account that wrote it can open it; export from Bitwarden "
    "again, as .json, or as .json (encrypted) with the export type 'password "
    "protected'"
)


def claims(file: File) -> bool:
    """Return whether the file looks like an export of the password manager."""
    if file.json_has("encrypted") and (file.json_has("items") or file.json_has("data")):
        return not claims_authenticator(file)
    if file.json_has("items") and isinstance(file.json["items"], list):
        return not claims_authenticator(file) and _is_login_list(file.json["items"])
    return _has_columns(file, codes_only=False)


def claims_authenticator(file: File) -> bool:
    """Return whether the file looks like an export of Bitwarden Authenticator."""
    if file.json_has("encrypted", "items"):
        return file.json["encrypted"] is False and _only_codes(file.json)
    return _has_columns(file, codes_only=True)


def read(file: File, opening: Opening) -> Export:
    """Return the logins with a code; raise SourceError."""
    outer, encrypted = file.json, False
    if outer is NO_JSON:
        return _from_csv(file)
    if isinstance(outer, dict) and outer.get("encrypted") is True:
        outer, encrypted = parse_json(_decrypted(outer, opening)), True
    items = outer.get("items") if isinstance(outer, dict) else None
    if not isinstance(items, list):
        raise Unreadable(_("its list of items is missing"))
    codes_only = _only_codes(outer)
    export = Export("bitwarden-authenticator" if codes_only else "bitwarden")
    export.disposable = codes_only and not encrypted
    export.collect(
        [each for each in items if codes_only or _has_code(each)],
        _draft,
        lambda each: names_of(each, "name"),
    )
    return export


def _draft(item: Any) -> Draft:
    fields = Fields(item)
    login = fields.inner("login")
    return from_field(
        _unescaped(login.text("totp")),
        fields.text("name", ""),
        login.text("username", ""),
        favourite=fields.flag("favorite"),
    )


def _unescaped(code: str) -> str:
    """Return a URI whose label the authenticator escaped for HTML as it should be."""
    before, mark, query = code.partition("?")
    kind, slash, label = before.rpartition("/")
    plain = html.unescape(unquote(label))
    if not slash or not mark or plain == unquote(label):
        return code
    return f"{kind}/{quote(plain)}?{query}"


def _has_code(item: Any) -> bool:
    login = item.get("login") if isinstance(item, dict) else None
    return isinstance(login, dict) and bool(login.get("totp")) and not item.get("deletedDate")


def _is_login_list(items: list[Any]) -> bool:
    return any(isinstance(each, dict) and "login" in each for each in items)


def _only_codes(outer: dict[str, Any]) -> bool:
    """Return whether an export is the authenticator's: no folders, no passwords."""
    if "folders" in outer or "collections" in outer:
        return False
    items = outer.get("items")
    logins = [each.get("login") for each in items if isinstance(each, dict)] if items else []
    return all(isinstance(each, dict) and each.keys() <= {"totp", "username"} for each in logins)


def _has_columns(file: File, *, codes_only: bool) -> bool:
    """Return whether the file is CSV of the authenticator, or of the password manager."""

    def known(names: list[str]) -> bool:
        return set(names) >= _CSV_COLUMNS and ("login_password" in names) is not codes_only

    return csv_rows.delimiter_of(file, known) is not None


def _from_csv(file: File) -> Export:
    delimiter = csv_rows.delimiter_of(file, {"name", "login_totp"}.issubset)
    if delimiter is None:
        raise Unreadable(_("its columns name and login_totp are missing"))
    header, *rows = csv_rows.rows(file.text or "", delimiter)
    header = [name.strip() for name in header]
    codes_only = "login_password" not in header
    export = Export("bitwarden-authenticator" if codes_only else "bitwarden")
    export.disposable = codes_only
    items = [_item(header, row) for row in rows]
    export.collect(
        [each for each in items if _has_code(each)], _draft, lambda each: names_of(each, "name")
    )
    return export


def _item(header: list[str], row: list[str]) -> dict[str, Any]:
    """Return a row as an item. The authenticator does not quote a comma in a name."""
    code_column, name_column = header.index("login_totp"), header.index("name")
    code = next((place for place, text in enumerate(row) if _CODE.match(text)), code_column)
    moved = max(0, code - code_column) if "login_password" not in header else 0
    values = dict(zip(header, row, strict=False))
    name = ",".join(row[name_column : name_column + 1 + moved])
    login = {"totp": row[code] if code < len(row) else "", "username": values.get("login_username")}
    return {"name": name, "favorite": values.get("favorite") == "1", "login": login}


def _decrypted(outer: dict[str, Any], opening: Opening) -> bytes:
    if outer.get("passwordProtected") is not True:
        raise Unreadable(_(_RESTRICTED))
    fields = Fields(outer)
    try:
        sealed = _sealed(fields.text("data"))
        validation = _sealed(fields.text(_VALIDATION)) if fields.has(_VALIDATION) else None
        key = _key(fields, opening)
    except BadEntry as error:
        raise Unreadable(str(error)) from None
    try:
        return _opened(key, sealed)
    except WrongKey:
        pass
    if validation is None:
        raise WrongPassword(_(WRONG_OR_DAMAGED))
    try:
        _opened(key, validation)
    except WrongKey:
        raise WrongPassword(_(WRONG)) from None
    raise Unreadable(_(DAMAGED))


def _key(fields: Fields, opening: Opening) -> bytes:
    kind, rounds = fields.number("kdfType"), fields.number("kdfIterations")
    salt, password = fields.text("salt").encode(), opening.ask()
    if kind == _PBKDF2:
        return pbkdf2("SHA256", password, salt, rounds)
    if kind == _ARGON2ID:
        mebibytes, lanes = fields.number("kdfMemory"), fields.number("kdfParallelism")
        salt = hashlib.sha256(salt).digest()
        return argon2id(password, salt, rounds, lanes, mebibytes << 10, opening.allow_slow)
    raise BadEntry(_("its key derivation {kind} is not supported").format(kind=kind))


def _sealed(text: str) -> tuple[bytes, bytes, bytes]:
    parts = _SEALED.fullmatch(text)
    if parts is None:
        raise BadEntry(_(CUT))
    iv, ciphertext, mac = (base64_bytes(each, "data") for each in parts.groups())
    return iv, ciphertext, mac


def _opened(key: bytes, sealed: tuple[bytes, bytes, bytes]) -> bytes:
    iv, ciphertext, mac = sealed
    expected = hmac.digest(expanded(key, b"mac"), iv + ciphertext, "sha256")
    if not hmac.compare_digest(expected, mac):
        raise WrongKey
    return open_cbc(expanded(key, b"enc"), iv, ciphertext)
