"""How many attacks were tried, and how each ended: a table at the end of a run.

A test hands its counts to `record_property("attack", [what, {end: count}])`, which pytest
brings home from its workers, too.
"""

from collections.abc import Iterable
from typing import Any

ATTACK = "attack"


def rows(reports: Iterable[Any]) -> dict[str, dict[str, int]]:
    """Return what was tried, and how often it ended how, over all reports."""
    found: dict[str, dict[str, int]] = {}
    for report in reports:
        for name, value in getattr(report, "user_properties", ()):
            if name == ATTACK:
                what, ends = value
                row = found.setdefault(what, {})
                for end, count in ends.items():
                    row[end] = row.get(end, 0) + count
    return found


def lines(found: dict[str, dict[str, int]]) -> list[str]:
    """Return the table as text, a line for each attack."""
    width = max(map(len, found), default=0)
    return [
        f"{what:<{width}}  {sum(ends.values()):>8,} tried: "
        + ", ".join(f"{count:,} {end}" for end, count in ends.items())
        for what, ends in sorted(found.items())
    ]
