"""Which accounts an app can hold, and which readings of its names are right.

A file may be ambiguous: where a mandatory name has the account, or "Unknown", a reader may take
it or leave it.
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
    """Names in a file whose mandatory name has the account if there is no issuer."""
    if account.issuer:
        return ((account.issuer, account.account),)
    alone = account.account
    return (("", alone), (alone, ""), (alone, alone))


def unknown(account: Account) -> Names:
    """Names in a file that has "Unknown" instead of a missing issuer."""
    more = () if account.issuer else (("Unknown", account.account),)
    return either_place(account) + more


def account_only(account: Account) -> Names:
    return (("", account.account),)


def steam_by_name(account: Account) -> Names:
    """Names in Proton's file, which has one name for Steam: the issuer may be read as Steam."""
    if account.type == "steam":
        return (("Steam", account.account), ("", account.account), (account.account, ""))
    return ((account.issuer, account.account),)


def escaped(account: Account) -> Names:
    """Names by Bitwarden Authenticator, which escapes the account for HTML: either is right."""
    if account.type == "steam":
        return (("Steam", ""), ("", "Steam"))
    escaped = account.account.replace("'", "&#39;")
    return ((account.issuer, account.account), (account.issuer, escaped))


def one_name(account: Account) -> Names:
    """Names by WinAuth, which has one, mostly the issuer's; "WinAuth" is not an issuer."""
    if account.type == "steam":
        return (("Steam", account.account),)
    name = account.issuer
    return ((name, ""), ("", name), (name, "WinAuth"), ("WinAuth", name))


def taken_by_freeotp(account: Account) -> bool:
    """Whether FreeOTP accepts it: a colon always ends the issuer, and there are 6 or 8 digits."""
    return no_colon(account) and (account.type == "steam" or account.digits in (6, 8))


def kept_by_authy(account: Account) -> bool:
    return totp(account) and (account.algorithm, account.period) == ("SHA1", 30)


def csv_without_quotes(account: Account) -> bool:
    return not set(account.issuer) & set(',"')
