"""What is only on the token and what only in a source, by what decides the codes."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from otpcore.account import STATIC, Account
from tokenctl.cli.output import Output
from tokenctl.enrol.apps import LeftOut
from tokenctl.enrol.enrolment import Enrolment
from tokenctl.language import _

if TYPE_CHECKING:
    from tokenctl.device.token import StoredAccount


def compare(
    stored: Sequence["StoredAccount"],
    enrolments: Sequence[Enrolment],
    left_out: Sequence[LeftOut],
    output: Output,
) -> None:
    """Print both differences. Names do not count, nor do counters, which go on.

    App passwords have no key check value; that of a damaged account is unknown.
    """
    comparable = [each for each in stored if not each.damaged and each.type != STATIC]
    there = {_codes(each, each.key_check_value) for each in comparable}
    sourced = {_codes(each.account, each.account.key_check_value()) for each in enrolments}
    only_token = [each for each in comparable if _codes(each, each.key_check_value) not in sourced]
    only_source = [
        each
        for each in enrolments
        if _codes(each.account, each.account.key_check_value()) not in there
    ]
    unknown = len(stored) - len(comparable)
    if output.as_json:
        output.data(
            {
                "only_on_token": [each.describe() for each in only_token],
                "only_in_source": [each.describe() for each in only_source],
                "left_out": [{"name": each.name, "reason": each.reason} for each in left_out],
                "not_comparable": unknown,
            }
        )
        return
    if only_token:
        output.line(_("On the token but not in the source: {count}").format(count=len(only_token)))
        output.accounts(only_token)
    if only_source:
        output.line(_("In the source but not on the token: {count}").format(count=len(only_source)))
        output.enrolments(only_source)
    if not only_token and not only_source:
        output.line(_("The token and the source hold the same accounts."))
    if unknown:
        output.note(
            _("Could not be compared: {unknown} (app passwords, or damaged accounts).").format(
                unknown=unknown
            )
        )


def _codes(account: "Account | StoredAccount", check: str | None) -> tuple[object, ...]:
    """Return what decides an account's codes: the key check value and the settings."""
    period = None if account.type == "hotp" else account.period
    return check, account.type, account.algorithm, account.digits, period, account.t0
