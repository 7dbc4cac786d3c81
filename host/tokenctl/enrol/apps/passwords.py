"""CSV of password managers: a row a login, with its code as a URI or a bare secret.

Apple Passwords: Title,URL,Username,Password,Notes,OTPAuth. 1Password: Title,Url,Username,Password,
OTPAuth,Favorite,.. LastPass: url,username,password,totp,extra,name,grouping,fav. Dashlane:
username,..,title,password,note,url,category,otpUrl (otpSecret before). Proton Pass: type,name,url,
email,username,password,note,totp,.. Columns count by their names, in any order. Logins without a
code are passed over. Of these apps only LastPass is known to escape what it writes: html_escapes.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from tokenctl.enrol.apps import csv_rows, html_escapes, keepassxc
from tokenctl.enrol.apps.drafts import Export
from tokenctl.enrol.apps.faults import Unreadable
from tokenctl.enrol.apps.file import File
from tokenctl.enrol.apps.opening import Opening
from tokenctl.enrol.apps.uri_entries import from_field, is_uri
from tokenctl.enrol.draft import Draft
from tokenctl.language import _, marked

_CODE = ("otpauth", "otpurl", "totp", "otpsecret")
_TITLE = ("title", "issuer", "name")
_USERNAME = ("username", "login", "account", "email")
_FAVOURITE = ("favorite", "fav")
_YES = ("1", "true")
_LASTPASS = {"extra", "grouping", "fav"}  # columns of no other app
# No line ends at the end of some apps' files either, so it is not refused.
_MAY_BE_CUT = marked(
    "the file ends with this secret, which is shorter than all others in it: if the file was cut "
    "short, its codes are wrong"
)

_Login = dict[str, str]


def claims(file: File) -> bool:
    """Return whether the file has columns for a name and a code, and is not KeePassXC's."""
    return _delimiter_of(file) is not None and not keepassxc.claims(file)


def read(file: File, opening: Opening) -> Export:
    """Return the logins with a code; raise SourceError."""
    delimiter = _delimiter_of(file)
    if delimiter is None:
        raise Unreadable(_("its columns for a name and a code are missing"))
    header, *rows = csv_rows.rows(file.text or "", delimiter)
    names = _plain(header)
    if _LASTPASS.issubset(names):
        rows = html_escapes.undone(rows)
    logins = [dict(zip(names, row, strict=False)) for row in rows]
    logins = [each for each in logins if _first(each, _CODE)]
    is_cut = bool(logins and rows) and names[-1] in _CODE and _may_be_cut(file.text or "", rows)

    def draft(login: _Login) -> Draft:
        made = _draft(login)
        if is_cut and login is logins[-1]:
            made = replace(made, warnings=(*made.warnings, _(_MAY_BE_CUT)))
        return made

    export = Export("passwords")
    export.collect(logins, draft, _name)
    return export


def _may_be_cut(text: str, rows: Sequence[Sequence[str]]) -> bool:
    """Return whether a text may end within the secret in the last column of its last row."""
    *others, last = [row[-1].strip() for row in rows]
    if not last or is_uri(last) or text.endswith(("\n", "\r", '"')):
        return False
    return bool(any(others)) and all(len(last) < len(each) for each in others if each)


def _delimiter_of(file: File) -> str | None:
    return csv_rows.delimiter_of(file, lambda header: _has_columns(set(_plain(header))))


def _has_columns(names: set[str]) -> bool:
    return all(names.intersection(each) for each in (_CODE, _TITLE))


def _plain(header: Iterable[str]) -> list[str]:
    return ["".join(name.lower().split()) for name in header]


def _draft(login: _Login) -> Draft:
    return from_field(
        _first(login, _CODE),
        _first(login, _TITLE),
        _first(login, _USERNAME),
        favourite=_first(login, _FAVOURITE).lower() in _YES,
    )


def _name(login: _Login) -> str:
    return ":".join(filter(None, (_first(login, _TITLE), _first(login, _USERNAME))))


def _first(login: _Login, columns: Iterable[str]) -> str:
    """Return what the first of these columns that has something has; else an empty text."""
    return next((text for name in columns if (text := login.get(name, "").strip())), "")
