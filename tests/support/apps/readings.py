"""Which accounts an app can hold, and which readings of its names are right.

A file may leave a choice: where an obligatory name took the account, or said "Unknown", a
reader may say either.
"""

from collections.abc import Callable

from support.apps.accounts import Account

Names = tuple[tuple[str, str], ...]  # issuer and account


def not_hotp(account: Account) -> bool:
    return account.type != "hotp"


def totp(account: Account) -> bool:
    return account.type == "totp"


def named(account: Account) -> bool:
    return bool(account.issuer)


def no_colon(account: Account) -> bool:
    return ":" not in account.issuer


def both(*conditions: Callable[[Account], bool]) -> Callable[[Account], bool]:
    return lambda account: all(condition(account) for condition in conditions)


def either_place(account: Account) -> Names:
    """A file whose obligatory name took the account where there was no issuer."""
    if account.issuer:
        return ((account.issuer, account.account),)
    alone = account.account
    return (("", alone), (alone, ""), (alone, alone))


def unknown(account: Account) -> Names:
    """A file that says "Unknown" for no issuer."""
    more = () if account.issuer else (("Unknown", account.account),)
    return either_place(account) + more


def account_only(account: Account) -> Names:
    return (("", account.account),)


def steam_by_name(account: Account) -> Names:
    """Proton has one name for Steam; that it is Steam's may be said or not."""
    if account.type == "steam":
        return (("Steam", account.account), ("", account.account), (account.account, ""))
    return ((account.issuer, account.account),)


def escaped(account: Account) -> Names:
    """Bitwarden Authenticator wrote the label for HTML: either reading of the account."""
    if account.type == "steam":
        return (("Steam", ""), ("", "Steam"))
    escaped = account.account.replace("'", "&#39;")
    return ((account.issuer, account.account), (account.issuer, escaped))


def one_name(account: Account) -> Names:
    """WinAuth's only name, which is mostly the issuer's; "WinAuth" says nothing."""
    if account.type == "steam":
        return (("Steam", account.account),)
    name = account.issuer
    return ((name, ""), ("", name), (name, "WinAuth"), ("WinAuth", name))


def taken_by_freeotp(account: Account) -> bool:
    """Whether FreeOTP took it: a colon always ends the issuer, and there are 6 or 8 digits."""
    return no_colon(account) and (account.type == "steam" or account.digits in (6, 8))


def kept_by_authy(account: Account) -> bool:
    return totp(account) and (account.algorithm, account.period) == ("SHA1", 30)


def csv_without_quotes(account: Account) -> bool:
    return not set(account.issuer) & set(',"')
