"""A build: a definition, the parts it names, and who is connected with whom.

Nets have the names 3V3, GND, SCL, SDA, BUTTON, BUTTON2, VBUS (5 V of USB), VBAT (the
cell), USB_SENSE and BAT_SENSE. They are not written down anywhere: the definition's pins
and what each part is there for give them.
"""

import json
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from tokenctl.boards.chips import Pins, pins_of
from tokenctl.boards.definition import Definition, load

ROOT = Path(__file__).resolve().parents[2]
BOARDS = ROOT / "hardware" / "boards"
PARTS = ROOT / "hardware" / "parts.json"

NETS = {  # the net of each key that names a pin
    "i2c.scl": "SCL",
    "i2c.sda": "SDA",
    "button.pin": "BUTTON",
    "second_button.pin": "BUTTON2",
    "usb_power.pin": "USB_SENSE",
    "battery.pin": "BAT_SENSE",
}
BETWEEN = {  # what a part with two pins connects, by what it is there for
    "button": ("BUTTON", "GND"),
    "second_button": ("BUTTON2", "GND"),
    "battery.upper": ("VBAT", "BAT_SENSE"),
    "battery.lower": ("BAT_SENSE", "GND"),
    "battery.filter": ("BAT_SENSE", "GND"),
    "usb_power.upper": ("VBUS", "USB_SENSE"),
    "usb_power.lower": ("USB_SENSE", "GND"),
    "pull_up.scl": ("3V3", "SCL"),
    "pull_up.sda": ("3V3", "SDA"),
    "cell": ("VBAT", "GND"),
}
_RAILS = {"3V3": "3V3", "GND": "GND", "5V": "VBUS", "VIN": "VBUS", "BAT+": "VBAT", "BAT-": "GND"}
_WHY_OPEN = {"EN": "the board's own reset", "VBUS": "USB feeds the board", "VBAT": "no battery"}


class BadBuild(Exception):
    """A definition cannot be built; the message is a sentence."""


@dataclass(frozen=True)
class Pin:
    """One pin of a part: on `net`, or open (None) and `why`.

    `pull_up_ohms` is the strongest pull-up that such a part has there, and the weakest: None
    where some have none.
    """

    ref: str
    label: str
    net: str | None
    why: str = ""
    gpio: int | None = None
    place: str = ""  # where it is, if at no edge of the board
    through: bool = False  # the same net at the other end of a module
    supply_mv: tuple[int, int] | None = None
    pull_up_ohms: tuple[int, int | None] | None = None

    def __str__(self) -> str:
        return f"{self.ref}.{self.label}" + ("'" if self.through else "")


@dataclass(frozen=True)
class Part:
    """One part of a build. `purpose` says what it is there for, where that is not clear."""

    ref: str
    id: str
    purpose: str
    facts: dict[str, Any]
    pins: tuple[Pin, ...] = field(default=())

    @property
    def kind(self) -> str:
        """What sort of part: board, panel, clock, button, resistor, …"""
        return self.facts["kind"]

    @property
    def title(self) -> str:
        """Its name for people."""
        return self.facts["title"]


class Build:
    """All that is known of one build. Raises BadBuild for parts that do not exist."""

    def __init__(self, definition: Definition, catalogue: dict[str, Any] | None = None) -> None:
        self.definition = definition
        self.whole = definition.whole
        self.name: str = definition.whole["build"]
        self.title: str = definition.whole["title"]
        self.chip: Pins = pins_of(definition.chip)
        self._catalogue = json.loads(PARTS.read_text()) if catalogue is None else catalogue

    @cached_property
    def parts(self) -> list[Part]:
        """The parts, in the definition's order; the board is the first."""
        return [self._part(each) for each in self.whole["parts"]]

    @property
    def board(self) -> Part:
        """The board with the chip."""
        return self.parts[0]

    @cached_property
    def nets(self) -> dict[str, list[Pin]]:
        """Each net's pins, sorted by net."""
        found: dict[str, list[Pin]] = {}
        for part in self.parts:
            for pin in part.pins:
                if pin.net is not None:
                    found.setdefault(pin.net, []).append(pin)
        return {name: found[name] for name in sorted(found)}

    @property
    def open(self) -> list[Pin]:
        """The pins that go nowhere, each with its reason."""
        return [pin for part in self.parts for pin in part.pins if pin.net is None]

    def part(self, ref: str) -> Part:
        """Return a part by its reference."""
        return next(each for each in self.parts if each.ref == ref)

    def _part(self, entry: dict[str, str]) -> Part:
        ref, name, purpose = entry["ref"], entry["part"], entry.get("as", "")
        if name not in self._catalogue:
            raise BadBuild(f"{self.name}: {ref} is '{name}', which hardware/parts.json lacks")
        facts = self._catalogue[name]
        if facts["kind"] == "board":
            pins = self._board_pins(ref)
        elif purpose in BETWEEN:
            names = ("+", "-") if purpose == "cell" else ("1", "2")
            pins = [Pin(ref, *each) for each in zip(names, BETWEEN[purpose], strict=True)]
            if purpose.startswith("pull_up."):
                pins[1] = replace(pins[1], pull_up_ohms=(facts["ohms"], facts["ohms"]))
        else:
            pins = [_pin(ref, each) for each in facts.get("pins", [])]
        return Part(ref, name, purpose, facts, tuple(pins))

    def _board_pins(self, ref: str) -> list[Pin]:
        module = self.whole["module"]
        used = {use.pin: NETS[use.key] for use in self.definition.uses}
        wanted = {
            net for each in self.whole["parts"] for net in BETWEEN.get(each.get("as", ""), ())
        }
        pins = []
        for each in module["left"] + module["right"]:
            label, gpio = each["label"], each.get("gpio")
            net = used.get(gpio) if gpio is not None else _RAILS.get(label)
            why = ""
            if net in ("VBUS", "VBAT") and net not in wanted:
                net, why = None, _WHY_OPEN[net]
            elif net is None:
                why = _WHY_OPEN.get(label, "not used")
            pins.append(Pin(ref, label, net, why, gpio, each.get("place", "")))
        there = {pin.gpio for pin in pins}
        for gpio, net in used.items():
            if gpio not in there and gpio != self.chip.boot:
                raise BadBuild(f"{self.name}: GPIO {gpio} ({net}) is at no pin of {module['name']}")
            if gpio not in there:  # the BOOT button, on the board itself
                pins.append(Pin(ref, "BOOT", net, gpio=gpio))
        return pins


def _pin(ref: str, facts: dict[str, Any]) -> Pin:
    supply, pull_up = facts.get("supply_mv"), facts.get("pull_up_ohms")
    return Pin(
        ref,
        facts["label"],
        facts.get("net"),
        facts.get("open", ""),
        through=facts.get("through", False),
        supply_mv=None if supply is None else (supply[0], supply[1]),
        pull_up_ohms=None if pull_up is None else (pull_up[0], pull_up[1]),
    )


def builds(folder: Path = BOARDS) -> list[Build]:
    """Return the builds among the definitions in a folder, in the order of their names."""
    found = [load(path) for path in sorted(folder.glob("*.json"))]
    return [Build(each) for each in found if "build" in each.whole]
