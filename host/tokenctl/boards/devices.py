"""The clock chips and the panels: one table, devices.json, for all their users.

The rules of board definitions, the simulator's models, the tables of hardware/README.md and
the firmware's own table, which is made of it, come from there. A new clock chip is a driver
in the firmware, a model in tokensim, and a row; the order of the rows is that of preference.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_FAST_MODE = 400_000  # Hz, of the bus
_DRIVERS = "tokenfw.drivers"
_BEGIN = "# Made by make hardware from tokenctl.boards' devices.json; do not edit."
_END = "# Here ends what is made."
_MADE = (
    '"""{what}.\n\nMade by make hardware from tokenctl.boards\' devices.json; do not edit.\n"""\n'
)


@dataclass(frozen=True)
class ClockChip:
    """A clock chip; `driver` and `model` are "module:class" in their packages.

    `found_accuracy_ppb` is what one is taken to be good for that is found on the bus and not
    named, None for one that is not told from `found_as`, or is not looked for.
    """

    name: str
    title: str
    driver: str
    model: str
    address: int
    fastest_hz: int
    accuracy_ppb: int
    aging_step_ppb: int  # 0: it has no aging offset
    source: str
    found_accuracy_ppb: int | None = None
    found_as: str | None = None


@dataclass(frozen=True)
class Panel:
    """A panel's controller: the addresses that it can have, and the sizes that there are."""

    name: str
    title: str
    driver: str
    model: str
    addresses: tuple[int, ...]
    fastest_hz: int
    sizes: tuple[tuple[int, int], ...]
    source: str


@dataclass(frozen=True)
class Other:
    """Something else that may be on the bus and is not used."""

    title: str
    addresses: tuple[int, ...]
    source: str


def _read() -> tuple[dict[str, ClockChip], dict[str, Panel], list[Other]]:
    whole: dict[str, Any] = json.loads(Path(__file__).with_name("devices.json").read_bytes())
    clocks = {name: ClockChip(name, **row) for name, row in whole["clock_chips"].items()}
    panels = {}
    for name, row in whole["panels"].items():
        lists = {"addresses": tuple(row["addresses"]), "sizes": tuple(map(tuple, row["sizes"]))}
        panels[name] = Panel(name, **row | lists)
    others = [
        Other(**row | {"addresses": tuple(row["addresses"])}) for row in whole["others"].values()
    ]
    return clocks, panels, others


CLOCK_CHIPS, PANELS, OTHERS = _read()


def titles_at(address: int) -> list[str]:
    """Return the titles of what may answer at an address of the bus; empty if unknown."""
    clocks = [each.title for each in CLOCK_CHIPS.values() if each.address == address]
    panels = [each.title for each in PANELS.values() if address in each.addresses]
    return clocks + panels + [each.title for each in OTHERS if address in each.addresses]


def firmware_table() -> str:
    """Return the part of tokenfw/board.py by which the board makes its drivers."""
    lines = [
        _BEGIN,
        "# Module, class, and of a clock chip what it is made with: name, address, fastest bus",
        "# (Hz), accuracy and step of its aging offset (parts per billion).",
        "_CLOCK_CHIPS = {",
        *(f'    "{each.name}": {_clock_row(each, each.accuracy_ppb)},' for each in _clocks()),
        "}",
        "_FOUND = (  # when none is named: the best first",
        *(
            f"    {_clock_row(each, each.found_accuracy_ppb)},"
            for each in _clocks()
            if each.found_accuracy_ppb is not None
        ),
        ")",
        "_PANELS = {",
        *(f'    "{each.name}": ({_quoted(each.driver)}),' for each in PANELS.values()),
        "}",
        _END,
    ]
    return "\n".join(lines) + "\n"


def with_table(board: str) -> str:
    """Return the source of tokenfw/board.py with the table as it is today."""
    start, end = board.index(_BEGIN), board.index(_END)
    return board[:start] + firmware_table().rstrip("\n") + board[end + len(_END) :]


def firmware_panels() -> str:
    """Return the source of tokenfw/drivers/panels.py, which has all panels at once."""
    drivers = sorted(each.driver.split(":") for each in PANELS.values())
    lines = [
        _MADE.format(what="All panels' drivers at once, for what has to stand alone"),
        *(f"from {_DRIVERS}.{module} import {name}" for module, name in drivers),
        "",
        "PANELS = {",
        *(f'    "{each.name}": {each.driver.split(":")[1]},' for each in PANELS.values()),
        "}",
    ]
    return "\n".join(lines) + "\n"


def page() -> list[str]:
    """Return the table of clock chips that hardware/README.md has, line by line."""
    lines = ["  | Driver | Not named | Named |", "  |---|---|---|"]
    for chip in CLOCK_CHIPS.values():
        slow = chip.fastest_hz < _FAST_MODE
        slows = f", slows the bus to {chip.fastest_hz // 1000} kHz" if slow else ""
        if chip.found_accuracy_ppb is not None:
            found = f"found, good to {_ppm(chip.found_accuracy_ppb)}{slows}"
        else:
            found = f"found as a {CLOCK_CHIPS[chip.found_as or chip.name].title}"
        step = chip.aging_step_ppb
        aging = f", a step of its aging {_ppm(step)}" if step else ""
        lines.append(
            f"  | `{chip.name}` | {found} | good to {_ppm(chip.accuracy_ppb)}{aging}{slows} |"
        )
    return lines


def _ppm(ppb: int) -> str:
    return f"{ppb / 1000:g} ppm"


def _clocks() -> list[ClockChip]:
    return list(CLOCK_CHIPS.values())


def _clock_row(chip: ClockChip, accuracy_ppb: int | None) -> str:
    about = (
        f'("{chip.title}", 0x{chip.address:02X}, {chip.fastest_hz}, '
        f"{accuracy_ppb}, {chip.aging_step_ppb})"
    )
    return f"({_quoted(chip.driver)}, {about})"


def _quoted(driver: str) -> str:
    module, name = driver.split(":")
    return f'"{_DRIVERS}.{module}", "{name}"'
