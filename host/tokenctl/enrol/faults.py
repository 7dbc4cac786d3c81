"""What is wrong in a source: each fault stands in the place of the account that it spoils.

Every step of the pipeline passes faults on, so that all of them are reported at once, in the
order of the source, with the good enrolments beside them for those who want to go on.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeGuard

from tokenctl.enrol.enrolment import Enrolment
from tokenctl.enrol.setup_code import NOWHERE, SetupCode
from tokenctl.errors import SourceError
from tokenctl.language import _


@dataclass(frozen=True, eq=False)
class Fault:
    """Why a code, or its account number `entry`, is not an enrolment; `error` has no place."""

    error: SourceError
    code: SetupCode = NOWHERE
    entry: int = 0

    @property
    def files(self) -> frozenset[Path]:
        """The files that hold the fault: they are kept."""
        return frozenset(self.code.pictures + self.code.lists)


def is_fault(outcome: object, *kinds: type[SourceError]) -> TypeGuard[Fault]:
    """Return whether an outcome is a fault of one of these kinds."""
    return isinstance(outcome, Fault) and isinstance(outcome.error, kinds)


def told(faults: Iterable[Fault]) -> list[SourceError]:
    """Return the errors with their places; one that several accounts of a code share comes once."""
    alike: dict[tuple[int, str | int], list[Fault]] = {}
    for fault in faults:
        same = str(fault.error) if fault.entry else id(fault)
        alike.setdefault((id(fault.code), same), []).append(fault)
    errors: list[SourceError] = []
    for first, *more in alike.values():
        error = first.error
        if first.entry:
            others = (
                _(" (also {joined})").format(joined=", ".join(str(each.entry) for each in more))
                if more
                else ""
            )
            error = error.at(
                _("account {entry} of the export{others}").format(entry=first.entry, others=others)
            )
        for place in (first.code.place, first.code.source):
            error = error.at(place) if place else error
        errors.append(error)
    return errors


def parted(outcomes: Sequence[Enrolment | Fault]) -> tuple[list[Enrolment], list[SourceError]]:
    """Return the good outcomes, and the faults with their places."""
    good = [each for each in outcomes if isinstance(each, Enrolment)]
    bad = [each for each in outcomes if isinstance(each, Fault)]
    return good, told(bad) if bad else []


def first_of(bad: Sequence[SourceError], good: Sequence[Enrolment] = ()) -> SourceError:
    """Return the first error; its `more` are the others, its `good` the valid enrolments."""
    first, *more = bad
    first.more, first.good = more, list(good)
    return first
