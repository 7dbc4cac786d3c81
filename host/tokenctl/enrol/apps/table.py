"""The table of the apps whose exports are read, in the order in which they are tried.

A row `claims` a file when it has the app's marks; `may_be` is for what has none, and is
tried after all others. `marks` are texts that a damaged one still has, all of them.
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
    passwords,
    proton,
    pskc_file,
    small_json,
    stratum,
    totp_authenticator,
    twofas,
    uris,
    winauth,
)
from tokenctl.enrol.apps.drafts import Export
from tokenctl.enrol.apps.file import File
from tokenctl.enrol.apps.opening import Opening
from tokenctl.language import marked

_ROOTED = marked("the app has no export of its own, and this file comes from a rooted phone")


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
        marked("in Aegis: Settings, Import & Export, Export"),
        aegis.claims,
        aegis.read,
        ('"header"', '"slots"', '"db"'),
    ),
    App(
        "2fas",
        "2FAS",
        marked("in 2FAS: Settings, Backup, Export"),
        twofas.claims,
        twofas.read,
        ('"services', '"appOrigin"'),
    ),
    App(
        "andotp",
        "andOTP",
        marked("in andOTP: the menu, Backups, plain text or encrypted"),
        andotp.claims,
        andotp.read,
        ('"thumbnail"', '"label"', '"secret"'),
        andotp.may_be,
    ),
    App(
        "stratum",
        "Stratum (Authenticator Pro)",
        marked("in Stratum: the menu, Backup, to a file"),
        stratum.claims,
        stratum.read,
        ('"Authenticators"',),
    ),
    App(
        "bitwarden",
        "Bitwarden",
        marked("in Bitwarden: Tools, Export vault, as .json"),
        bitwarden.claims,
        bitwarden.read,
        ('"encrypted"', '"folders"'),
    ),
    App(
        "bitwarden-authenticator",
        "Bitwarden Authenticator",
        marked("in Bitwarden Authenticator: Settings, Export"),
        bitwarden.claims_authenticator,
        bitwarden.read,
        ('"encrypted"', '"items"'),
    ),
    App(
        "ente",
        "Ente Auth",
        marked("in Ente Auth: Settings, Data, Export codes"),
        ente.claims,
        ente.read,
        ('"kdfParams"', '"memLimit"'),
    ),
    App(
        "proton",
        "Proton Authenticator",
        marked("in Proton Authenticator: Settings, Export"),
        proton.claims,
        proton.read,
        ('"entries"', '"entry_type"'),
    ),
    App(
        "freeotp1", "FreeOTP 1", _ROOTED, freeotp.claims_first, freeotp.read_first, ("tokenOrder",)
    ),
    App(
        "freeotp2",
        "FreeOTP 2",
        marked("in FreeOTP: the menu, Backup"),
        freeotp2.claims,
        freeotp2.read,
    ),
    App(
        "freeotp-plus",
        "FreeOTP+",
        marked("in FreeOTP+: the menu, Export, as JSON"),
        freeotp.claims_plus,
        freeotp.read_plus,
        ('"tokens"', '"issuerExt"'),
    ),
    App(
        "totp-authenticator",
        "TOTP Authenticator",
        marked("in TOTP Authenticator: the menu, Backup"),
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
        marked("tokenctl reads an unencrypted .maFile"),
        small_json.claims_steam,
        small_json.read_steam,
        ('"shared_secret"',),
    ),
    App(
        "lastpass",
        "LastPass Authenticator",
        marked("in LastPass Authenticator: Settings, Transfer accounts, Export to file"),
        small_json.claims_lastpass,
        small_json.read_lastpass,
        ('"issuerName"',),
    ),
    App("winauth", "WinAuth", marked("in WinAuth: the menu, Export"), winauth.claims, winauth.read),
    App(
        "keepassxc",
        "KeePassXC",
        marked("in KeePassXC: Database, Export, CSV file"),
        keepassxc.claims,
        keepassxc.read,
    ),
    App(
        "passwords",
        marked("a password manager"),
        marked("in Apple Passwords, 1Password, LastPass, Dashlane or Proton Pass: Export, as CSV"),
        passwords.claims,
        passwords.read,
    ),
    App(
        "pskc",
        "PSKC",
        marked("ask its source for a new one"),
        pskc_file.claims,
        pskc_file.read,
    ),
    App(
        "uris",
        marked("a list of URIs"),
        marked("it has one otpauth URI per line"),
        lambda file: False,  # any of the others may have some, too
        uris.read,
        may_be=uris.claims,
    ),
)
