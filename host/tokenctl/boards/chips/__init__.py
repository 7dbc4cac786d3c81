"""What the pins of each chip can do, from Espressif's data sheets: one JSON file a chip.

Each file names the sources of its facts. Pins are GPIO numbers.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tokenctl.errors import WrongBoard
from tokenctl.language import _

_FOLDER = Path(__file__).resolve().parent
NAMES = tuple(sorted(path.stem for path in _FOLDER.glob("*.json")))


@dataclass(frozen=True)
class Level:
    """What a strapping pin's level at a reset does, and whether a wiring is refused for it."""

    refused: bool
    effect: str


@dataclass(frozen=True)
class Pins:
    """A chip's pins. `boot` is the one that the computer's reset lines pull low.

    `strapping` gives what the levels "low" and "high" of a pin do at a reset. A pin of
    `wakes` wakes the chip from deep sleep by esp32.wake_on_`wake_by`, from MicroPython
    `wake_since` on. `adc_max_mv` is what the converter reads at most (mV).
    """

    title: str
    gpios: frozenset[int]
    input_only: frozenset[int]
    no_pull_up: frozenset[int]
    flash: frozenset[int]
    psram: frozenset[int]
    psram_where: str
    usb: frozenset[int]
    uart0: frozenset[int]
    adc1: frozenset[int]
    adc2: frozenset[int]
    adc2_why: str
    adc_max_mv: int
    i2c_buses: int
    speeds_mhz: frozenset[int]
    boot: int
    strapping: dict[int, dict[str, Level]]
    wakes: frozenset[int]
    wake_by: str
    wake_since: str
    sources: dict[str, str]


@cache
def pins_of(chip: str) -> Pins:
    """Return the facts about a chip, by its name in definitions; raise WrongBoard."""
    if chip not in NAMES:
        raise WrongBoard(
            _("the board definition's chip {chip} is not one of {joined}").format(
                chip=chip, joined=", ".join(NAMES)
            )
        )
    data: dict[str, Any] = json.loads((_FOLDER / f"{chip}.json").read_bytes())
    plain = ("gpios", "input_only", "no_pull_up", "flash", "usb", "uart0", "adc1")
    return Pins(
        title=data["title"],
        **{name: numbers(data[name]) for name in plain},
        psram=numbers(data["psram"]["pins"]),
        psram_where=data["psram"]["where"],
        adc2=numbers(data["adc2"]["pins"]),
        adc2_why=data["adc2"]["why"],
        adc_max_mv=data["adc_max_mv"],
        i2c_buses=data["i2c_buses"],
        speeds_mhz=numbers(data["speeds_mhz"]),
        boot=data["boot"],
        strapping={
            int(pin): {name: Level(how == "refused", effect) for name, (how, effect) in of.items()}
            for pin, of in data["strapping"].items()
        },
        wakes=numbers(data["wake"]["pins"]),
        wake_by=data["wake"]["by"],
        wake_since=data["wake"]["since"],
        sources=data["sources"],
    )


def numbers(text: str) -> frozenset[int]:
    """Return the numbers of a text such as "0-5, 8"; an empty one has none."""
    found: set[int] = set()
    for part in filter(None, (each.strip() for each in text.split(","))):
        first, _, last = part.partition("-")
        found |= set(range(int(first), int(last or first) + 1))
    return frozenset(found)
