"""All samples: who writes them, which accounts each can hold, and what is kept of an account."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Any

from support.apps import (
    aegis,
    andotp,
    authy,
    bitwarden,
    duo,
    ente,
    freeotp,
    freeotp2,
    keepassxc,
    lastpass,
    proton,
    pskc_file,
    steam,
    stratum,
    totp_authenticator,
    twofas,
    uris,
    winauth,
)
from support.apps.accounts import ACCOUNTS, Account

PASSWORD = "Größe & 1 Ω"
UNMARKED = ("andotp", "totp-authenticator")  # whose ciphertext has no head
Names = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Kept:
    """What a reader must find for one account: any of these `names` and of these `counters`."""

    names: Names
    secret: bytes
    type: str
    algorithm: str
    digits: int
    period: int
    counters: tuple[int, ...]
    favourite: bool


@dataclass(frozen=True)
class Sample:
    """One kind of file.

    `write(accounts)` returns it; with `password` if that is not None. `app` is what the reader
    should call it (one of these). `names` lists the readings of the names that are right where
    the file leaves a choice. `counters` are added to the next counter. `lines`: what is cut
    off is still a file of its kind. `breakable`: an account of class Broken can be written.
    `marked`: the file has something of its own to be recognised by.
    """

    name: str
    apps: tuple[str, ...]
    write: Callable[[Sequence[Account]], bytes]
    password: str | None = None
    holds: Callable[[Account], bool] = lambda account: True
    names: Callable[[Account], Names] = lambda account: ((account.issuer, account.account),)
    favourites: bool = False
    counters: tuple[int, ...] = (0,)
    ordered: bool = True
    single: bool = False
    lines: bool = False
    breakable: bool = True
    marked: bool = True
    slow: bool = False

    def accounts(self) -> tuple[Account, ...]:
        """Return those of the telling accounts that the app can hold."""
        held = tuple(filter(self.holds, ACCOUNTS))
        return held[:1] if self.single else held

    def kept(self, account: Account) -> Kept:
        return Kept(
            names=self.names(account),
            secret=account.secret,
            type=account.type,
            algorithm=account.algorithm,
            digits=account.digits,
            period=account.period,
            counters=tuple(account.counter + more for more in self.counters),
            favourite=account.favourite and self.favourites,
        )


@cache
def written(sample: Sample) -> bytes:
    """Return the file with all accounts that the app can hold, once for all."""
    return sample.write(sample.accounts())


def _not_hotp(account: Account) -> bool:
    return account.type != "hotp"


def _totp(account: Account) -> bool:
    return account.type == "totp"


def _named(account: Account) -> bool:
    return bool(account.issuer)


def _no_colon(account: Account) -> bool:
    return ":" not in account.issuer


def _both(*conditions: Callable[[Account], bool]) -> Callable[[Account], bool]:
    return lambda account: all(condition(account) for condition in conditions)


def _either_place(account: Account) -> Names:
    """A file whose obligatory name took the account where there was no issuer."""
    if account.issuer:
        return ((account.issuer, account.account),)
    alone = account.account
    return (("", alone), (alone, ""), (alone, alone))


def _unknown(account: Account) -> Names:
    """A file that says "Unknown" for no issuer."""
    more = () if account.issuer else (("Unknown", account.account),)
    return _either_place(account) + more


def _account_only(account: Account) -> Names:
    return (("", account.account),)


def _steam_by_name(account: Account) -> Names:
    """Proton has one name for Steam; that it is Steam's may be said or not."""
    if account.type == "steam":
        return (("Steam", account.account), ("", account.account), (account.account, ""))
    return ((account.issuer, account.account),)


def _escaped(account: Account) -> Names:
    """Bitwarden Authenticator wrote the label for HTML: either reading of the account."""
    if account.type == "steam":
        return (("Steam", ""), ("", "Steam"))
    escaped = account.account.replace("'", "&#39;")
    return ((account.issuer, account.account), (account.issuer, escaped))


def _one_name(account: Account) -> Names:
    """WinAuth's only name, which is mostly the issuer's; "WinAuth" says nothing."""
    if account.type == "steam":
        return (("Steam", account.account),)
    name = account.issuer
    return ((name, ""), ("", name), (name, "WinAuth"), ("WinAuth", name))


def _pair(
    name: str,
    plain: Callable[[Sequence[Account]], bytes] | None,
    encrypted: Callable[..., bytes] | None = None,
    **fields: Any,
) -> list[Sample]:
    """Return the plain and the encrypted sample of a version."""
    app = fields.pop("apps", (name.partition(" ")[0],))
    made = []
    if plain:
        made.append(Sample(name, app, plain, **fields))
    if encrypted:
        write = partial(encrypted, password=PASSWORD)
        fields |= {"lines": False, "marked": name.partition(" ")[0] not in UNMARKED}
        made.append(Sample(f"{name}, encrypted", app, write, PASSWORD, **fields))
    return made


def _freeotp(account: Account) -> bool:
    """Whether FreeOTP took it: a colon always ends the issuer, and there are 6 or 8 digits."""
    return _no_colon(account) and (account.type == "steam" or account.digits in (6, 8))


def _kept_by_authy(account: Account) -> bool:
    return _totp(account) and (account.algorithm, account.period) == ("SHA1", 30)


def _csv_without_quotes(account: Account) -> bool:
    return not set(account.issuer) & set(',"')


SAMPLES: list[Sample] = [
    *_pair("aegis", aegis.plain, aegis.encrypted, favourites=True),
    Sample(
        "aegis, backup password",
        ("aegis",),
        partial(aegis.encrypted, password="the other", other=PASSWORD),
        PASSWORD,
        favourites=True,
    ),
    *_pair(
        "2fas schema 1",
        partial(twofas.plain, schema=1),
        holds=lambda account: account.usual,
        names=_unknown,
    ),
    *_pair(
        "2fas schema 2",
        partial(twofas.plain, schema=2),
        partial(twofas.encrypted, schema=2),
        holds=_totp,
        names=_unknown,
    ),
    *_pair(
        "2fas schema 3",
        partial(twofas.plain, schema=3),
        partial(twofas.encrypted, schema=3),
        names=_unknown,
    ),
    *_pair("2fas schema 4", twofas.plain, twofas.encrypted, names=_unknown),
    *_pair("2fas sparse", partial(twofas.plain, sparse=True), names=_unknown),
    *_pair("2fas iOS", partial(twofas.plain, origin="ios"), names=_unknown),
    *_pair("andotp", andotp.plain, andotp.encrypted),
    *_pair(
        "andotp old",
        partial(andotp.plain, old=True),
        holds=_both(_totp, _named),
        names=lambda account: (
            (account.issuer, account.account),
            ("", f"{account.issuer} - {account.account}"),
        ),
    ),
    *_pair("andotp early", None, andotp.encrypted_old),
    *_pair("stratum", stratum.plain, stratum.encrypted, names=_either_place),
    *_pair("stratum legacy", None, stratum.encrypted_legacy, names=_either_place),
    *_pair(
        "bitwarden",
        bitwarden.plain,
        bitwarden.encrypted,
        holds=_not_hotp,
        names=_either_place,
        favourites=True,
    ),
    *_pair(
        "bitwarden argon2",
        None,
        partial(bitwarden.encrypted, argon2=True),
        holds=_not_hotp,
        names=_either_place,
        favourites=True,
    ),
    *_pair(
        "bitwarden csv",
        bitwarden.plain_csv,
        holds=_not_hotp,
        names=_either_place,
        favourites=True,
        lines=True,
    ),
    *_pair(
        "bitwarden-authenticator",
        bitwarden.authenticator,
        apps=("bitwarden-authenticator", "bitwarden"),
        holds=_both(_not_hotp, _named),
        names=_escaped,
    ),
    *_pair(
        "bitwarden-authenticator csv",
        bitwarden.authenticator_csv,
        apps=("bitwarden-authenticator", "bitwarden"),
        holds=_both(_not_hotp, _named, _csv_without_quotes),
        names=_escaped,
        lines=True,
    ),
    *_pair("ente", ente.plain, ente.encrypted, favourites=True, lines=True),
    *_pair("ente automatic", partial(ente.plain, quoted=True), favourites=True, lines=True),
    Sample(
        "ente, full size",
        ("ente",),
        partial(ente.encrypted, password=PASSWORD, memory=ente.GIBIBYTE, passes=4),
        PASSWORD,
        favourites=True,
        slow=True,
    ),
    *_pair("proton", proton.plain, proton.encrypted, holds=_not_hotp, names=_steam_by_name),
    *_pair(
        "proton imported",
        partial(proton.plain, steam_base64=True),
        holds=_not_hotp,
        names=_steam_by_name,
    ),
    # Which of the two counters FreeOTP 1 wrote cannot be seen: one too high is harmless.
    *_pair("freeotp1", freeotp.plain, holds=_freeotp),
    *_pair(
        "freeotp1 late",
        partial(freeotp.plain, late=True),
        holds=_freeotp,
        counters=(0, 1),
    ),
    *_pair("freeotp-plus", freeotp.plus, holds=_no_colon),
    *_pair(
        "freeotp-plus late",
        partial(freeotp.plus, late=True),
        holds=_no_colon,
    ),
    *_pair(
        "freeotp2",
        None,
        freeotp2.encrypted,
        holds=_no_colon,
        ordered=False,
    ),
    *_pair(
        "freeotp2 old Android",
        None,
        partial(freeotp2.encrypted, hash="SHA1"),
        holds=_no_colon,
        ordered=False,
    ),
    *_pair(
        "totp-authenticator",
        totp_authenticator.plain,
        totp_authenticator.encrypted,
        holds=lambda account: _totp(account) and account.algorithm == "SHA1",
        names=_unknown,
        favourites=True,
    ),
    *_pair("authy", authy.plain, authy.encrypted, holds=_kept_by_authy, names=_either_place),
    *_pair(
        "duo",
        duo.plain,
        holds=lambda account: (
            account.usual or (account.type == "hotp" and account.algorithm == "SHA1")
        ),
        names=_account_only,
    ),
    *_pair("steam", steam.plain, holds=lambda account: account.type == "steam", single=True),
    *_pair("steam app", steam.app, holds=lambda account: account.type == "steam"),
    *_pair(
        "steam app old", steam.app_old, holds=lambda account: account.type == "steam", single=True
    ),
    *_pair("lastpass", lastpass.plain, holds=_totp, favourites=True),
    *_pair("lastpass iOS", partial(lastpass.plain, ios=True), holds=_totp, favourites=True),
    *_pair(
        "winauth",
        winauth.plain,
        winauth.encrypted,
        apps=("winauth", "uris"),
        holds=lambda account: _named(account) and not set(account.issuer) & set("#%"),
        names=_one_name,
        counters=(0, 1),
        lines=True,
    ),
    *_pair(
        "keepassxc",
        keepassxc.plain,
        holds=_not_hotp,
        names=lambda account: (
            (account.issuer, account.account),
            (account.issuer or "KeePassXC", account.account),
        ),
        lines=True,
    ),
    *_pair("keepassxc keeotp", partial(keepassxc.plain, keeotp=True), holds=_totp, lines=True),
    *_pair(
        "pskc",
        pskc_file.plain,
        pskc_file.encrypted,
        holds=lambda account: account.type != "steam",
        breakable=False,
    ),
    *_pair("uris", uris.plain, lines=True),
    *_pair("uris Windows", uris.windows, lines=True),
    *_pair("uris prose", uris.prose, lines=True),
]

BY_NAME = {sample.name: sample for sample in SAMPLES}

# Accounts that no app above makes, made of one that it does.
AUTHY_OWN = replace(ACCOUNTS[1], digits=7, period=10)
