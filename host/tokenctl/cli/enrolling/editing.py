"""One enrolment, edited field by field at a terminal. Only a typed secret can be changed.

Enter keeps the value in brackets, "-" clears a name; invalid values are reported and
asked for again.
"""

import dataclasses
import re
from typing import Any

from otpcore.account import ALGORITHMS, STATIC, STEAM_LETTERS, TYPES
from tokenctl.cli.dialog import ask, tell
from tokenctl.cli.enrolling import app_password, manual
from tokenctl.enrol.enrolment import Enrolment, enrol
from tokenctl.errors import BadEnrolment
from tokenctl.language import _

_EMPTY = "-"
_WITH_CODES = tuple(each for each in TYPES if each != STATIC)


def edit(enrolment: Enrolment, typed: bool = False) -> Enrolment:
    """Return the enrolment as the user wants it, without assumptions.

    One that was `typed` by hand may get another secret, too.
    """
    fields = enrolment.account.describe()
    secret = enrolment.account.secret
    tell(_("Press Enter to keep the value in brackets; - clears a name."))
    while True:
        try:
            names = _names(fields)
            if typed and fields["type"] == STATIC:
                secret = app_password.ask_text_again(secret)
            elif typed:
                secret = manual.ask_secret_again(secret)
            made = enrol(
                secret=secret,
                t0=enrolment.account.t0,
                export=enrolment.export,
                **names,
                **_rest(fields),
            )
        except BadEnrolment as error:
            tell(error.sentence)
            continue
        return dataclasses.replace(
            made, origins=enrolment.origins, lists=enrolment.lists, remarks=enrolment.remarks
        )


def _names(fields: dict[str, Any]) -> dict[str, str]:
    """Ask for issuer and account, and return them."""
    typed: dict[str, str] = {}
    for part, title, kept in (
        ("issuer", _("Issuer"), fields["issuer"]),
        ("account", _("Account"), fields["name"]),
    ):
        answer = ask(f"{title} [{kept}]: ")
        typed[part] = kept if not answer else "" if answer == _EMPTY else answer
    return typed


def _rest(fields: dict[str, Any]) -> dict[str, Any]:
    """Ask for the other fields of an account of its type, and return them."""
    if fields["type"] == STATIC:
        return {"type": STATIC}
    typed: dict[str, Any] = {}
    typed["type"] = _one_of(_("Type"), _WITH_CODES, fields["type"])
    if typed["type"] == "steam":
        return typed | {"digits": STEAM_LETTERS}
    typed["algorithm"] = _one_of(_("Algorithm"), ALGORITHMS, fields["algorithm"])
    typed["digits"] = _number(_("Digits"), 6 if fields["type"] == "steam" else fields["digits"])
    if typed["type"] == "hotp":
        typed["counter"] = _number(_("Counter"), fields.get("counter", 0))
    else:
        typed["period"] = _number(_("Period in seconds"), fields.get("period", 30))
    return typed


def _number(title: str, value: int) -> int:
    while True:
        answer = ask(f"{title} [{value}]: ") or str(value)
        if re.fullmatch("[0-9]{1,20}", answer):
            return int(answer)
        tell(_("Enter a whole number."))


def _one_of(title: str, choices: tuple[str, ...], value: str) -> str:
    while True:
        answer = ask(f"{title} ({', '.join(choices)}) [{value}]: ") or value
        for choice in choices:
            if choice.casefold() == answer.casefold():
                return choice
        tell(_("Enter one of: {joined}.").format(joined=", ".join(choices)))
