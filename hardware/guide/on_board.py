"""The pocket build with the button board in the place of perfboard and clock module.

Its parts are those of hardware/pcb/button-board.json, by its netlist; the rest of the build
(controller, panel, cell) is the definition's. So the same electrical rules check judges both.
"""

import json
from functools import cached_property
from pathlib import Path
from typing import Any

from guide.build import BETWEEN, ROOT, BadBuild, Build, Part, Pin, builds

NETLIST = ROOT / "hardware" / "pcb" / "button-board.json"
BUILD = "pocket"
_PREFIX = "PCB-"  # its U1 is not the build's
_CLOCK = {"kind": "clock", "device": "ds3231m"}
_SUPPLY_MV = {"3V3": (2300, 5500)}  # of the DS3231M: Maxim 19-5312, its VCC
_OHMS = {"k": 1000, "M": 1_000_000}


class OnBoard(Build):
    """The build as it is with the button board of a netlist file."""

    def __init__(self, build: Build, netlist: Path = NETLIST) -> None:
        super().__init__(build.definition)
        self.name = f"{build.name}, on the button board"
        self._told = json.loads(netlist.read_text())["parts"]

    @cached_property
    def parts(self) -> list[Part]:
        """The parts that stay, then the board's; its pads for wires are no parts."""
        kept = [each for each in super().parts if each.kind in ("board", "panel", "cell")]
        kept += [each for each in super().parts if "bus_pf" in each.facts]
        own = [_part(each) for each in self._told if each["footprint"] != "wire"]
        return kept + own

    @property
    def wires(self) -> dict[str, str]:
        """The pads for wires: the name of each, and its net."""
        return {
            each["value"]: each["nets"]["1"] for each in self._told if each["footprint"] == "wire"
        }


def on_board() -> OnBoard:
    """Return the build with the board that is kept."""
    return OnBoard(next(each for each in builds() if each.name == BUILD))


def _part(told: dict[str, Any]) -> Part:
    ref, nets = _PREFIX + told["ref"], told["nets"]
    facts: dict[str, Any] = {"title": told["value"]}
    purpose = ""
    if told["footprint"] == "so-8":
        facts |= _CLOCK
    else:
        purpose = _purpose(ref, nets)
        kinds = {"R": "resistor", "C": "capacitor", "S": "button"}
        facts["kind"] = kinds[told["ref"][0]]
    if facts["kind"] == "resistor":
        facts["ohms"] = ohms(told["value"])
    pins = [
        Pin(ref, number, net, supply_mv=_SUPPLY_MV.get(net) if facts["kind"] == "clock" else None)
        for number, net in sorted(nets.items())
    ]
    if purpose.startswith("pull_up."):
        pins = [
            Pin(ref, pin.label, pin.net, pull_up_ohms=(facts["ohms"], facts["ohms"]))
            if pin.net != "3V3"
            else pin
            for pin in pins
        ]
    pins += [Pin(ref, number, None, why) for number, why in told.get("open", {}).items()]
    return Part(ref, told["value"], purpose, facts, tuple(pins))


def _purpose(ref: str, nets: dict[str, str]) -> str:
    """Return what a part with two pins is there for, by what it connects."""
    ends = set(nets.values())
    kinds = {"R": ("upper", "lower", "pull_up"), "C": ("filter",), "S": ("button",)}
    wanted = kinds[ref.removeprefix(_PREFIX)[0]]
    for purpose, between in BETWEEN.items():
        if set(between) == ends and any(each in purpose for each in wanted):
            return purpose
    if ref.removeprefix(_PREFIX)[0] == "C" and "GND" in ends:
        return "supply.filter"
    raise BadBuild(f"{ref} connects {' and '.join(sorted(ends))}, and nobody knows why")


def ohms(value: str) -> int:
    """Return the resistance (ohm) that a value such as 4k7 or 470k says (IEC 60062)."""
    for letter, factor in _OHMS.items():
        whole, found, rest = value.partition(letter)
        if found:
            return round(float(f"{whole}.{rest or 0}") * factor)
    return int(value)
