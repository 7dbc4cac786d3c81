"""All samples: their writers, the accounts that each can hold, and what is kept of an account."""

from dataclasses import replace
from functools import partial

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
    passwords,
    proton,
    pskc_file,
    steam,
    stratum,
    totp_authenticator,
    twofas,
    uris,
    winauth,
)
from support.apps.accounts import ACCOUNTS
from support.apps.readings import (
    account_only,
    both,
    csv_without_quotes,
    either_place,
    escaped,
    kept_by_authy,
    named,
    no_colon,
    not_hotp,
    one_name,
    steam_by_name,
    taken_by_freeotp,
    totp,
    unknown,
)
from support.apps.sample import PASSWORD, Sample, pair

SAMPLES: list[Sample] = [
    *pair("aegis", aegis.plain, aegis.encrypted, favourites=True),
    Sample(
        "aegis, backup password",
        ("aegis",),
        partial(aegis.encrypted, password="the other", other=PASSWORD),
        PASSWORD,
        favourites=True,
    ),
    *pair(
        "2fas schema 1",
        partial(twofas.plain, schema=1),
        holds=lambda account: account.usual,
        names=unknown,
    ),
    *pair(
        "2fas schema 2",
        partial(twofas.plain, schema=2),
        partial(twofas.encrypted, schema=2),
        holds=totp,
        names=unknown,
    ),
    *pair(
        "2fas schema 3",
        partial(twofas.plain, schema=3),
        partial(twofas.encrypted, schema=3),
        names=unknown,
    ),
    *pair("2fas schema 4", twofas.plain, twofas.encrypted, names=unknown),
    *pair("2fas sparse", partial(twofas.plain, sparse=True), names=unknown),
    *pair("2fas iOS", partial(twofas.plain, origin="ios"), names=unknown),
    *pair("andotp", andotp.plain, andotp.encrypted),
    *pair(
        "andotp old",
        partial(andotp.plain, old=True),
        holds=both(totp, named),
        names=lambda account: (
            (account.issuer, account.account),
            ("", f"{account.issuer} - {account.account}"),
        ),
    ),
    *pair("andotp early", None, andotp.encrypted_old),
    *pair("stratum", stratum.plain, stratum.encrypted, names=either_place),
    *pair("stratum legacy", None, stratum.encrypted_legacy, names=either_place),
    *pair(
        "bitwarden",
        bitwarden.plain,
        bitwarden.encrypted,
        holds=not_hotp,
        names=either_place,
        favourites=True,
    ),
    *pair(
        "bitwarden argon2",
        None,
        partial(bitwarden.encrypted, argon2=True),
        holds=not_hotp,
        names=either_place,
        favourites=True,
    ),
    *pair(
        "bitwarden csv",
        bitwarden.plain_csv,
        holds=not_hotp,
        names=either_place,
        favourites=True,
        lines=True,
    ),
    *pair(
        "bitwarden-authenticator",
        bitwarden.authenticator,
        apps=("bitwarden-authenticator", "bitwarden"),
        holds=both(not_hotp, named),
        names=escaped,
    ),
    *pair(
        "bitwarden-authenticator csv",
        bitwarden.authenticator_csv,
        apps=("bitwarden-authenticator", "bitwarden"),
        holds=both(not_hotp, named, csv_without_quotes),
        names=escaped,
        lines=True,
    ),
    *pair("ente", ente.plain, ente.encrypted, favourites=True, lines=True),
    *pair("ente automatic", partial(ente.plain, quoted=True), favourites=True, lines=True),
    Sample(
        "ente, full size",
        ("ente",),
        partial(ente.encrypted, password=PASSWORD, memory=ente.GIBIBYTE, passes=4),
        PASSWORD,
        favourites=True,
        slow=True,
    ),
    *pair("proton", proton.plain, proton.encrypted, holds=not_hotp, names=steam_by_name),
    *pair(
        "proton imported",
        partial(proton.plain, steam_base64=True),
        holds=not_hotp,
        names=steam_by_name,
    ),
    # Which of the two counters FreeOTP 1 wrote cannot be told: one too high does no harm.
    *pair("freeotp1", freeotp.plain, holds=taken_by_freeotp),
    *pair(
        "freeotp1 late",
        partial(freeotp.plain, late=True),
        holds=taken_by_freeotp,
        counters=(0, 1),
    ),
    *pair("freeotp-plus", freeotp.plus, holds=no_colon),
    *pair(
        "freeotp-plus late",
        partial(freeotp.plus, late=True),
        holds=no_colon,
    ),
    *pair(
        "freeotp2",
        None,
        freeotp2.encrypted,
        holds=no_colon,
        ordered=False,
    ),
    *pair(
        "freeotp2 old Android",
        None,
        partial(freeotp2.encrypted, hash="SHA1"),
        holds=no_colon,
        ordered=False,
    ),
    *pair(
        "totp-authenticator",
        totp_authenticator.plain,
        totp_authenticator.encrypted,
        holds=lambda account: totp(account) and account.algorithm == "SHA1",
        names=unknown,
        favourites=True,
    ),
    *pair("authy", authy.plain, authy.encrypted, holds=kept_by_authy, names=either_place),
    *pair(
        "duo",
        duo.plain,
        holds=lambda account: (
            account.usual or (account.type == "hotp" and account.algorithm == "SHA1")
        ),
        names=account_only,
    ),
    *pair("steam", steam.plain, holds=lambda account: account.type == "steam", single=True),
    *pair("steam app", steam.app, holds=lambda account: account.type == "steam"),
    *pair(
        "steam app old", steam.app_old, holds=lambda account: account.type == "steam", single=True
    ),
    *pair("lastpass", lastpass.plain, holds=totp, favourites=True),
    *pair("lastpass iOS", partial(lastpass.plain, ios=True), holds=totp, favourites=True),
    *pair(
        "winauth",
        winauth.plain,
        winauth.encrypted,
        apps=("winauth", "uris"),
        holds=lambda account: named(account) and not set(account.issuer) & set("#%"),
        names=one_name,
        counters=(0, 1),
        lines=True,
    ),
    *pair(
        "keepassxc",
        keepassxc.plain,
        holds=not_hotp,
        names=lambda account: (
            (account.issuer, account.account),
            (account.issuer or "KeePassXC", account.account),
        ),
        lines=True,
    ),
    *pair("keepassxc keeotp", partial(keepassxc.plain, keeotp=True), holds=totp, lines=True),
    *pair("passwords", partial(passwords.table, passwords.APPLE), holds=totp, lines=True),
    *pair(
        "passwords 1Password",
        partial(passwords.table, passwords.ONE_PASSWORD),
        holds=totp,
        favourites=True,
        lines=True,
    ),
    *pair(
        "passwords LastPass",
        partial(passwords.table, passwords.LASTPASS),
        holds=lambda account: account.usual,
        favourites=True,
        lines=True,
    ),
    *pair(
        "passwords Dashlane", partial(passwords.table, passwords.DASHLANE), holds=totp, lines=True
    ),
    *pair(
        "passwords Proton Pass",
        partial(passwords.table, passwords.PROTON_PASS),
        holds=totp,
        lines=True,
    ),
    *pair(
        "passwords from a spreadsheet",
        partial(passwords.table, passwords.APPLE, delimiter=";"),
        holds=totp,
        lines=True,
    ),
    *pair(
        "pskc",
        pskc_file.plain,
        pskc_file.encrypted,
        holds=lambda account: account.type != "steam",
        breakable=False,
    ),
    *pair("uris", uris.plain, lines=True),
    *pair("uris Windows", uris.windows, lines=True),
    *pair("uris prose", uris.prose, lines=True),
]

BY_NAME = {sample.name: sample for sample in SAMPLES}

# Accounts that none of the apps above can have, derived from representative ones.
AUTHY_OWN = replace(ACCOUNTS[1], digits=7, period=10)
