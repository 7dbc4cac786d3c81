"""The definition of the simulated board, which the firmware reads as its board.json.

It is the firmware's own, or one from a file, in either case with another panel if requested.
The token's state keeps it.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tokenctl.boards import rules
from tokenctl.boards.definition import load
from tokenctl.errors import WrongBoard
from tokenctl.payload import firmware_folder
from tokensim.board.models import PANELS, Panel, fit
from tokensim.refusal import Refusal

DEFINITION = "board.json"


class BadDefinition(Refusal):
    """The board definition cannot be simulated; the message is a sentence."""


class OtherBoard(Refusal):
    """The state is that of another board than requested; the message is a sentence."""


@dataclass(frozen=True)
class Wiring:
    """A board: `file` is a definition to replace the firmware's, `panel` one of PANELS, or None."""

    file: dict[str, Any] | None = None
    panel: str | None = None

    @property
    def is_standard(self) -> bool:
        """Whether it is the firmware's own definition, unchanged."""
        return self.file is None and self.panel is None

    @property
    def definition(self) -> dict[str, Any]:
        """The resulting definition."""
        whole = _standard() if self.file is None else self.file
        return whole if self.panel is None else {**whole, "panel": PANELS[self.panel]}

    def fit_panel(self) -> Panel:
        """Return a new model of the definition's panel; raise BadDefinition."""
        panel = _entry(self.definition, "panel", dict)
        chip = fit(panel)
        if chip is None:
            names = ", ".join(PANELS)
            raise BadDefinition(f"the board definition's panel cannot be simulated: {names}")
        return chip

    def button_pins(self) -> tuple[int, int | None]:
        """Return the pins of the button, and of the second one or None; raise BadDefinition."""
        second = self.definition.get("second_button")
        first = _entry(_entry(self.definition, "button", dict), "pin", int)
        return first, None if second is None else _entry(second, "pin", int)

    def chip(self) -> str:
        """Return the chip's name ("esp32")."""
        return self.definition.get("chip", "esp32")

    def usb_pin(self) -> int | None:
        """Return the pin that senses USB power, or None."""
        return self.definition.get("usb_power", {}).get("pin")

    def divider(self, pin: int) -> tuple[int, int] | None:
        """Return the upper and lower resistor (ohms) of the battery's divider at a pin, or None."""
        battery = self.definition.get("battery", {})
        if battery.get("pin") != pin:
            return None
        return battery["upper_ohms"], battery["lower_ohms"]

    def dump(self) -> dict[str, Any]:
        """Return it as JSON types, for a state."""
        return {"panel": self.panel, "definition": self.file}

    def of_state(self, saved: dict[str, Any] | None) -> "Wiring":
        """Return the Wiring of a state, or this one if that is new (None); raise OtherBoard."""
        if saved is None:
            return self
        if not isinstance(saved, dict):
            raise ValueError("a token's state is a JSON object")
        there = Wiring(saved.get("definition"), saved.get("panel"))  # older states have neither
        if self.file is not None and self.file != there.file:
            raise OtherBoard("the token in this state folder has another board definition")
        if self.panel is not None and PANELS[self.panel] != there.definition["panel"]:
            name = there.panel or there.definition["panel"]["driver"]
            raise OtherBoard(f"the panel of the token in this state folder is {name}")
        return there


def read(path: Path) -> dict[str, Any]:
    """Return the board.json (dict) of the definition in a file; raise BadDefinition."""
    try:
        definition = load(path)
        rules.refuse(definition)
    except WrongBoard as error:
        raise BadDefinition(f"the board in {path} cannot be simulated: {error}") from None
    return definition.firmware()


def _entry(definition: Any, name: str, kind: type) -> Any:
    value = definition.get(name) if isinstance(definition, dict) else None
    if not isinstance(value, kind) or isinstance(value, bool):
        raise BadDefinition(f"the board definition lacks {name}, or it is of the wrong kind")
    return value


def _standard() -> dict[str, Any]:
    return json.loads((firmware_folder() / DEFINITION).read_bytes())
