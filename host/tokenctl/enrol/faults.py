"""What is bad in a source of several enrolments, all of it at once, and the good beside it.

The first fault is raised; its `more` are the others, its `good` the enrolments that were
read, for whoever wants to go on with them.
"""

from collections.abc import Callable

from tokenctl.enrol.enrolment import Enrolment
from tokenctl.errors import SourceError


class Faults:
    """Collects while the rest is read."""

    def __init__(self) -> None:
        self.good: list[Enrolment] = []
        self.bad: list[SourceError] = []

    def take(self, read: Callable[[], list[Enrolment]], place: str = "") -> None:
        """Take what `read` returns, or what it raises, said to be at `place`."""
        try:
            self.good += read()
        except SourceError as error:
            self.add(error.at(place) if place else error)

    def add(self, error: SourceError) -> None:
        """Take a fault, with the others and the good enrolments that it brings."""
        self.good += error.good
        self.bad += [error, *error.more]
        error.good, error.more = [], []

    def result(self) -> list[Enrolment]:
        """Return what is good, or raise what is bad."""
        if self.bad:
            raise self.first()
        return self.good

    def first(self) -> SourceError:
        """Return the first fault, with all else."""
        first, *more = self.bad
        first.good, first.more = self.good, more
        return first
