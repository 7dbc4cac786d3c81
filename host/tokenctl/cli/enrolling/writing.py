"""Onto the token, onto a second one and into a file: what provision does with what was chosen.

Everything is planned and checked before anything is written. What a token has acknowledged is
kept, and is named, also when the next step fails.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from otpcore.account import Account
from tokenctl.cli.enrolling.keeper import Keeper
from tokenctl.cli.enrolling.options import Options
from tokenctl.cli.enrolling.second import SecondToken
from tokenctl.cli.output import Output
from tokenctl.device.token import StoredAccount, Token
from tokenctl.enrol import pairing, provisioning
from tokenctl.enrol.enrolment import Enrolment
from tokenctl.enrol.provisioning import Step
from tokenctl.errors import KeepingFailed
from tokenctl.language import _


@dataclass
class Writer:
    """Writes enrolments to a token that had `there`, and to the second one if there is one."""

    token: Token
    there: Sequence[StoredAccount]
    second: SecondToken | None
    keeper: Keeper
    options: Options
    output: Output

    def write(self, enrolments: Sequence[Enrolment], replace: bool) -> list[StoredAccount]:
        """Return the enrolments as the first token now has them."""
        wanted, asking = list(enrolments), self.options.asking
        second_steps: list[Step] = []
        if self.second is not None:
            pairing.require_in_step(enrolments, self.options.hotp)
            wanted = pairing.missing(enrolments, self.there)
        steps = provisioning.plan(wanted, self.there, replace)
        if self.second is not None:
            second_steps = self.second.plan(enrolments, self.options.replace, asking)
        self.keeper.check(enrolments, [*second_steps, *steps])
        try:
            stored = self._first(steps)
            if self.second is not None:
                self.second.write(self.output, asking)
        except BaseException as error:
            self._unfinished(enrolments, steps, second_steps, error)
            raise
        self.keeper.keep([each.account for each in enrolments])
        return self._in_order(enrolments, stored)

    def _first(self, steps: Sequence[Step]) -> list[StoredAccount]:
        if not steps:
            return []
        with self.output.progress(len(steps)) as progress:
            return provisioning.write(self.token, steps, progress)

    def _unfinished(
        self,
        enrolments: Sequence[Enrolment],
        steps: Sequence[Step],
        second_steps: Sequence[Step],
        error: BaseException,
    ) -> None:
        """Keep and name what was done, before the error that ended it is raised."""
        on_first = _there(enrolments, steps, self.token.acknowledged)
        on_second: list[Enrolment] = []
        if self.second is not None:
            on_second = _there(enrolments, second_steps, self.second.acknowledged)
        try:
            self.keeper.keep([each.account for each in enrolments if each in on_first + on_second])
        except KeepingFailed as failed:
            self.output.warn(str(failed))
        if self.second is None:
            return
        only = {
            _("Only the first token has: {names}."): [e for e in on_first if e not in on_second],
            _("Only the second token has: {names}."): [e for e in on_second if e not in on_first],
        }
        for sentence, there in only.items():
            if there:
                self.output.note(sentence.format(names=pairing.listed(there)))
        if any(only.values()):
            self.output.note(
                _("Run the same command again to finish: what a token has already is left alone.")
            )

    def _in_order(
        self, enrolments: Sequence[Enrolment], stored: Sequence[StoredAccount]
    ) -> list[StoredAccount]:
        """Return each enrolment as the token has it, whether it was written now or before."""
        by_name = {(each.issuer, each.name): each for each in (*self.there, *stored)}
        return [by_name[each.account.issuer, each.account.name] for each in enrolments]


def _there(
    enrolments: Sequence[Enrolment], steps: Sequence[Step], acknowledged: Sequence[Account]
) -> list[Enrolment]:
    """Return what a token has: what was no step, and the steps that it has acknowledged."""
    done = {id(each) for each in acknowledged}
    left = [step.enrolment for step in steps if id(step.enrolment.account) not in done]
    return [each for each in enrolments if each not in left]
