"""The page of how a build is put together, in Markdown: the steps, and the bring-up."""

from guide import breadboard
from guide.build import Build
from guide.page import flash, made, text, watch
from guide.steps import Step, steps

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


def assembly(build: Build) -> str:
    """Return assembly.md: the steps with their pictures, and the bring-up."""
    lines = [
        f"# Assembly: {build.title}",
        "",
        made(build),
        "Lay out the [parts](parts.md). After step 0, plug nothing in until the list says so.",
        "",
        "## 0. The board alone",
        "",
        "Before you wire anything, plug in the bare board and let `tokenctl` look at it:",
        "",
        f"    {flash(build)} --dry-run",
        "",
        "It names the chip and what it would write; the first time it downloads MicroPython. If it",
        "finds no board, the cable may only charge. On Linux you may lack access to the port:",
        "`tokenctl udev-rule` prints the rule that grants it. Windows and macOS may need",
        "a driver for the board's USB chip (CP2102 or CH340; a chip's own USB needs none).",
        "Then unplug the board.",
        "",
        "## 1. The modules",
        "",
        *watch(build, kinds=("panel", "clock")),
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
    return text(lines)


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
        "On a breadboard of 400 contacts, as in the printed case (T+ and T- are the rails beside "
        "row j, B+ and B- those beside row a):",
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
        f"- [ ] The last line of `{flash(build)}` says that the token runs.",
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
