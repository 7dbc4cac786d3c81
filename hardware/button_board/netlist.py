"""What is on the board: pads, their places and nets, from button-board.json and the case's plan.

Places are in millimetres from the lower left corner, seen from the front, y up. A part on
the back is mirrored in x. The switches are where the caps of the printed case are.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from casing import pocket

HOME = Path(__file__).parents[1] / "pcb"
NAME = "button-board"


@dataclass(frozen=True)
class Pad:
    """One pad: its part and number, middle, size, the layers it is on, its drill or None."""

    part: str
    number: str
    x: float
    y: float
    width: float
    height: float
    layers: frozenset[int]  # 0 the front, 1 the back
    drill: float | None
    net: str


@dataclass(frozen=True)
class Text:
    """A text on the silkscreen of the front or the back: its middle, and the height of its font.

    A character of KiCad's stroke font is 0.91 of that wide; with its strokes it is 1.3 high.
    """

    words: str
    x: float
    y: float
    back: bool
    size: float

    @property
    def half(self) -> tuple[float, float]:
        """Half its width and height."""
        return 0.5 * 0.91 * self.size * len(self.words), 0.5 * 1.3 * self.size


@dataclass(frozen=True)
class Placed:
    """One part on the board."""

    ref: str
    value: str
    footprint: str
    x: float
    y: float
    back: bool
    pads: tuple[Pad, ...]
    body: tuple[float, float]
    label: tuple[str, float, float] | None = None  # instead of the usual: words, and from where

    def texts(self, board_height: float) -> list[Text]:
        """Return what is printed beside it."""
        if self.label is not None:
            words, dx, dy = self.label
            return [Text(words, self.x + dx, self.y + dy, self.back, 0.6)]
        if self.footprint == "wire":
            return [Text(self.value.replace("OLED ", ""), self.x, self.y - 1.35, False, 0.55)]
        if self.footprint == "switch":
            return [Text(self.ref, self.x, self.y, False, 0.8)]
        if self.footprint == "so-8":
            first = self.pads[0]
            dot = Text("o", first.x + 0.75, first.y, True, 0.5)
            return [Text(self.ref, self.x, self.y, True, 0.8), dot]
        beside = 1.2 if self.back or self.y < board_height / 2 else -1.2
        words = f"{self.ref} {self.value}"
        return [Text(words, self.x, self.y + beside, self.back, 0.6)]


@dataclass(frozen=True)
class Board:
    """Outline, rules and parts."""

    title: str
    width: float
    height: float
    thickness: float
    rules: dict[str, float]
    parts: tuple[Placed, ...]

    @property
    def pads(self) -> list[Pad]:
        """All pads."""
        return [pad for part in self.parts for pad in part.pads]

    @property
    def texts(self) -> list[Text]:
        """All texts on the silkscreen."""
        return [text for part in self.parts for text in part.texts(self.height)]

    @property
    def nets(self) -> list[str]:
        """The names of all nets, in a fixed order."""
        return sorted({pad.net for pad in self.pads if pad.net})


def load(path: Path = HOME / f"{NAME}.json") -> Board:
    """Return the board. Raises ValueError in one sentence."""
    told = json.loads(path.read_text(encoding="utf-8"))
    plan = pocket.plan()
    place = plan.button_board
    board = place.part.box("board")
    switches = [(at.at[0] - place.at[0], at.at[1] - place.at[1]) for at in plan.switches]
    parts = tuple(_placed(part, told, switches) for part in told["parts"])
    names = [part.ref for part in parts]
    if len(names) != len(set(names)):
        raise ValueError("Two parts have the same name.")
    width, height, thickness = board.size
    return Board(told["title"], width, height, thickness, told["rules"], parts)


def _placed(part: dict[str, Any], told: dict[str, Any], switches: list) -> Placed:
    footprint = told["footprints"][part["footprint"]]
    back = part.get("side") == "back"
    if "switch" in part:
        x, y = switches[part["switch"] - 1]
    elif "wire" in part:
        first, pitch = told["wires"]["first"], told["wires"]["pitch"]
        x, y = first[0] + (part["wire"] - 1) * pitch, first[1]
    else:
        x, y = part["at"]
    through = footprint["kind"] == "through"
    layers = frozenset((0, 1)) if through else frozenset((1 if back else 0,))
    open_pins = part.get("open", {})
    pads = []
    for number, places in footprint["pads"].items():
        net = part["nets"].get(number, "")
        if not net and number not in open_pins:
            raise ValueError(f"{part['ref']} does not say where its pin {number} goes.")
        for px, py, width, height in places:
            sign = -1 if back else 1
            pads.append(
                Pad(
                    part["ref"], number, round(x + sign * px, 4), round(y + py, 4), width, height,
                    layers, footprint.get("drill"), net,
                )
            )  # fmt: skip
    body = tuple(footprint["body"])
    label = tuple(part["label"]) if "label" in part else None
    name = part["footprint"]
    return Placed(part["ref"], part["value"], name, x, y, back, tuple(pads), body, label)
