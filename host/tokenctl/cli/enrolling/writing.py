"""Writes what was chosen to the token, to a second one and into a file.

Everything is planned and checked before anything is written. What a token has acknowledged is
kept, and is named, also when the next step fails.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from otpcore.account import Account
from tokenctl.cli.enrolling.keeper import Keeper
from tokenctl.cli.enrolling.options import Options
from tokenctl.cli.enrolling.second_token import SecondToken
from tokenctl.cli.output import Output
from tokenctl.enrol import provisioning, second_token
from tokenctl.enrol.enrolment import Enrolment
from tokenctl.enrol.provisioning import Step
from tokenctl.errors import Interrupted, KeepingFailed, LinkError
from tokenctl.language import _

if TYPE_CHECKING:
    from tokenctl.device.token import StoredAccount, Token


@dataclass
class Writer:
    """Writes enrolments to a token that had `there`, and to the second one if there is one.

    `steps` are then those of the first token, one for each enrolment.
    """

    token: "Token"
    there: Sequence["StoredAccount"]
    second: SecondToken | None
    keeper: Keeper
    options: Options
    output: Output
    steps: Sequence[Step] = ()

    def write(self, enrolments: Sequence[Enrolment], replace: bool) -> list["StoredAccount"]:
        """Return the enrolments as the first token now has them."""
        asking, keep = self.options.asking, not self.options.replace
        if self.second is not None:
            second_token.require_in_step(enrolments, self.options.hotp)
        self.steps = provisioning.plan(enrolments, self.there, replace, keep=keep)
        steps = list(self.steps)
        if self.second is not None:
            steps = [*self.second.plan(enrolments, self.options.replace, asking), *steps]
        self.keeper.check(enrolments, steps)
        try:
            with self.output.progress(len(self.steps)) as progress:
                stored = provisioning.write(self.token, self.steps, progress)
            if self.second is not None:
                self.second.write(self.output, asking)
        except BaseException as error:
            is_said = self._unfinished(enrolments)
            if isinstance(error, LinkError):
                error.says_outcome |= is_said
            raise
        self.keeper.keep([each.account for each in enrolments])
        return stored

    def _unfinished(self, enrolments: Sequence[Enrolment]) -> bool:
        """Keep a copy of what was done and report it, before the error is raised.

        Return whether it was said which of two tokens has what.
        """
        on_first = _there(self.steps, self.token.acknowledged)
        on_second: list[Enrolment] = []
        if self.second is not None:
            on_second = _there(self.second.steps, self.second.acknowledged)
        try:
            self.keeper.keep([each.account for each in enrolments if each in on_first + on_second])
        except (KeepingFailed, Interrupted) as failed:
            self.output.warn(str(failed))
        if self.second is None:
            return False
        only = {
            _("Only the first token has: {names}."): [e for e in on_first if e not in on_second],
            _("Only the second token has: {names}."): [e for e in on_second if e not in on_first],
        }
        for sentence, there in only.items():
            if there:
                self.output.note(sentence.format(names=second_token.listed(there)))
        if any(only.values()):
            self.output.note(
                _("Run the same command again to finish: what a token has already is left alone.")
            )
        return any(only.values())


def _there(steps: Sequence[Step], acknowledged: Sequence[Account]) -> list[Enrolment]:
    """Return what a token has: its earlier accounts, and what it has acknowledged."""
    done = {id(each) for each in acknowledged}
    return [step.enrolment for step in steps if step.is_there or id(step.enrolment.account) in done]
