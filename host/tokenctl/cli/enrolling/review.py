"""What is about to be added, shown to somebody at a terminal who may choose and edit.

Nothing goes on that was guessed and that nobody looked at, nothing twice, and
nothing in the place of another account without a yes.
"""

import re
from collections import Counter
from collections.abc import Sequence

from otpcore.account import STATIC
from tokenctl.cli.dialog import YES, ask, says_yes, tell
from tokenctl.cli.enrolling import editing
from tokenctl.cli.output import Output
from tokenctl.device.token import StoredAccount
from tokenctl.enrol.enrolment import Enrolment
from tokenctl.errors import NothingChosen
from tokenctl.language import _, marked, plural

NEW, THERE, SAME, UNSAID = marked("new"), marked("there"), marked("same"), marked("there?")

_LEGEND = {
    THERE: marked("there: the token has an account with this name and another secret."),
    SAME: marked("same: the token has an account with this name and this secret."),
    UNSAID: marked("there?: the token has an app password with this name; it does not say which."),
}


class Review:
    """The rows that somebody looks at, against what the token has."""

    def __init__(
        self,
        enrolments: Sequence[Enrolment],
        stored: Sequence[StoredAccount],
        output: Output,
        typed: bool = False,
    ) -> None:
        """Those that were `typed` by hand may get another secret when they are edited."""
        self._rows = list(enrolments)
        self._stored = {(each.issuer, each.name): each for each in stored if not each.damaged}
        self._output = output
        self._typed = typed

    def choose(self, take_all: bool, replace: bool) -> list[Enrolment]:
        """Return what is to be added; `replace` and `take_all` say yes beforehand.

        An account in it that the token has may be replaced. Raises NothingChosen.
        """
        while True:
            marks = [self._mark(each) for each in self._rows]
            self._output.review(self._rows, [_(mark) for mark in marks])
            for mark in sorted(set(marks) - {NEW}, reverse=True):
                tell(_(_LEGEND[mark]))
            chosen = list(range(len(self._rows))) if take_all else self._asked()
            take_all = False  # whatever is in the way of all of them has to be settled
            chosen = self._settled(chosen, replace)
            if chosen:
                return [self._rows[place] for place in chosen]

    def _mark(self, enrolment: Enrolment) -> str:
        there = self._stored.get(_name(enrolment))
        if there is None:
            return NEW
        check = enrolment.account.key_check_value()
        if check is None and there.type == STATIC:
            return UNSAID
        return SAME if there.key_check_value == check else THERE

    def _asked(self) -> list[int]:
        """Return the places in the list that somebody chooses; empty to show it again."""
        every = list(range(len(self._rows)))
        new = [place for place in every if self._mark(self._rows[place]) == NEW]
        while True:
            answer = ask(self._question(len(new))).lower().replace(",", " ").split()
            edit = re.fullmatch(r"e(?:dit)? ?([0-9]*)", " ".join(answer))
            if answer in (["q"], ["quit"], ["n"], ["no"], ["nee"]):
                raise NothingChosen(_("nothing was chosen, and nothing was added"))
            if answer in (["all"], *([word] for word in YES)):
                return every
            if not answer and new:
                return new
            if edit and (edit[1] or len(every) == 1):
                place = int(edit[1] or 1) - 1
                if place in every:
                    self._rows[place] = editing.edit(self._rows[place], self._typed)
                    return []
            chosen = [int(each) - 1 for each in answer if each.isdecimal()]
            if chosen and len(chosen) == len(answer) and set(chosen) <= set(every):
                return list(dict.fromkeys(chosen))
            many = _("Enter numbers from 1 to {count}, all, e and a number, or q.").format(
                count=len(every)
            )
            tell(many if len(every) > 1 else _("Enter y, e or q."))

    def _question(self, new: int) -> str:
        if len(self._rows) == 1:
            yes = _("Enter adds it") if new else _("y continues")
            return _("{yes}, e edits it, q quits: ").format(yes=yes)
        enter = ""
        if new == len(self._rows):
            enter = _("Enter adds all {new}, ").format(new=new)
        elif new:
            enter = plural(
                "Enter adds the new one, ", "Enter adds the {new} new ones, ", new
            ).format(new=new)
        return enter + _("numbers or 'all' select, e 2 edits number 2, q quits: ")

    def _settled(self, chosen: list[int], replace: bool) -> list[int]:
        """Return the places that nothing is in the way of; empty to show the list again."""
        for place in chosen:
            if self._rows[place].assumptions:
                for each in self._rows[place].assumptions:
                    tell(f"{place + 1}: {each[:1].upper()}{each[1:]}.")
                self._rows[place] = editing.edit(self._rows[place], self._typed)
        names = [_name(self._rows[place]) for place in chosen]
        twice = {name for name, count in Counter(names).items() if count > 1}
        for issuer, account in sorted(twice):
            tell(
                _("'{issuer}:{account}' appears twice: choose one, or rename one (e).").format(
                    account=account, issuer=issuer
                )
            )
        if twice:
            return []
        return [place for place in chosen if replace or self._may_be_written(place)]

    def _may_be_written(self, place: int) -> bool:
        enrolment = self._rows[place]
        mark = self._mark(enrolment)
        if mark == NEW:
            return True
        issuer, account = _name(enrolment)
        with_what = {SAME: _(", with the same secret"), THERE: _(", with another secret")}.get(
            mark, ""
        )
        return says_yes(
            _("The token already has '{issuer}:{account}'{with_what}. Replace it?").format(
                account=account, issuer=issuer, with_what=with_what
            )
        )


def _name(enrolment: Enrolment) -> tuple[str, str]:
    return enrolment.account.issuer, enrolment.account.name
