"""otpauth URIs as different programs spell them, and files of them."""

from collections.abc import Callable, Sequence
from urllib.parse import quote, quote_plus

from support.apps.accounts import Account


def otpauth(account: Account, *, host: str = "") -> str:
    """Return the URI as Google's wiki describes it, all parameters given."""
    parameters = {
        "secret": account.base32,
        "issuer": quote(account.issuer, safe=""),
        "algorithm": account.algorithm,
        "digits": account.digits,
    }
    if not account.issuer:
        del parameters["issuer"]
    if account.type == "hotp":
        parameters["counter"] = account.counter
    else:
        parameters["period"] = account.period
    query = "&".join(f"{name}={value}" for name, value in parameters.items())
    return f"otpauth://{host or account.type}/{label(account)}?{query}"


def label(account: Account) -> str:
    names = (account.issuer, account.account)
    return ":".join(quote(name, safe="@") for name in names if name)


def short(account: Account) -> str:
    """Return the URI without parameters that have usual values, in form encoding."""
    text = f"otpauth://{account.type}/{label(account)}?secret={account.base32.lower()}"
    if account.issuer:
        text += f"&issuer={quote_plus(account.issuer)}"
    if account.algorithm != "SHA1":
        text += f"&algorithm={account.algorithm}"
    if account.digits != 6:
        text += f"&digits={account.digits}"
    if account.type == "hotp":
        return f"{text}&counter={account.counter}"
    return text if account.period == 30 else f"{text}&period={account.period}"


def plain(accounts: Sequence[Account], write: Callable[[Account], str] = otpauth) -> bytes:
    """Return one URI a line."""
    return "".join(f"{write(account)}\n" for account in accounts).encode()


def windows(accounts: Sequence[Account]) -> bytes:
    """Return the list as a Windows editor saves it: byte order mark, CRLF, blank lines."""
    return "\ufeff".encode() + b"\r\n\r\n".join(short(each).encode() for each in accounts)


def prose(accounts: Sequence[Account]) -> bytes:
    """Return an email with a URI in each paragraph."""
    parts = ["Hello,\n\nthese are the accounts of the old phone.\n"]
    for number, account in enumerate(accounts, 1):
        parts.append(f"{number}. The next one: <{otpauth(account)}> (from 2024)\n")
    return "\n".join([*parts, "See https://example.org/help for more.\n"]).encode()
