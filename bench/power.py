"""The charge that a day takes from each build's supply: computed from its board definition."""

from collections.abc import Iterator

from bench.figure import Figure
from guide.build import builds
from guide.power import STATED, asleep_ua, awake_day_mah, day_mah, days


def figures() -> Iterator[Figure]:
    """Yield a day's charge, how long the supply lasts, and what sleep saves."""
    group = f"A day's charge, {STATED.name} of {STATED.lit:.0f} s (computed)"
    for build in builds():
        day = day_mah(build, STATED)
        yield Figure(group, f"{build.name}", day, "mAh")
        supply = build.whole["supply"]
        yield Figure(group, f"{build.name}, on a {supply['kind']}", days(build, day), "days")
        yield Figure(group, f"{build.name}, asleep", asleep_ua(build), "uA")
        awake = awake_day_mah(build, STATED) / day
        yield Figure(group, f"{build.name}, awake all day, to that", awake, "x")
