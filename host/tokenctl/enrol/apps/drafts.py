"""The content of an export: drafts of accounts, and what was left out and why.

A draft's `counter` is the next one that the app would use. Nothing is altered to fit: entries
that the token cannot hold are left out, by name.
"""

import unicodedata
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any

from otpcore.account import ALGORITHMS
from tokenctl.enrol import secret_text
from tokenctl.enrol.apps.faults import BadEntry, Lacking, TooCostly
from tokenctl.enrol.apps.fields import Fields
from tokenctl.enrol.code_parameters import STEAM, USUAL, CodeParameters
from tokenctl.enrol.draft import Draft, Names
from tokenctl.enrol.enrolment import from_draft
from tokenctl.errors import BadEnrolment, NoCounter, NoName
from tokenctl.language import _, marked

ENTRIES_MAX = 10_000  # ten times what a token holds
NAME_SHOWN = 60  # characters
_RENAME = marked("; change it in the app, and export again")


@dataclass(frozen=True)
class LeftOut:
    """An entry that was left out, and why, as a clause; `bad` if the entry itself is damaged."""

    name: str
    reason: str
    bad: bool = False


@dataclass
class Export:
    """The content of a file of the app `app`, in the app's order.

    `dropped` names what the entries have besides and the token has no place for.
    `disposable` is whether the file holds nothing else, in the clear; `in_clear` whether it holds
    them in the clear, whatever else is in it.
    """

    app: str
    entries: list[Draft] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    dropped: tuple[str, ...] = ()
    disposable: bool = False
    in_clear: bool = False

    def collect(
        self,
        items: Collection[Any],
        draft_of: Callable[[Any], Draft],
        name_of: Callable[[Any], str],
    ) -> None:
        """Add a draft of each item, or why it is left out; raise TooCostly for too many."""
        check_count(len(items))
        for number, item in enumerate(items, 1):
            try:
                draft = draft_of(item)
                _check(draft)
                self.entries.append(draft)
            except (Lacking, BadEntry) as error:
                name = " ".join(name_of(item).split())[:NAME_SHOWN] or _("entry {number}").format(
                    number=number
                )
                self.left_out.append(LeftOut(name, str(error), isinstance(error, BadEntry)))


def check_count(count: int) -> None:
    """Refuse more entries than an export may have; raise TooCostly."""
    if count > ENTRIES_MAX:
        raise TooCostly(
            _("it has more entries than the limit of {entries_max:,}").format(
                entries_max=ENTRIES_MAX
            )
        )


def draft(
    issuer: str,
    account: str,
    secret: bytes,
    parameters: CodeParameters = USUAL,
    *,
    favourite: bool = False,
) -> Draft:
    """Return the Draft of an entry."""
    issuer, account = (unicodedata.normalize("NFC", each.strip()) for each in (issuer, account))
    return Draft(Names(issuer, account, issuer), secret, parameters, favourite=favourite)


def parameters(
    type: str,
    algorithm: str = "SHA1",
    *,
    digits: int | None = None,
    period: int | None = None,
    counter: int | None = None,
) -> CodeParameters:
    """Return the parameters of an entry; raise BadEntry.

    What is None has the default that all apps share; HOTP has none for its counter. The period
    of HOTP, and the counter of all others, does not count.
    """
    usual = STEAM if type == "steam" else USUAL
    if type == "hotp" and counter is None:
        raise BadEntry(_("it is counter-based but has no counter"))
    return CodeParameters(
        type,
        algorithm,
        usual.digits if digits is None else digits,
        usual.period if type == "hotp" or period is None else period,
        counter=counter if type == "hotp" and counter is not None else 0,
    )


def parameters_in(
    fields: Fields,
    type: str,
    *,
    hash_in: str = "algorithm",
    digits_in: str = "digits",
    period_in: str = "period",
) -> CodeParameters:
    """Return the parameters of an entry, from the fields with these names; raise BadEntry.

    All but an HOTP account's `counter` may be missing. What does not count is not looked at.
    """
    is_hotp = type == "hotp"
    return parameters(
        type,
        algorithm(fields.text(hash_in, "SHA1")),
        digits=fields.number(digits_in, None),
        period=None if is_hotp else fields.number(period_in, None),
        counter=fields.number("counter") if is_hotp else None,
    )


def _check(draft: Draft) -> None:
    """Raise Lacking for what no token can hold, BadEntry for a missing name or secret."""
    if not draft.secret:
        raise BadEntry(_("its secret is empty"))
    try:
        from_draft(draft)
    except NoName:
        raise BadEntry(_("it has no name; name it in the app, and export again")) from None
    except NoCounter as error:
        raise BadEntry(str(error)) from None
    except BadEnrolment as error:
        named = error.field in ("issuer", "name")
        raise Lacking(error.clause + (_(_RENAME) if named else "")) from None


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
        raise Lacking(
            _("its hash{shown} is not one that the token supports ({joined})").format(
                joined=", ".join(ALGORITHMS), shown=shown
            )
        )
    return plain
