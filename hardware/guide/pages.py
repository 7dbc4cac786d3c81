"""The pages of a build, in Markdown: overview, parts, assembly, power."""

import csv
import io
from collections import Counter

from guide import breadboard, erc
from guide.build import ROOT, Build, Part
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
from guide.steps import Step, steps, target
from tokenctl.boards import rules

_BEFORE_CELL = (
    "- [ ] USB is unplugged.",
    "- [ ] A meter shows which lead is plus: +3.6 to +4.2 V. That one goes to BAT+.",
)
_NO_CELL_YET = " `Battery about 0 %` is right: it is not connected yet."
_ON_CELL = (
    "- [ ] Press: the token runs from the cell alone.",
    "- [ ] Plug it in again: the charging light blinks or is on, and goes out when it is full.",
    "- [ ] The currents are those on the [power page](power.md).",
)
_MADE = "Made by `make hardware` from [{name}.json](../../boards/{name}.json); do not edit."


def overview(build: Build) -> str:
    """Return README.md: pictures, the table of wires, the checks, what to watch."""
    lines = [
        f"# {build.title}",
        "",
        _made(build),
        "",
        f"**Next:** [parts](parts.md) · [assembly](assembly.md) · [power](power.md)"
        f"{_case(build)} · `{_flash(build)}`",
        "",
        "![Wiring](wiring.svg)",
        "",
        "The wires, pin by pin:",
        "",
        *_wires(build),
        "",
        "The board:",
        "",
        *_chip_says(build),
        "",
        "## Schematic",
        "",
        "![Schematic](schematic.svg)",
        "",
        "The electrical rules check passes: every pin is connected or declared open, each supply",
        "has one driver, voltages are within each pin's limits, and the bus has pull-ups",
        "([netlist](netlist.txt)).",
        "",
        "## What to watch",
        "",
        *_watch(build),
    ]
    return _text(lines)


def parts_page(build: Build) -> str:
    """Return parts.md."""
    rows = _counted(build)
    low = sum(number * part.facts["price_eur"][0] for part, number in rows)
    high = sum(number * part.facts["price_eur"][1] for part, number in rows)
    lines = [
        f"# Parts: {build.title}",
        "",
        _made(build),
        "Prices are rough ranges for one piece from online shops in Europe, in euros.",
        "",
        *(_part(part, number) for part, number in rows),
        "",
        f"Together {low:.0f} to {high:.0f} euros. For a spreadsheet: [parts.csv](parts.csv).",
    ]
    return _text(lines)


def parts_csv(build: Build) -> str:
    """Return parts.csv."""
    target_file = io.StringIO()
    writer = csv.writer(target_file, lineterminator="\n")
    writer.writerow(("references", "number", "part", "type", "eur_low", "eur_high", "alternatives"))
    for part, number in _counted(build):
        refs = " ".join(each.ref for each in build.parts if each.id == part.id)
        facts = part.facts
        writer.writerow(
            (refs, number, part.title, facts["type"], *facts["price_eur"], facts["alternatives"])
        )
    return target_file.getvalue()


def netlist(build: Build) -> str:
    """Return netlist.txt: every net, every open pin, and what was computed of them."""
    width = max(len(net) for net in build.nets)
    lines = [f"# {build.name}: net, then part.pin", ""]
    for net, pins in build.nets.items():
        lines.append(f"{net:<{width}}  {' '.join(str(pin) for pin in pins)}")
    lines += ["", "# open"]
    lines += [f"{pin}  {pin.why}" for pin in build.open]
    lines += ["", "# checked", *erc.notes(build)]
    return _text(lines)


def power_page(build: Build) -> str:
    """Return power.md: the budget, its assumptions, and what a meter would say."""
    supply = build.whole["supply"]
    rest = asleep_ua(build)
    lines = [
        f"# Power: {build.title}",
        "",
        _made(build),
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
    return _text(lines)


def assembly(build: Build) -> str:
    """Return assembly.md: the steps with their pictures, and the bring-up."""
    lines = [
        f"# Assembly: {build.title}",
        "",
        _made(build),
        "Lay out the [parts](parts.md). After step 0, plug nothing in until the list says so.",
        "",
        "## 0. The board alone",
        "",
        "Before you wire anything, plug in the bare board and let `tokenctl` look at it:",
        "",
        f"    {_flash(build)} --dry-run",
        "",
        "It names the chip and what it would write; the first time it downloads MicroPython. If it",
        "finds no board, the cable may only charge. On Linux you may lack access to the port:",
        "`tokenctl udev-rule` prints the rule that grants it. Windows and macOS may need",
        "a driver for the board's USB chip (CP2102 or CH340; a chip's own USB needs none).",
        "Then unplug the board.",
        "",
        "## 1. The modules",
        "",
        *_watch(build, kinds=("panel", "clock")),
        "",
        *_prepare(build),
    ]
    numbered = pictured(build)
    on_cell = [each for each in numbered if "VBAT" in each[1].new]
    for number, step in numbered:
        if (number, step) not in on_cell:
            joining = _joining(build) if number == numbered[0][0] else ()
            lines += ["", *_step(number, step, before=joining), *_holes(build, number)]
    number = len(numbered) + 2 - len(on_cell)
    lines += ["", f"## {number}. Bring it up", "", *_bring_up(build)]
    for number, step in on_cell:
        lines += ["", *_step(number, step, before=_BEFORE_CELL), *_ON_CELL]
    lines += ["", "Then run `tokenctl provision` with your first QR code, and `tokenctl pin set`."]
    lines += ["The [manual](../../../docs/manual.md#at-the-token) explains what the presses do."]
    return _text(lines)


def pictured(build: Build) -> list[tuple[int, Step]]:
    """Return the steps with pictures, and their numbers: the battery comes after the bring-up."""
    found = steps(build)
    return [(number + ("VBAT" in step.new), step) for number, step in enumerate(found, 2)]


def step_file(number: int) -> str:
    """Return the name of the picture of a step."""
    return f"step-{number}.svg"


def breadboard_file(number: int) -> str:
    """Return the name of the picture of a step on the breadboard."""
    return f"breadboard-{number}.svg"


def _made(build: Build) -> str:
    return _MADE.format(name=build.definition.name)


def _case(build: Build) -> str:
    has_one = (ROOT / "hardware" / "case" / "builds" / f"{build.name}.json").exists()
    return " · [case](../../case/README.md)" if has_one else ""


def _flash(build: Build) -> str:
    board = "" if build.definition.name == "esp32-devkit" else f" --board {build.definition.name}"
    return f"tokenctl flash{board}"


def _text(lines: list[str]) -> str:
    return "\n".join(lines).rstrip("\n") + "\n"


def _wires(build: Build) -> list[str]:
    """Return a list of where each pin of each part goes, with its net."""
    lines: list[str] = []
    for part in build.parts[1:]:
        if not part.pins:
            continue
        lines.append(f"- **{part.ref}**, {part.title}")
        for pin in part.pins:
            if pin.through:
                continue
            if pin.net is None:
                lines.append(f"  - pin {pin.label} to nothing: {pin.why}")
                continue
            at_board = [each for each in build.nets[pin.net] if each.ref == build.board.ref]
            where = target(build, pin, at_board) if at_board else "the other parts of the net"
            gpio = next((each.gpio for each in at_board if each.gpio is not None), None)
            where += "" if gpio is None or part.purpose.startswith("behind") else f" (GPIO {gpio})"
            lines.append(f"  - pin {pin.label} to {where}, net {pin.net}")
    return lines


def _chip_says(build: Build) -> list[str]:
    """Return what the rules of the chip say of this wiring."""
    module = build.whole["module"]
    lines = [
        f"- {build.board.ref}: {module['name']}. Its pins are from {module['source']}.",
        f"- Its regulator: {module['regulator']}. Its USB: {module['usb']}.",
    ]
    wake = rules.wake_of(build.definition)
    if wake is not None and rules.sleeps(build.definition):
        lines.append(
            f"- The button can wake the chip from deep sleep (`esp32.wake_on_{wake[0]}`, "
            f"MicroPython {wake[1]} and later)."
        )
    lines += [f"- **{each}.**" for each in rules.check(build.definition)]
    return lines


def _watch(build: Build, kinds: tuple[str, ...] = ()) -> list[str]:
    lines = []
    for part, _ in _counted(build):
        for each in part.facts["watch"]:
            if not kinds or part.kind in kinds:
                lines.append(f"- **{part.title}.** {each}")
    return lines


def _prepare(build: Build) -> list[str]:
    """Return what is done to the modules before they are wired."""
    lines = [
        f"- [ ] {part.ref}: {each}"
        for part in build.parts
        for each in part.facts.get("prepare", ())
    ]
    for part in build.parts:
        if part.purpose.startswith("behind "):
            before = part.purpose.removeprefix("behind ")
            lines.append(
                f"- [ ] {before}: its far end has pins; most come with bare holes, into which you "
                "solder a row of four"
            )
    return lines


def _joining(build: Build) -> tuple[str, ...]:
    """Return how several wires come to one pin."""
    return tuple(part.facts["joining"] for part in build.parts if "joining" in part.facts)


def _counted(build: Build) -> list[tuple[Part, int]]:
    """Return each sort of part once, with how many there are of it."""
    numbers = Counter(part.id for part in build.parts)
    first = {part.id: part for part in reversed(build.parts)}
    return [
        (first[name], numbers[name] * first[name].facts["quantity"])
        for name in dict.fromkeys(part.id for part in build.parts)
    ]


def _part(part: Part, number: int) -> str:
    """Return a line of the list of parts: a table of these would be too wide for a phone."""
    instead = part.facts["alternatives"]
    return (
        f"- **{number} × {part.title}**, {_price(part)} euros each: {part.facts['type']}."
        + f" Alternatively: {instead}." * bool(instead)
    )


def _price(part: Part) -> str:
    low, high = part.facts["price_eur"]
    return f"{low:g} to {high:g}"


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
        f"2. There, {when}, a minute after the screen went dark: about {slept}. A meter's "
        "smallest range drops too much voltage for the start: bridge it until the token sleeps.",
        "3. Between 3V3 and GND, lit: 3.2 to 3.4 V, with hardly a ripple.",
    ]
    for number, note in enumerate(erc.notes(build)[2:], 4):
        net, _, rest_of = note.partition(": ")
        when = ", USB plugged in" if net == "USB_SENSE" else ""
        lines.append(f"{number}. {net} against GND{when}: {rest_of.replace(' at the pin', '')}.")
    return lines


def _step(number: int, step: Step, before: tuple[str, ...] = ()) -> list[str]:
    return [
        f"## {number}. {step.title}",
        "",
        f"![Step {number}: {step.title}]({step_file(number)})",
        "",
        *before,
        *([""] if before and not before[-1].startswith("- ") else ()),
        *(f"- [ ] {wire}" for wire in step.wires),
    ]


def _holes(build: Build, number: int) -> list[str]:
    """Return where the wires of a step go on the breadboard, if the build is on one."""
    there = breadboard.plugged(build)
    if there is None:
        return []
    return [
        "",
        "On a breadboard of 400 contacts, as in the printed case:",
        "",
        f"![Step {number}, on the breadboard]({breadboard_file(number)})",
        "",
        *(f"- {wire}" for wire in there.wires if wire.step == number),
    ]


def _bring_up(build: Build) -> list[str]:
    name = build.definition.name
    lines = [
        "Nothing is plugged in yet:",
        "",
        "- [ ] A meter's continuity test is silent between 3V3 and GND, and between SCL and SDA.",
        "- [ ] From VCC of each module to 3V3 of the board, and from GND to GND, it beeps.",
    ]
    lines += [
        "",
        "Plug it in:",
        "",
        "- [ ] Only the board gets warm, and only slightly. 3V3 against GND reads 3.2 to 3.4 V.",
        "- [ ] SCL and SDA each read 3.2 to 3.4 V: the pull-ups are there.",
        f"- [ ] The last line of `{_flash(build)}` says that the token runs.",
        "- [ ] A press lights the screen, which asks for the language; hold the button to choose",
        "  it. Then it says that there are no accounts. If it stays dark: VCC and GND are crossed,",
        "  or SCL and SDA, or its address is 0x3D.",
        f"- [ ] `tokenctl status` shows the token's number, `{name}` and its firmware, and that",
        "  the clock was never set." + _NO_CELL_YET * ("battery" in build.whole),
        "- [ ] `tokenctl sync` waits for a press, and says how exactly the clock is set. If the",
        "  screen says `no RTC`, the clock module does not answer.",
        "- [ ] Unplug it for a minute and plug it in again: `tokenctl status` knows the time.",
        "  If not, the clock's cell is empty or inserted the wrong way round.",
        "- [ ] Each button works: two quick presses open the menu; a long press of the second",
        "  button leaves it.",
    ]
    if "button" in build.whole and build.whole.get("presence_on_boot_button"):
        lines[-2:] = [
            "- [ ] BOOT works: a press wakes the token, two quick ones open the menu. Never hold",
            "  it while the board starts.",
        ]
    return lines
