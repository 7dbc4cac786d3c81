"""One enrolment, edited field by field at a terminal. Only a typed secret can be changed.

Enter keeps the value in brackets, "-" clears a name; invalid values are reported and
asked for again.
"""

import dataclasses
import re
from typing import Any

from otpcore.account import ALGORITHMS, STATIC, TYPES
from tokenctl.cli.dialog import ask, tell
from tokenctl.cli.enrolling import app_password, manual
from tokenctl.enrol.code_parameters import STEAM, TEXT, CodeParameters
from tokenctl.enrol.enrolment import Enrolment, enrol
from tokenctl.errors import BadEnrolment
from tokenctl.language import _

_EMPTY = "-"
_WITH_CODES = tuple(each for each in TYPES if each != STATIC)


def edit(enrolment: Enrolment, typed: bool = False) -> Enrolment:
    """Return the enrolment as the user wants it, without assumptions.

    One that was `typed` by hand may get another secret, too.
    """
    fields: dict[str, Any] = enrolment.account.describe()
    secret = enrolment.account.secret
    tell(_("Press Enter to keep the value in brackets; - clears a name."))
    while True:
        try:
            issuer = _name(_("Issuer"), fields["issuer"])
            account = _name(_("Account"), fields["name"])
            if typed and fields["type"] == STATIC:
                secret = app_password.ask_text_again(secret)
            elif typed:
                secret = manual.ask_secret_again(secret)
            made = enrol(issuer, account, secret, _parameters(fields, enrolment.account.t0))
        except BadEnrolment as error:
            tell(error.sentence)
            continue
        return dataclasses.replace(
            made,
            export=enrolment.export,
            origins=enrolment.origins,
            lists=enrolment.lists,
            mixed=enrolment.mixed,
            remarks=enrolment.remarks,
            favourite=enrolment.favourite,
        )


def _name(title: str, kept: str) -> str:
    answer = ask(f"{title} [{kept}]: ")
    return kept if not answer else "" if answer == _EMPTY else answer


def _parameters(fields: dict[str, Any], t0: int) -> CodeParameters:
    """Ask for the parameters of the codes of an account of its type, but for `t0`."""
    if fields["type"] == STATIC:
        return TEXT
    kind = _one_of(_("Type"), _WITH_CODES, fields["type"])
    if kind == "steam":
        return dataclasses.replace(STEAM, t0=t0)
    algorithm = _one_of(_("Algorithm"), ALGORITHMS, fields["algorithm"])
    digits = _number(_("Digits"), 6 if fields["type"] == "steam" else fields["digits"])
    if kind == "hotp":
        counter = _number(_("Counter"), fields.get("counter", 0))
        return CodeParameters(kind, algorithm, digits, t0=t0, counter=counter)
    period = _number(_("Period in seconds"), fields.get("period", 30))
    return CodeParameters(kind, algorithm, digits, period, t0)


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
