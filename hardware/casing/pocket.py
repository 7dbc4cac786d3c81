"""Where everything is in the case of the pocket build.

From the USB socket upwards: the controller with the clock beside it, the board with the
two switches, the cell; the panel hangs under the roof, over the cell. The case is as wide,
long and high as its parts ask for.
"""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from casing import data
from casing.data import Box, Part, Placed
from casing.plan import FENCE, Button, Port, Shell, Snap, Window, button, port, window

STOP = 2.0  # what stands behind the controller takes the push of a plug
PITCH = 2.54


@dataclass(frozen=True)
class Pocket:
    """The plan of the pocket case, from its figures and its parts."""

    figures: dict[str, Any]
    parts: dict[str, Part]
    plug: dict[str, Any]

    @property
    def name(self) -> str:
        """The name of the build."""
        return "pocket"

    def gap(self, part: Part) -> float:
        """Return the room that a part gets on each side."""
        return self.figures["clearance"] + part.tolerance / 2

    @cached_property
    def width(self) -> float:
        """The width of the cavity."""
        controller, clock = self.parts["controller"], self.parts["clock"]
        snap = self.figures["snap"]
        beside = (
            2 * self.gap(controller) + 2 * self.gap(clock) + self.figures["rib"]
            + controller.box("board").size[0] + clock.bounds.size[0]
        )  # fmt: skip
        over = self.parts["cell"].bounds.size[0] + 2 * (snap["gap"] + snap["thickness"] + 0.4)
        frame = self.parts["panel"].box("board").size[0] + 2 * (
            self.gap(self.parts["panel"]) + self.figures["rib"] + 0.2
        )
        buttons = self.parts["button board"]
        return max(beside, over, frame, buttons.bounds.size[0] + 2 * self.gap(buttons))

    @cached_property
    def controller(self) -> Placed:
        """The controller, its socket in the lower wall."""
        part = self.parts["controller"]
        x = -self.width / 2 + self.gap(part)
        z = self.figures["floor"] + self.figures["under_controller"]
        return Placed(part, (x, self.gap(part), z))

    @property
    def stop(self) -> float:
        """The y of the face that stands behind the controller."""
        board = self.controller.box("board")
        return board.high[1] + self.gap(self.parts["controller"]) - 0.1

    @cached_property
    def clock(self) -> Placed:
        """The clock module, beside the controller, behind the lower snap."""
        part = self.parts["clock"]
        snap = self.figures["snap"]
        x = self.width / 2 - self.gap(part) - part.bounds.size[0]
        y = snap["gap"] + snap["thickness"] + 0.7 + self.figures["rib"] + self.gap(part)
        return Placed(part, (x, y, self.figures["floor"] + 0.4))

    @cached_property
    def cell(self) -> Placed:
        """The cell, on the floor."""
        part = self.parts["cell"]
        below = self.button_board
        y = below.bounds.high[1] + self.gap(below.part) + self.figures["rib"] + 0.3
        return Placed(part, (-part.bounds.size[0] / 2, y, self.figures["floor"]))

    @cached_property
    def length(self) -> float:
        """The length of the cavity."""
        return self.cell.bounds.high[1] + self.figures["clearance"]

    @cached_property
    def under_roof(self) -> float:
        """How high the cavity reaches: cell, room for swelling and foam, panel."""
        panel, cell = self.parts["panel"], self.parts["cell"]
        above = self.figures["floor"] + cell.bounds.size[2] + self.figures["over_cell"]
        return above + panel.box("glass").high[2] - panel.box("parts at the back").low[2]

    @cached_property
    def panel(self) -> Placed:
        """The panel, its glass at the roof, in the upper end."""
        part = self.parts["panel"]
        board = part.box("board")
        y = self.length - self.gap(part) - board.high[1]
        z = self.under_roof - part.box("glass").high[2]
        return Placed(part, (-board.size[0] / 2, y, z))

    @property
    def frame(self) -> Box:
        """The box around the ribs that hold the panel's board."""
        around = self.gap(self.parts["panel"]) + self.figures["rib"]
        return self.panel.box("board").grown(around, 0.0)

    @cached_property
    def button_board(self) -> Placed:
        """The board with the switches: a piece of perfboard, or the printed circuit board."""
        part = self.parts["button board"]
        clock = self.clock.bounds.high[1] + self.gap(self.clock.part) + self.figures["rib"]
        y = max(self.stop + STOP, clock) + self.gap(part)
        z = self.buttons_bottom - self.parts["switch"].more["plunger"]["top"]
        return Placed(part, (-part.bounds.size[0] / 2, y, z - part.box("board").high[2]))

    @property
    def buttons_bottom(self) -> float:
        """The z of the caps' lower faces, which lie on the plungers."""
        buttons = self.figures["buttons"]
        return self.under_roof - buttons["play"] - buttons["flange"]

    @cached_property
    def switches(self) -> tuple[Placed, ...]:
        """The switches, four columns and three rows of holes each, in the middle of their board."""
        board = self.button_board.box("board")
        y = board.centre[1] - PITCH / 2
        return tuple(
            Placed(self.parts["switch"], (columns * PITCH, y, board.high[2]))
            for columns in self.figures["buttons"]["columns"]
        )

    @property
    def shell(self) -> Shell:
        """The box; its seam is at the upper edge of the opening for the plug."""
        figures = self.figures
        height = self.under_roof + figures["roof"]
        return Shell(
            (-self.width / 2, 0.0), (self.width / 2, self.length), height, self.opening.high[2],
            figures["wall"], figures["floor"], figures["roof"], figures["corner"],
            figures["inside"], figures["bevel"], figures["seam"],
        )  # fmt: skip

    @property
    def port(self) -> Port:
        """The way of the USB plug."""
        return port(self.controller, self.plug, 1, -self.figures["wall"] - 20.0)

    @property
    def opening(self) -> Box:
        """The opening for the plug's overmould in the lower wall, open up to the seam."""
        way, room = self.port.way, self.figures["clearance"] + 0.05
        low = (way.low[0] - room, -self.figures["wall"] - 1.0, way.low[2] - room)
        return Box("USB", low, (way.high[0] + room, 0.0, way.high[2] + room))

    @property
    def window(self) -> Window:
        """The window over the picture."""
        return window(self.panel, self.under_roof, self.figures["around_picture"], 45.0)

    @property
    def grip(self) -> Box:
        """Where three shallow lines under the thumb are."""
        middle, z = self.buttons[0].y / 2 - 3.0, self.shell.height
        return Box("grip", (-9.0, middle - 4.0, z - 0.4), (9.0, middle + 4.0, z))

    @property
    def buttons(self) -> tuple[Button, ...]:
        """The caps over the switches."""
        figures = self.figures["buttons"]
        return tuple(button(at, figures, self.under_roof) for at in self.switches)

    @property
    def snaps(self) -> tuple[Snap, ...]:
        """Two arms at each side, clear of the panel's frame; one at the end, beside the socket."""
        figures, half = self.figures["snap"], self.width / 2
        tip = max(self.under_roof - figures["length"], self.figures["floor"] + FENCE + 0.25)
        sizes = (
            figures["width"], figures["thickness"], figures["gap"], figures["hook"], tip,
        )  # fmt: skip
        board = self.panel.box("board")
        low = self.frame.low[1] - 0.5 - figures["width"] / 2
        heights = (low, board.centre[1])
        sides = [Snap(side * half, y, (side, 0), *sizes) for side in (-1, 1) for y in heights]
        return (*sides, Snap(self.clock.bounds.centre[0], 0.0, (0, -1), *sizes))

    @property
    def together(self) -> set[frozenset[str]]:
        """The switches are soldered to their board."""
        return {frozenset(("button board", f"switch {number}")) for number in (1, 2)}

    @property
    def carved(self) -> list[Box]:
        """The lines under the thumb."""
        return [self.grip]

    @property
    def placed(self) -> dict[str, Placed]:
        """All bought parts, by what they are."""
        found = {
            "controller": self.controller, "clock": self.clock, "cell": self.cell,
            "panel": self.panel, "button board": self.button_board,
        }  # fmt: skip
        for number, switch in enumerate(self.switches, 1):
            found[f"switch {number}"] = switch
        return found


def plan(home: Path = data.HOME) -> Pocket:
    """Return the plan from the files. Raises DataError."""
    figures = data.build("pocket", home)
    parts = {what: data.part(name, home) for what, name in figures["parts"].items()}
    plug = data.plug(parts["controller"].more["receptacle"]["plug"], home)
    return Pocket(figures, parts, plug)
