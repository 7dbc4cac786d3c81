"""Entries that are otpauth or steam URIs, or a bare secret, as several apps keep them."""

from dataclasses import replace

from tokenctl.enrol.apps.drafts import base32, draft
from tokenctl.enrol.apps.faults import BadEntry, Lacking
from tokenctl.enrol.draft import Draft, Given
from tokenctl.enrol.uri import otpauth
from tokenctl.enrol.uri.label import read_names
from tokenctl.errors import BadEnrolment

_SCHEMES = ("otpauth", "apple-otpauth", "steam", "motp")
# What is wrong in these is what the token lacks; in others the entry is damaged.
_OF_THE_TOKEN = ("type", "algorithm", "period", "digits", "issuer", "name")


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
        found = otpauth.parse(uri)
    except BadEnrolment as error:
        kind = Lacking if error.field in _OF_THE_TOKEN else BadEntry
        raise kind(str(error)) from None
    return replace(found.given(Given(issuer, account)), favourite=favourite)


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
    found = from_uri(text, favourite=favourite)
    return found if found.is_named else found.given(Given(issuer, account))
