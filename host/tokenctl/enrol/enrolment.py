"""The enrolment: an account as a source described it, checked, with warnings about it.

Every source (a URI, a picture, a person at the keyboard) ends here, so that
limits and warnings are the same for all. The secret is in `account` only: no
repr, no description and no message shows it.
"""

import unicodedata
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from otpcore.account import STATIC, Account, AccountError
from tokenctl.core_sentences import said
from tokenctl.enrol.code_parameters import USUAL, CodeParameters
from tokenctl.enrol.draft import Draft, ExportPart
from tokenctl.errors import BadEnrolment, NoName
from tokenctl.language import _

USUAL_PERIODS = (30, 60)  # seconds
PERIOD_ODD = 86_400  # seconds; beyond a day it is surely a mistake
SECRET_WEAK = 80  # bits; Microsoft's are this short, less is not seen
SECRET_SHORT = 128  # bits; RFC 4226, section 4, R6

_OPTIONS = {"issuer": "issuer", "name": "account"}  # by the fields that they are for


@dataclass(frozen=True, eq=False, repr=False)
class Enrolment:
    """One account to be put on a token.

    `account.issuer` is what the token stores. `display_issuer` is what a
    person is shown; it is longer only where the full text does not fit the
    token. `warnings` are clauses for people; those of them that are `assumptions`
    say what was guessed, and want somebody to look at it; `findings` are clauses on what a
    person can do nothing about, for programs only; `remarks` are on the
    source it stood in. `origins` are the pictures that hold this and nothing but
    enrolments, `lists` the text files, `mixed` files of either kind that hold more. A
    `favourite` comes first on the token's screen.
    """

    account: Account
    warnings: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()
    display_issuer: str = ""
    assumptions: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    origins: tuple[Path, ...] = ()
    lists: tuple[Path, ...] = ()
    mixed: tuple[Path, ...] = ()
    export: ExportPart | None = None
    favourite: bool = False

    def describe(self) -> dict[str, Any]:
        """Return what would be added, without the secret, as a dict of JSON types."""
        description: dict[str, Any] = self.account.describe()
        if (check := self.account.key_check_value()) is not None:
            description["key_check_value"] = check
        description["warnings"] = list(self.warnings + self.findings + self.remarks)
        return description

    def __repr__(self) -> str:
        account = self.account
        return f"<Enrolment {account.type} {account.issuer!r} {account.name!r}>"


def from_draft(draft: Draft) -> Enrolment:
    """Return the Enrolment for a draft; raise BadEnrolment if anything in it is wrong.

    NoCounter and NoName are raised for what the user has to supply.
    """
    for lack in draft.lacks:
        raise lack.again()  # the draft stays as it is
    names = draft.names
    made = enrol(names.issuer, names.account, draft.secret, draft.parameters)
    assumptions = draft.assumptions + names.assumptions
    return replace(
        made,
        warnings=names.warnings + draft.warnings + assumptions + made.warnings,
        assumptions=assumptions,
        display_issuer=_composed(names.display_issuer) or made.display_issuer,
        export=draft.export,
        remarks=draft.remarks,
        origins=draft.code.pictures,
        lists=draft.code.lists,
        mixed=draft.code.mixed,
        favourite=draft.favourite,
    )


def enrol(
    issuer: str, account: str, secret: bytes, parameters: CodeParameters = USUAL
) -> Enrolment:
    """Return the Enrolment of an account, and warnings about it; raise BadEnrolment, NoName."""
    issuer, account = _composed(issuer), _composed(account)
    if not issuer and not account:
        raise NoName("name", _("the enrolment has no name: give one with --issuer or --account"))
    try:
        made = Account(issuer, account, secret, **vars(parameters))
    except UnicodeEncodeError:
        raise BadEnrolment(
            "name", _("the issuer or the account is not valid Unicode text")
        ) from None
    except AccountError as error:
        field: str = error.field
        hint = (
            _("; give another with --{option}").format(option=_OPTIONS[field])
            if field in _OPTIONS
            else ""
        )
        raise BadEnrolment(field, said(error), hint) from None
    warnings, findings = _judged(made)
    return Enrolment(made, warnings, findings, issuer)


def _composed(name: str) -> str:
    """Return a name as one writes it: accents that are letters of their own mean the same."""
    return unicodedata.normalize("NFC", name)


def _judged(account: Account) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return warnings, and findings about what the site chose, which the user cannot change."""
    if account.type == STATIC:
        has_margins = account.text().strip(" ") != account.text()
        return (_("the text starts or ends with a space"),) if has_margins else (), ()
    bits, period = len(account.secret) * 8, account.period
    warnings: list[str] = []
    findings: list[str] = []
    if bits < SECRET_WEAK:
        warnings.append(
            _("the secret has only {bits} bits, so it can be guessed").format(bits=bits)
        )
    elif bits < SECRET_SHORT:
        findings.append(
            _("the secret has {bits} bits; RFC 4226 requires at least 128").format(bits=bits)
        )
    if account.type == "totp" and period > PERIOD_ODD:
        warnings.append(
            _("the period is {period} seconds, which is more than a day").format(period=period)
        )
    elif account.type == "totp" and period not in USUAL_PERIODS:
        warnings.append(
            _("the period is {period} seconds; 30 and 60 are usual").format(period=period)
        )
    return tuple(warnings), tuple(findings)
