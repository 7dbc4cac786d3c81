"""The pages of a build, in Markdown: overview and parts; and its netlist as text."""

import csv
import io

from guide import erc
from guide.build import ROOT, Build, Part
from guide.page import counted, flash, made, text, watch
from guide.steps import target
from tokenctl.boards import deep_sleep, rules


def overview(build: Build) -> str:
    """Return README.md: pictures, the table of wires, the checks, what to watch."""
    lines = [
        f"# {build.title}",
        "",
        made(build),
        "",
        f"**Next:** [parts](parts.md) · [assembly](assembly.md) · [power](power.md)"
        f"{_case(build)} · `{flash(build)}`",
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
        *watch(build),
    ]
    return text(lines)


def parts_page(build: Build) -> str:
    """Return parts.md."""
    rows = counted(build)
    low = sum(number * part.facts["price_eur"][0] for part, number in rows)
    high = sum(number * part.facts["price_eur"][1] for part, number in rows)
    lines = [
        f"# Parts: {build.title}",
        "",
        made(build),
        "Prices are rough ranges for one piece from online shops in Europe, in euros.",
        "",
        *(_part(part, number) for part, number in rows),
        "",
        f"Together {low:.0f} to {high:.0f} euros. For a spreadsheet: [parts.csv](parts.csv).",
    ]
    return text(lines)


def parts_csv(build: Build) -> str:
    """Return parts.csv."""
    target_file = io.StringIO()
    writer = csv.writer(target_file, lineterminator="\n")
    writer.writerow(("references", "number", "part", "type", "eur_low", "eur_high", "alternatives"))
    for part, number in counted(build):
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
    return text(lines)


def _case(build: Build) -> str:
    has_one = (ROOT / "hardware" / "case" / "builds" / f"{build.name}.json").exists()
    return " · [case](../../case/README.md)" if has_one else ""


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
    wake = deep_sleep.wake_of(build.definition)
    if wake is not None and deep_sleep.sleeps(build.definition):
        lines.append(
            f"- The button can wake the chip from deep sleep (`esp32.wake_on_{wake[0]}`, "
            f"MicroPython {wake[1]} and later)."
        )
    lines += [f"- **{each}.**" for each in rules.check(build.definition)]
    return lines


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
