"""What is about to be added, shown to the user at a terminal, who may choose and edit.

Nothing is added that was guessed and not reviewed, nothing twice, and nothing
replaces another account without consent.
"""

import re
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from otpcore.account import STATIC
from tokenctl.cli.dialog import ask, says_yes, tell
from tokenctl.cli.enrolling import editing
from tokenctl.cli.output import Output
from tokenctl.enrol.enrolment import Enrolment
from tokenctl.enrol.provisioning import is_same
from tokenctl.errors import Quit
from tokenctl.language import NO, YES, _, marked, plural

if TYPE_CHECKING:
    from tokenctl.device.token import StoredAccount

# What the token has under the name of a row: nothing, another account, this one, or an app
# password, of which it does not say whether it is this one.
NEW, THERE, SAME, MAYBE_SAME = marked("new"), marked("there"), marked("same"), marked("there?")

_LEGEND = {
    THERE: marked(
        "there: the token has an account with this name, but another secret or other settings."
    ),
    SAME: marked("same: the token already has this account."),
    MAYBE_SAME: marked(
        "there?: the token has an app password with this name; it does not say which."
    ),
}


class Review:
    """The rows that the user reviews, compared with what the token has."""

    def __init__(
        self,
        enrolments: Sequence[Enrolment],
        stored: Sequence["StoredAccount"],
        output: Output,
        typed: bool = False,
    ) -> None:
        """Those that were `typed` by hand may get another secret when they are edited."""
        self._rows = list(enrolments)
        self._stored = {(each.issuer, each.name): each for each in stored if not each.damaged}
        self._output = output
        self._typed = typed

    def choose(self, take_all: bool, replace: bool) -> list[Enrolment]:
        """Return what is to be added; `replace` and `take_all` agree in advance.

        An account in it that the token has may be replaced. Raises Quit.
        """
        while True:
            marks = [self._mark(each) for each in self._rows]
            self._output.review(self._rows, [_(mark) for mark in marks])
            for mark in sorted(set(marks) - {NEW}, reverse=True):
                tell(_(_LEGEND[mark]))
            chosen = list(range(len(self._rows))) if take_all else self._ask_which()
            take_all = False  # what is in the way of all of them takes a choice
            self._have_guesses_checked(chosen)
            if self._tell_repeats(chosen):
                continue
            if agreed := [place for place in chosen if replace or self._may_be_written(place)]:
                return [self._rows[place] for place in agreed]

    def _mark(self, enrolment: Enrolment) -> str:
        there = self._stored.get(_name(enrolment))
        if there is None:
            return NEW
        check = enrolment.account.key_check_value()
        if check is None and there.type == STATIC:
            return MAYBE_SAME
        return SAME if is_same(enrolment, there) else THERE

    def _ask_which(self) -> list[int]:
        """Return the places in the list that the user chooses; empty to show it again.

        An answer may also edit a row, after which the list is shown again. Raises Quit.
        """
        marks = [self._mark(each) for each in self._rows]
        while True:
            answer = ask(self._question(marks)).lower().replace(",", " ").split()
            if answer in [[word] for word in ("q", "quit", *NO)]:
                raise Quit
            place = self._to_edit(answer)
            if place is not None:
                self._rows[place] = editing.edit(self._rows[place], self._typed)
                return []
            if chosen := _chosen(answer, marks):
                return chosen
            many = _(
                "Enter numbers from 1 to {count}, such as 1 3-5; or all, e and a number, or q."
            )
            tell(many.format(count=len(marks)) if len(marks) > 1 else _("Enter y, e or q."))

    def _to_edit(self, answer: Sequence[str]) -> int | None:
        """Return the place of the row that an answer such as "e 2" edits, None for any other."""
        edit = re.fullmatch(r"e(?:dit)? ?([0-9]*)", " ".join(answer))
        if edit is None or not edit[1] and len(self._rows) > 1:
            return None
        place = int(edit[1] or 1) - 1
        return place if 0 <= place < len(self._rows) else None

    def _question(self, marks: Sequence[str]) -> str:
        new, same = marks.count(NEW), marks.count(SAME)
        if len(self._rows) == 1:
            known = _("Enter continues") if same else _("y continues")
            yes = _("Enter adds it") if new else known
            return _("{yes}, e edits it, q quits: ").format(yes=yes)
        enter = ""
        if new == len(self._rows):
            enter = _("Enter adds all {new}, ").format(new=new)
        elif new:
            enter = plural(
                "Enter adds the new one, ", "Enter adds the {new} new ones, ", new
            ).format(new=new)
        elif same:
            enter = _("Enter continues, ")
        return enter + _("numbers or 'all' select, e 2 edits number 2, q quits: ")

    def _have_guesses_checked(self, chosen: Sequence[int]) -> None:
        """Have each of these rows edited that rests on a guess."""
        for place in chosen:
            if self._rows[place].assumptions:
                for each in self._rows[place].assumptions:
                    tell(f"{place + 1}: {each[:1].upper()}{each[1:]}.")
                self._rows[place] = editing.edit(self._rows[place], self._typed)

    def _tell_repeats(self, chosen: Sequence[int]) -> bool:
        """Say which names several of these rows have; return whether any has."""
        names = [_name(self._rows[place]) for place in chosen]
        twice = {name for name, count in Counter(names).items() if count > 1}
        for issuer, account in sorted(twice):
            tell(
                _("'{issuer}:{account}' appears twice: choose one, or rename one (e).").format(
                    account=account, issuer=issuer
                )
            )
        return bool(twice)

    def _may_be_written(self, place: int) -> bool:
        """Return whether nothing gives way to this row, or the user agrees to replace it."""
        enrolment = self._rows[place]
        mark = self._mark(enrolment)
        if mark in (NEW, SAME):
            return True
        issuer, account = _name(enrolment)
        there = self._stored[issuer, account]
        with_what = ""
        if mark == THERE and there.key_check_value == enrolment.account.key_check_value():
            with_what = _(", with the same secret and other settings")
        elif mark == THERE:
            with_what = _(", with another secret")
        return says_yes(
            _("The token already has '{issuer}:{account}'{with_what}. Replace it?").format(
                account=account, issuer=issuer, with_what=with_what
            )
        )


def _chosen(answer: Sequence[str], marks: Sequence[str]) -> list[int]:
    """Return the places that an answer chooses; none if it is not understood.

    Enter chooses the rows that nothing gives way to; so does yes, or all where there are none.
    """
    every = list(range(len(marks)))
    free = [place for place in every if marks[place] in (NEW, SAME)]
    agreed = list(answer) in [[word] for word in YES]
    if list(answer) == ["all"] or agreed and not free:
        return every
    if agreed or not answer:
        return free
    return [number - 1 for number in _numbers(answer, len(every))]


def _numbers(answer: Sequence[str], most: int) -> list[int]:
    """Return the numbers from 1 to `most` that words like 2 and 3-5 name; empty if one is wrong."""
    found: dict[int, None] = {}
    for each in answer:
        ends = re.fullmatch("([0-9]{1,4})(?:-([0-9]{1,4}))?", each)
        if ends is None:
            return []
        first, last = int(ends[1]), int(ends[2] or ends[1])
        if not 1 <= first <= last <= most:
            return []
        found |= dict.fromkeys(range(first, last + 1))
    return list(found)


def _name(enrolment: Enrolment) -> tuple[str, str]:
    return enrolment.account.issuer, enrolment.account.name
