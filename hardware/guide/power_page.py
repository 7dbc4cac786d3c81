"""The page about a build's power, in Markdown: the budget and what a meter should say."""

from guide import erc
from guide.build import Build
from guide.page import made, text
from guide.power import (
    PATTERNS,
    STATED,
    Pattern,
    asleep_ua,
    awake_day_mah,
    day_mah,
    days,
    draws,
    lit_ua,
)


def power_page(build: Build) -> str:
    """Return power.md: the budget, its assumptions, and what a meter would say."""
    supply = build.whole["supply"]
    rest = asleep_ua(build)
    lines = [
        f"# Power: {build.title}",
        "",
        made(build),
        "**Computed, never measured**: from data sheets and other people's measurements; a part",
        "from another maker may draw ten times as much. A meter shows what yours draws.",
        "",
        "![Days by the codes of a day](power.svg)",
        "",
        f"| Use | A day (mAh) | Days of {supply['kind']}, {supply['mah']} mAh |",
        "|---|---|---|",
        *(_used(build, each) for each in PATTERNS),
        f"| {STATED.name}, and never asleep | {awake_day_mah(build, STATED):.0f} "
        f"| {days(build, awake_day_mah(build, STATED)):.1f} |",
        "",
        f"A code takes {STATED.start} s to appear, and is lit for {STATED.lit:.0f} s.",
        "A sync costs nothing, because USB powers the token meanwhile. Of the supply "
        f"{supply['usable_percent']} % is usable,",
        f"and it loses {supply['yearly_loss_percent']} % a year by itself ({supply['source']}).",
        "",
        "## What draws how much",
        "",
        f"The days are those at {STATED.name}: without what the part draws asleep, and of all.",
        "",
        "| Part | Lit (mA) | Asleep (uA) | Days |",
        "|---|---|---|---|",
        *(
            f"| {each.what} | {each.lit / 1000:.2f} | {each.asleep:.0f} "
            f"| {_without(build, each.what, each.asleep)} |"
            for each in draws(build)
        ),
        f"| **all** | **{lit_ua(build) / 1000:.1f}** | **{rest:.0f}** "
        f"| {days(build, day_mah(build, STATED)):.0f} |",
        "",
        "Where this comes from:",
        "",
        *(f"- {each.what}: {each.source}" for each in draws(build)),
        "",
        "## What a meter should say",
        "",
        *_meter(build),
    ]
    return text(lines)


def _used(build: Build, pattern: Pattern) -> str:
    day = day_mah(build, pattern)
    return f"| {pattern.name} | {day:.1f} | {days(build, day):.0f} |"


def _without(build: Build, what: str, asleep: float) -> str:
    if not asleep:
        return "–"
    saved = day_mah(build, STATED) - 24 * asleep / 1000
    return f"{days(build, saved):.0f}"


def _meter(build: Build) -> list[str]:
    if "battery" in build.whole:
        where, when = "In series with the cell's plus", "USB unplugged"
    else:
        where, when = "In the USB cable", "a charger and no computer at its other end"
    rest = asleep_ua(build)
    slept = f"{rest / 1000:.1f} mA" if rest > 1000 else f"{rest:.0f} uA"
    lines = [
        f"1. {where}, a code on the screen: about {lit_ua(build) / 1000:.0f} mA.",
        f"2. There, {when}, six minutes after the power came and the last press: about {slept}. "
        "A meter's smallest range drops too much voltage for the start: bridge it until the token "
        "sleeps.",
        "3. Between 3V3 and GND, lit: 3.2 to 3.4 V, with hardly a ripple.",
    ]
    for number, note in enumerate(erc.notes(build)[2:], 4):
        net, _, rest_of = note.partition(": ")
        when = ", USB plugged in" if net == "USB_SENSE" else ""
        lines.append(f"{number}. {net} against GND{when}: {rest_of.replace(' at the pin', '')}.")
    return lines
