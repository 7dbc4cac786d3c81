"""The exports of other apps: recognised by what is in them, read, decrypted.

One table, `APPS`. A row `claims` a file when it has the app's marks; `may_be` is for
what has none and is tried after all others. `marks` are texts that a damaged one still
has. No parser does cryptography of its own, and none trusts the file: what it asks for
in time, memory and entries has limits.
"""

from collections.abc import Callable
from dataclasses import dataclass

from tokenctl.enrol.apps import (
    aegis,
    andotp,
    authy,
    bitwarden,
    ente,
    freeotp,
    freeotp2,
    keepassxc,
    proton,
    pskc_file,
    small_json,
    strangers,
    stratum,
    totp_authenticator,
    twofas,
    uris,
    winauth,
)
from tokenctl.enrol.apps.drafts import ENTRIES_MAX, Draft, Export, LeftOut
from tokenctl.enrol.apps.faults import (
    CUT,
    MissingLibrary,
    NoExport,
    SeveralFormats,
    TooCostly,
    Unreadable,
)
from tokenctl.enrol.apps.file import BYTES_MAX, NO_JSON, File, is_too_much
from tokenctl.enrol.apps.opening import Opening
from tokenctl.errors import SourceError

__all__ = ["APPS", "App", "Draft", "Export", "LeftOut", "NAMES", "explained", "read", "recognise"]

_TOO_MUCH = f"it has more in it than {ENTRIES_MAX:,} accounts, or over {BYTES_MAX >> 20} MB"
_ROOTED = "the app has no export of its own, and this file comes from a phone with root access"


@dataclass(frozen=True)
class App:
    """A row of the table. `export` says how its user makes a file that can be read.

    It is a place in the app ("in Aegis: ..."), or a clause.
    """

    name: str
    title: str
    export: str
    claims: Callable[[File], bool]
    read: Callable[[File, Opening], Export]
    marks: tuple[str, ...] = ()
    may_be: Callable[[File], bool] | None = None


APPS = (
    App(
        "aegis",
        "Aegis",
        "in Aegis: Settings, Import & Export, Export",
        aegis.claims,
        aegis.read,
        ('"header"', '"slots"', '"db"'),
    ),
    App(
        "2fas",
        "2FAS",
        "in 2FAS: Settings, Backup, Export",
        twofas.claims,
        twofas.read,
        ('"services', '"appOrigin"'),
    ),
    App(
        "andotp",
        "andOTP",
        "in andOTP: the menu, Backups, plain text or encrypted",
        andotp.claims,
        andotp.read,
        ('"thumbnail"', '"label"', '"secret"'),
        andotp.may_be,
    ),
    App(
        "stratum",
        "Stratum (Authenticator Pro)",
        "in Stratum: the menu, Backup, to a file",
        stratum.claims,
        stratum.read,
        ('"Authenticators"',),
    ),
    App(
        "bitwarden",
        "Bitwarden",
        "in Bitwarden: Tools, Export vault, as .json",
        bitwarden.claims,
        bitwarden.read,
        ('"encrypted"', '"folders"'),
    ),
    App(
        "bitwarden-authenticator",
        "Bitwarden Authenticator",
        "in Bitwarden Authenticator: Settings, Export",
        bitwarden.claims_authenticator,
        bitwarden.read,
        ('"encrypted"', '"items"'),
    ),
    App(
        "ente",
        "Ente Auth",
        "in Ente Auth: Settings, Data, Export codes",
        ente.claims,
        ente.read,
        ('"kdfParams"', '"memLimit"'),
    ),
    App(
        "proton",
        "Proton Authenticator",
        "in Proton Authenticator: Settings, Export",
        proton.claims,
        proton.read,
        ('"entries"', '"entry_type"'),
    ),
    App(
        "freeotp1", "FreeOTP 1", _ROOTED, freeotp.claims_first, freeotp.read_first, ("tokenOrder",)
    ),
    App("freeotp2", "FreeOTP 2", "in FreeOTP: the menu, Backup", freeotp2.claims, freeotp2.read),
    App(
        "freeotp-plus",
        "FreeOTP+",
        "in FreeOTP+: the menu, Export, as JSON",
        freeotp.claims_plus,
        freeotp.read_plus,
        ('"tokens"', '"issuerExt"'),
    ),
    App(
        "totp-authenticator",
        "TOTP Authenticator",
        "in TOTP Authenticator: the menu, Backup",
        totp_authenticator.claims,
        totp_authenticator.read,
        ("STATIC_TOTP_CODES_LIST",),
        totp_authenticator.may_be,
    ),
    App("authy", "Authy", _ROOTED, authy.claims, authy.read, ("com.authy.storage",)),
    App(
        "duo", "Duo Mobile", _ROOTED, small_json.claims_duo, small_json.read_duo, ("otpGenerator",)
    ),
    App(
        "steam",
        "Steam",
        "tokenctl reads a .maFile that is not encrypted",
        small_json.claims_steam,
        small_json.read_steam,
        ('"shared_secret"',),
    ),
    App(
        "lastpass",
        "LastPass Authenticator",
        "in LastPass Authenticator: Settings, Transfer accounts, Export to file",
        small_json.claims_lastpass,
        small_json.read_lastpass,
        ('"issuerName"',),
    ),
    App("winauth", "WinAuth", "in WinAuth: the menu, Export", winauth.claims, winauth.read),
    App(
        "keepassxc",
        "KeePassXC",
        "in KeePassXC: Database, Export, CSV file",
        keepassxc.claims,
        keepassxc.read,
    ),
    App(
        "pskc",
        "PSKC",
        "ask for it again where it came from",
        pskc_file.claims,
        pskc_file.read,
    ),
    App(
        "uris",
        "a list of URIs",
        "it has one otpauth URI on each line",
        lambda file: False,  # any of the others may have some, too
        uris.read,
        may_be=uris.claims,
    ),
)
NAMES = tuple(app.name for app in APPS)
_BY_NAME = {app.name: app for app in APPS}


def recognise(data: bytes) -> tuple[App, ...]:
    """Return the apps that write files like this one: none, one, or several."""
    if is_too_much(data) or strangers.describe(data):
        return ()
    file = File(data)
    claiming = tuple(app for app in APPS if app.claims(file))
    return claiming or tuple(app for app in APPS if app.may_be is not None and app.may_be(file))


def explained(data: bytes) -> SourceError | None:
    """Return why a file that no app claims cannot be read, if that is known."""
    if is_too_much(data):
        begin = data[:64].lstrip(b"\xef\xbb\xbf \t\r\n")
        return TooCostly(_TOO_MUCH) if begin[:1] in (b"{", b"[", b"<", b'"') else None
    if stranger := strangers.describe(data):
        return NoExport(stranger)
    if (app := _damaged(data)) is not None:
        return Unreadable(_said(app, None, CUT))
    return None


def read(
    data: bytes,
    *,
    password: Callable[[], str] | None = None,
    format: str | None = None,
    allow_slow: bool = False,
) -> Export:
    """Return what an export holds; raise SourceError, one of those in `faults`.

    `format` is a name of the table where the file alone does not tell. `password` is
    called once, and only for a file that is encrypted.
    """
    if is_too_much(data):
        raise TooCostly(_TOO_MUCH)
    app, file = _chosen(data, format), File(data)
    try:
        if not _may_read(app, file):
            raise Unreadable("it does not look like one")
        export = app.read(file, Opening(password, allow_slow))
        if not export.entries and not export.left_out:
            raise Unreadable("it holds no accounts")
    except (MissingLibrary, NoExport):
        raise
    except Unreadable as error:
        raise Unreadable(_said(app, format, str(error))) from None
    except SourceError as error:
        raise error.at(f"this is an export of {app.title}") from None
    except (ValueError, RecursionError, OverflowError, MemoryError):
        raise Unreadable(_said(app, format, CUT)) from None
    return export


def _may_read(app: App, file: File) -> bool:
    """Return whether a file has the form that a parser relies on; some rely on none."""
    if app.may_be is not None:
        return True
    return any(each.claims(file) for each in APPS if each.read is app.read)


def _said(app: App, format: str | None, why: str) -> str:
    what = "should be" if format else "is"
    how = f"to make one, {app.export}" if app.export.startswith("in ") else app.export
    return f"this {what} an export of {app.title}, and cannot be read: {why}; {how}"


def _chosen(data: bytes, format: str | None) -> App:
    if format is not None:
        return _BY_NAME[format]
    apps = recognise(data)
    if len(apps) > 1:
        raise SeveralFormats([app.name for app in apps])
    if apps:
        return apps[0]
    raise explained(data) or NoExport("this is no export of an app that is known")


def _damaged(data: bytes) -> App | None:
    """Return the app whose marks are in a text that is cut short or damaged."""
    file = File(data)
    text = data.decode("utf-8", "replace") if file.json is NO_JSON else ""
    for app in APPS:
        if app.marks and all(mark in text for mark in app.marks):
            return app
    return None
