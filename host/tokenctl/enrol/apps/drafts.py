"""What an export holds: drafts of accounts, and what had to be left out and why.

A Draft has the fields of the token's own account; `counter` is the next one that the
app would use. Nothing is bent to fit: what the token lacks is left out by its name.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any

from otpcore.account import ALGORITHMS, STEAM_LETTERS, Account, AccountError
from tokenctl.enrol import secret_text
from tokenctl.enrol.apps.faults import BadEntry, Lacking, TooCostly
from tokenctl.enrol.enrolment import Enrolment, enrol
from tokenctl.errors import BadEnrolment

ENTRIES_MAX = 10_000  # ten times what a token holds
NAME_SHOWN = 60  # characters
_RENAME = "; change it in the app, and export again"


@dataclass(frozen=True, repr=False)
class Draft:
    """One account of an export, and whether the app shows it among its favourites."""

    enrolment: Enrolment
    favourite: bool = False

    @property
    def issuer(self) -> str:
        """Who asks for the code; may be empty."""
        return self.enrolment.account.issuer

    @property
    def account(self) -> str:
        """Whose it is there; may be empty."""
        return self.enrolment.account.name

    @property
    def secret(self) -> bytes:
        """The key, as it is."""
        return self.enrolment.account.secret

    @property
    def type(self) -> str:
        """One of totp, hotp and steam."""
        return self.enrolment.account.type

    @property
    def algorithm(self) -> str:
        """One of SHA1, SHA256 and SHA512."""
        return self.enrolment.account.algorithm

    @property
    def digits(self) -> int:
        """How many; letters for Steam."""
        return self.enrolment.account.digits

    @property
    def period(self) -> int:
        """Seconds; of no meaning for HOTP."""
        return self.enrolment.account.period

    @property
    def counter(self) -> int:
        """The next counter, for HOTP."""
        return self.enrolment.account.counter

    def __repr__(self) -> str:
        return f"<Draft {self.type} {self.issuer!r} {self.account!r}>"


@dataclass(frozen=True)
class LeftOut:
    """An entry that is no draft, and why, as a clause; `bad` if the entry itself is damaged."""

    name: str
    reason: str
    bad: bool = False


@dataclass
class Export:
    """What a file of the app `app` holds, in the app's order.

    `dropped` names what the entries have besides and the token has no place for.
    `disposable` is whether the file holds nothing else, in the clear.
    """

    app: str
    entries: list[Draft] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    dropped: tuple[str, ...] = ()
    disposable: bool = False

    def collect(
        self,
        items: Collection[Any],
        draft_of: Callable[[Any], Draft],
        name_of: Callable[[Any], str],
    ) -> None:
        """Add a draft of each item, or what is left out of it; raise TooCostly for too many."""
        check_count(len(items))
        for number, item in enumerate(items, 1):
            try:
                self.entries.append(draft_of(item))
            except (Lacking, BadEntry) as error:
                name = " ".join(name_of(item).split())[:NAME_SHOWN] or f"entry {number}"
                self.left_out.append(LeftOut(name, str(error), isinstance(error, BadEntry)))


def check_count(count: int) -> None:
    """Refuse more entries than an export may have; raise TooCostly."""
    if count > ENTRIES_MAX:
        raise TooCostly(f"it has more than {ENTRIES_MAX:,} entries, which is the limit")


def draft(
    issuer: str,
    account: str,
    secret: bytes,
    *,
    type: str = "totp",
    algorithm: str = "SHA1",
    digits: int | None = None,
    period: int | None = None,
    counter: int | None = None,
    favourite: bool = False,
    warnings: tuple[str, ...] = (),
    doubts: tuple[str, ...] = (),
) -> Draft:
    """Return the Draft of these fields; raise BadEntry, Lacking.

    A field that is None has the default that all apps share; HOTP has none for its counter.
    """
    issuer, account = issuer.strip(), account.strip()
    fields: dict[str, Any] = {"type": type, "algorithm": algorithm}
    fields["digits"] = (STEAM_LETTERS if type == "steam" else 6) if digits is None else digits
    if type == "hotp":
        if counter is None:
            raise BadEntry("it counts, and has no counter")
        fields["counter"] = counter
    elif period is not None:
        fields["period"] = period
    if not secret:
        raise BadEntry("its secret is empty")
    if not issuer and not account:
        raise BadEntry("it has no name; give it one in the app, and export again")
    _check(issuer, account, secret, fields)
    made = enrol(issuer, account, secret, warnings=warnings, doubts=doubts, **fields)
    return Draft(made, favourite)


def _check(issuer: str, account: str, secret: bytes, fields: dict[str, Any]) -> None:
    try:
        Account(issuer, account, secret, **fields)
    except UnicodeEncodeError:
        raise Lacking(f"its name is not Unicode text{_RENAME}") from None
    except AccountError as error:
        named = error.field in ("issuer", "name")
        raise Lacking(f"{error}{_RENAME if named else ''}") from None


def base32(text: str) -> bytes:
    """Return the secret that stands in base32; raise BadEntry, which names a place."""
    try:
        return secret_text.decode(text)
    except BadEnrolment as error:
        raise BadEntry(str(error)) from None


def hexadecimal(text: str) -> bytes:
    """Return the secret that stands in hex; raise BadEntry."""
    try:
        return secret_text.decode(text, secret_text.HEX)
    except BadEnrolment as error:
        raise BadEntry(str(error)) from None


def algorithm(name: str) -> str:
    """Return the hash that an app calls SHA1, HmacSHA256 or the like; raise Lacking."""
    plain = name.upper()
    for decoration in ("HMAC", "-", "_", " "):
        plain = plain.replace(decoration, "")
    if plain not in ALGORITHMS:
        shown = f" '{name}'" if len(name) < 16 and name.isascii() and name.isprintable() else ""
        raise Lacking(f"its hash{shown} is none of {', '.join(ALGORITHMS)}, which the token has")
    return plain
