"""A figure: a measured number, its spread, and its aim."""

import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Figure:
    """A measured `value` in `unit`; `low` and `high` are its spread if there were several rounds.

    `at_most` or `at_least` is the aim, if any.
    """

    group: str
    name: str
    value: float
    unit: str
    low: float | None = None
    high: float | None = None
    at_most: float | None = None
    at_least: float | None = None

    @property
    def met(self) -> bool | None:
        """Whether the aim is met; None without an aim."""
        if self.at_most is not None:
            return self.value <= self.at_most
        if self.at_least is not None:
            return self.value >= self.at_least
        return None

    def describe(self) -> dict[str, Any]:
        """Return the figure as a dict of JSON types."""
        fields = {name: value for name, value in asdict(self).items() if value is not None}
        return fields if self.met is None else fields | {"met": self.met}


def ratio(
    group: str,
    name: str,
    above: Sequence[float],
    below: Sequence[float],
    at_most: float | None = None,
    at_least: float | None = None,
) -> Figure:
    """Return the median ratio of two series measured in turns, and its 10th and 90th percentile."""
    ratios = [one / other for one, other in zip(above, below, strict=True)]
    tenths = statistics.quantiles(ratios, n=10, method="inclusive")
    return Figure(
        group, name, statistics.median(ratios), "x", tenths[0], tenths[-1], at_most, at_least
    )


def share(
    group: str, name: str, part: float, whole: float, at_least: float | None = None
) -> Figure:
    """Return `part` of `whole` in per cent."""
    return Figure(group, name, 100 * part / whole, "%", at_least=at_least)
