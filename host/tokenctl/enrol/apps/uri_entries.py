"""Entries that are otpauth or steam URIs, or a bare secret, as several apps keep them."""

from dataclasses import replace

from tokenctl.enrol import otpauth
from tokenctl.enrol.apps.drafts import Draft, base32, draft
from tokenctl.enrol.apps.faults import BadEntry, Lacking
from tokenctl.enrol.otpauth_label import read_names
from tokenctl.errors import BadEnrolment, NoName

_SCHEMES = ("otpauth", "apple-otpauth", "steam", "motp")
_FOREIGN_FIELDS = ("type", "algorithm", "period", "digits", "issuer", "name")


def is_uri(text: str) -> bool:
    """Return whether an entry begins as a URI of an account does."""
    return text.strip().partition(":")[0].lower() in _SCHEMES and "://" in text


def label_of(uri: str) -> str:
    """Return the names in a URI that cannot be read, for people; nothing of what is behind them."""
    path = otpauth.unwrap(uri).partition("?")[0].split("/", 3)
    if len(path) < 4 or "secret=" in path[3].lower():
        return ""
    try:
        names = read_names(path[3], "")
    except BadEnrolment:
        return ""
    return ":".join(filter(None, (names.issuer, names.account)))


def from_uri(
    uri: str,
    issuer: str | None = None,
    account: str | None = None,
    *,
    favourite: bool = False,
) -> Draft:
    """Return the draft of a URI; names that are given count, and its own do not.

    Raises BadEntry, Lacking.
    """
    try:
        found = otpauth.parse(uri, issuer, account)
    except NoName:
        raise BadEntry("it has no name; give it one in the app, and export again") from None
    except BadEnrolment as error:
        kind = Lacking if error.field in _FOREIGN_FIELDS else BadEntry
        raise kind(str(error).partition("; pass another with")[0]) from None
    if issuer is not None or account is not None:
        found = replace(found, display_issuer=found.account.issuer)
    return Draft(found, favourite)


def from_field(
    text: str, issuer: str, account: str, *, favourite: bool = False, steam_issuer: str = ""
) -> Draft:
    """Return the draft of a password manager's field: a URI with names of its own, or a secret.

    `issuer` and `account` are for what has no names; `steam_issuer` for Steam's, if it differs.
    """
    text = text.strip()
    if not is_uri(text):
        return draft(issuer, account, base32(text), favourite=favourite)
    if text.lower().startswith("steam:"):
        return from_uri(text, steam_issuer or issuer, account, favourite=favourite)
    try:
        found = otpauth.parse(text)
    except NoName:
        return from_uri(text, issuer, account, favourite=favourite)
    except BadEnrolment:
        return from_uri(text, favourite=favourite)  # which says what is wrong
    return Draft(found, favourite)
