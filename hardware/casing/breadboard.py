"""Where everything is in the case of the breadboard build.

Controller, panel and switches are plugged into a breadboard, in the holes that the build
names; the clock lies beside it, its plugs to the front. The panel stands on its head, so that
the switches have room below it: turn the picture in the menu. The controller is the highest
part, and the roof over it; a collar leads from the roof down to the panel.
"""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from casing import data
from casing.data import Box, DataError, Part, Placed
from casing.plan import FENCE, Button, Port, Shell, Snap, Window, button, port, window


@dataclass(frozen=True)
class Breadboard:
    """The plan of the breadboard case, from its figures and its parts."""

    figures: dict[str, Any]
    parts: dict[str, Part]
    plug: dict[str, Any]

    @property
    def name(self) -> str:
        """The name of the build."""
        return "breadboard"

    @cached_property
    def board(self) -> Placed:
        """The breadboard, on the floor."""
        return Placed(self.parts["breadboard"], (0.0, 0.0, self.figures["floor"]))

    def hole(self, name: str) -> tuple[float, float]:
        """Return where a hole of the breadboard is, by its name, such as b24."""
        holes = self.parts["breadboard"].more["holes"]
        row, column = name[:1], name[1:]
        if row not in holes["rows"] or not column.isdigit() or not 1 <= int(column) <= 30:
            raise DataError(f"A breadboard has no hole {name}.")
        x = holes["first_column"] + (int(column) - 1) * holes["pitch"]
        y = holes["row_a"] + holes["rows"][row] * holes["pitch"]
        return self.board.point(x, y)[:2]

    @property
    def top(self) -> float:
        """How high the breadboard reaches."""
        return self.board.bounds.high[2]

    @cached_property
    def controller(self) -> Placed:
        """The controller on its headers, its socket to the left."""
        part = self.parts["controller"]
        x, y = self.hole(self.figures["holes"]["controller"])
        first = part.more["pins"]["first"]
        return Placed(part, (x - first[0], y - first[1], self.top + self.figures["header"]))

    @cached_property
    def panel(self) -> Placed:
        """The panel on its header, upside down."""
        part = self.parts["panel"]
        ends = [self.hole(name) for name in self.figures["holes"]["panel"]]
        x, y = ((a + b) / 2 for a, b in zip(*ends, strict=True))
        middle = part.more["pins"]["middle"]
        at = x + middle[0], y + middle[1], self.top + self.figures["header"]
        return Placed(part, at, turns=2)

    @cached_property
    def clock(self) -> Placed:
        """The clock to the right of the breadboard, its plugs to the front."""
        part = self.parts["clock"]
        size = part.bounds
        x = self.board.bounds.high[0] + 1.0 + self.gap(part) + size.high[1]
        return Placed(
            part, (x, -size.low[0] + self.gap(part), self.figures["floor"] + 0.3), turns=1
        )

    def gap(self, part: Part) -> float:
        """Return the room that a part gets on each side."""
        return self.figures["clearance"] + part.tolerance / 2

    @cached_property
    def switches(self) -> tuple[Placed, ...]:
        """The switches: three rows from leg to leg, two columns."""
        part, pitch = self.parts["switch"], self.parts["breadboard"].more["holes"]["pitch"]
        places = [self.hole(name) for name in self.figures["holes"]["switches"]]
        return tuple(Placed(part, (x + pitch, y + 1.5 * pitch, self.top)) for x, y in places)

    @property
    def shell(self) -> Shell:
        """The box; its seam is at the lower edge of the opening for the plug."""
        figures, snap = self.figures, self.figures["snap"]
        board, panel, clock = self.board.bounds, self.panel.bounds, self.clock.bounds
        arm = 2 * snap["gap"] + snap["thickness"] + (snap["hook"] - snap["gap"]) + 0.2
        low = board.low[0] - self.gap(self.board.part), min(board.low[1], clock.low[1]) - arm
        high = (
            max(clock.high[0] + self.gap(self.clock.part), panel.high[0] + 0.5),
            max(board.high[1] + arm, panel.high[1] + 0.6, clock.high[1] + arm),
        )
        under_roof = self.controller.bounds.high[2] + figures["over_controller"]
        return Shell(
            low, high, under_roof + figures["roof"], self.port.way.low[2] - self.plug_room,
            figures["wall"], figures["floor"], figures["roof"], figures["corner"],
            figures["inside"], figures["bevel"], figures["seam"],
        )  # fmt: skip

    @property
    def plug_room(self) -> float:
        """The room around the overmould of a plug."""
        return self.figures["clearance"] + 0.05

    @property
    def port(self) -> Port:
        """The way of the USB plug."""
        return port(self.controller, self.plug, 0, self.board.bounds.low[0] - 20.0)

    @property
    def opening(self) -> Box:
        """The opening for the plug: a notch in the lid, through wall and roof."""
        way, room, shell = self.port.way, self.plug_room, self.shell
        low = shell.low[0] - shell.wall - 1.0, way.low[1] - room, shell.seam - 0.01
        return Box("USB", low, (way.high[0] + room, way.high[1] + room, shell.height + 1.0))

    @property
    def window(self) -> Window:
        """The window over the picture, at the end of its collar."""
        bottom = self.panel.box("glass").high[2] + self.figures["over_panel"]
        return window(self.panel, bottom, self.figures["around_picture"], 34.0)

    @property
    def buttons(self) -> tuple[Button, ...]:
        """The caps over the switches."""
        roof = self.shell.under_roof
        return tuple(button(at, self.figures["buttons"], roof) for at in self.switches)

    @property
    def snaps(self) -> tuple[Snap, ...]:
        """Three arms at the front, three at the back, clear of the panel."""
        figures, shell = self.figures["snap"], self.shell
        sizes = (
            figures["width"], figures["thickness"], figures["gap"], figures["hook"],
            max(shell.under_roof - figures["length"], shell.floor + FENCE + 0.25),
        )  # fmt: skip
        left, right = shell.low[0] + 14.0, shell.high[0] - 9.0
        before_panel = self.panel.bounds.low[0] - 6.0
        return tuple(
            Snap(x, y, (0, way), *sizes)
            for y, way in ((shell.low[1], -1), (shell.high[1], 1))
            for x in (left, before_panel, right)
        )

    @cached_property
    def vents(self) -> list[Box]:
        """Slots in the roof over the controller's regulator and module."""
        figures, board = self.figures["vents"], self.controller.box("board")
        pitch, z = figures["pitch"], (self.shell.under_roof, self.shell.height)
        first = board.centre[0] - pitch * (figures["count"] - 1) / 2
        y = board.centre[1] - figures["length"] / 2, board.centre[1] + figures["length"] / 2
        half = figures["width"] / 2
        middles = [first + pitch * number for number in range(figures["count"])]
        return [Box("slot", (x - half, y[0], z[0]), (x + half, y[1], z[1])) for x in middles]

    @property
    def carved(self) -> list[Box]:
        """The slots."""
        return self.vents

    @property
    def together(self) -> set[frozenset[str]]:
        """All but the clock are plugged into the breadboard."""
        plugged = ("controller", "panel", "switch 1", "switch 2")
        return {frozenset(("breadboard", name)) for name in plugged}

    @property
    def placed(self) -> dict[str, Placed]:
        """All bought parts, by what they are."""
        found = {
            "breadboard": self.board, "controller": self.controller, "panel": self.panel,
            "clock": self.clock,
        }  # fmt: skip
        for number, switch in enumerate(self.switches, 1):
            found[f"switch {number}"] = switch
        return found


def plan(home: Path = data.HOME) -> Breadboard:
    """Return the plan from the files. Raises DataError."""
    figures = data.build("breadboard", home)
    parts = {what: data.part(name, home) for what, name in figures["parts"].items()}
    plug = data.plug(parts["controller"].more["receptacle"]["plug"], home)
    return Breadboard(figures, parts, plug)
