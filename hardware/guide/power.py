"""The power budget of a build: from its currents and a pattern of use to days.

Currents are the definition's, each with its source; a divider's is computed. They are
those of data sheets and of others' meters: nobody measured this build.
"""

from dataclasses import dataclass

from guide.build import Build

_HOURS = 24
_SECONDS_PER_HOUR = 3600


@dataclass(frozen=True)
class Pattern:
    """How a token is used: presses that wake it, a day, and how long it stays lit (s).

    `start` is the time from the press to the code (s), with the screen still dark.
    """

    name: str
    wakes: float
    lit: float = 30.0  # the firmware's own, unless the menu says otherwise
    start: float = 0.6


STATED = Pattern("20 codes a day", 20)
PATTERNS = (
    Pattern("in a drawer", 0),
    Pattern("5 codes a day", 5),
    STATED,
    Pattern("60 codes a day", 60),
)


@dataclass(frozen=True)
class Draw:
    """What one part takes while the token is lit, and asleep (uA), and where that is from."""

    what: str
    lit: float
    asleep: float
    source: str


def draws(build: Build) -> list[Draw]:
    """Return what each part takes, those of the definition and the dividers."""
    found: list[Draw] = []
    for each in build.whole["currents"]:
        lit = each["ua"] if each["state"] in ("lit", "always") else 0
        asleep = each["ua"] if each["state"] in ("asleep", "always") else 0
        found.append(Draw(each["what"], lit, asleep, each["source"]))
    battery = build.whole.get("battery")
    if battery is not None:
        through = (
            1000 * build.whole["supply"]["mv"] / (battery["upper_ohms"] + battery["lower_ohms"])
        )
        found.append(Draw("battery divider", through, through, "computed: supply over R1 + R2"))
    return _together(found)


def _together(found: list[Draw]) -> list[Draw]:
    """Return one row for each part."""
    names = dict.fromkeys(each.what for each in found)
    return [
        Draw(
            name,
            sum(each.lit for each in found if each.what == name),
            sum(each.asleep for each in found if each.what == name),
            "; ".join(dict.fromkeys(each.source for each in found if each.what == name)),
        )
        for name in names
    ]


def lit_ua(build: Build, without: str = "") -> float:
    """Return what the lit token takes (uA), without one part's share."""
    return sum(each.lit for each in draws(build) if each.what != without)


def asleep_ua(build: Build, without: str = "") -> float:
    """Return what the sleeping token takes (uA), without one part's share."""
    return sum(each.asleep for each in draws(build) if each.what != without)


def dark_ua(build: Build) -> float:
    """Return what a token takes that is dark and awake (uA), because it may not sleep."""
    return sum(each.asleep if each.what == "OLED" else each.lit for each in draws(build))


def day_mah(build: Build, pattern: Pattern, without: str = "") -> float:
    """Return the charge of a day (mAh)."""
    awake = pattern.wakes * (pattern.lit + pattern.start) / _SECONDS_PER_HOUR
    asleep = _HOURS - awake
    return (lit_ua(build, without) * awake + asleep_ua(build, without) * asleep) / 1000


def awake_day_mah(build: Build, pattern: Pattern) -> float:
    """Return the charge of a day (mAh) of a token that never sleeps."""
    lit = pattern.wakes * pattern.lit / _SECONDS_PER_HOUR
    return (lit_ua(build) * lit + dark_ua(build) * (_HOURS - lit)) / 1000


def days(build: Build, day: float) -> float:
    """Return how long the supply lasts when a day takes so much (mAh), its own loss included."""
    supply = build.whole["supply"]
    loss = supply["mah"] * supply["yearly_loss_percent"] / 100 / 365
    return supply["mah"] * supply["usable_percent"] / 100 / (day + loss)
