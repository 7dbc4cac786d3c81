"""KeePassXC's CSV: Title, Username and TOTP, which is a URI, or key=..&size=..&step=...

"30;6" is the period and digits of a code whose secret is not in the file. Entries
without TOTP are passed over, for the file has passwords, too.
"""

import re
from typing import Any
from urllib.parse import parse_qsl

from tokenctl.enrol.apps import csv_rows
from tokenctl.enrol.apps.drafts import Export, base32, draft, hexadecimal, parameters_in
from tokenctl.enrol.apps.faults import BadEntry, Lacking, Unreadable
from tokenctl.enrol.apps.fields import Fields, base64_bytes, names_of
from tokenctl.enrol.apps.file import File
from tokenctl.enrol.apps.opening import Opening
from tokenctl.enrol.apps.uri_entries import from_uri, is_uri
from tokenctl.enrol.draft import Draft
from tokenctl.language import _

_COLUMNS = ("Group", "Title", "Username", "Password", "TOTP")
_SETTINGS_ONLY = re.compile(r"[0-9]*;[0-9A-Za-z]+(;.*)?")
_TRASH = "Recycle Bin"


def claims(file: File) -> bool:
    """Return whether the file has KeePassXC's columns."""
    return _delimiter_of(file) is not None


def read(file: File, opening: Opening) -> Export:
    """Return the entries with a code; raise SourceError."""
    delimiter = _delimiter_of(file)
    if delimiter is None:
        raise Unreadable(_("its columns Title, Username and TOTP are missing"))
    header, *rows = csv_rows.rows(file.text or "", delimiter)
    names = [name.strip() for name in header]
    entries = [dict(zip(names, row, strict=False)) for row in rows]
    export = Export("keepassxc")
    export.collect(
        [each for each in entries if each.get("TOTP", "").strip()],
        _draft,
        lambda each: names_of(each, "Title", "Username"),
    )
    return export


def _delimiter_of(file: File) -> str | None:
    return csv_rows.delimiter_of(file, set(_COLUMNS).issubset)


def _draft(row: dict[str, Any]) -> Draft:
    fields = Fields(row)
    title, username = fields.text("Title", ""), fields.text("Username", "")
    code = fields.text("TOTP").strip()
    if _TRASH in fields.text("Group", "").split("/"):
        raise Lacking(_("it is in the recycle bin"))
    if is_uri(code):
        return from_uri(code, title, username) if title or username else from_uri(code)
    if _SETTINGS_ONLY.fullmatch(code):
        raise Lacking(
            _(
                "the file does not include its secret; in KeePassXC, set up its TOTP "
                "again with the same secret, and export again"
            )
        )
    return _keeotp(dict(parse_qsl(code)), title, username)


def _keeotp(values: dict[str, str], title: str, username: str) -> Draft:
    """Return the draft of what the plugin KeeOtp keeps."""
    if "key" not in values:
        raise BadEntry(_("its TOTP is neither a URI nor settings with a key"))
    fields = Fields(values)
    kind = fields.text("type", "totp").lower()
    if kind not in ("totp", "hotp", "steam"):
        raise Lacking(_("its type is not TOTP, HOTP or Steam"))
    key, encoding = values["key"], fields.text("encoding", "base32").lower()
    if encoding == "base32":
        secret = base32(key)
    elif encoding == "hex":
        secret = hexadecimal(key)
    elif encoding == "base64":
        secret = base64_bytes(key.replace(" ", "+"), "key")
    elif encoding == "utf8":
        secret = key.encode()
    else:
        raise Lacking(_("the encoding of its key is not supported"))
    return draft(
        title,
        username,
        secret,
        parameters_in(fields, kind, hash_in="otpHashMode", digits_in="size", period_in="step"),
    )
