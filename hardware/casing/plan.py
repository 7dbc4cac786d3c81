"""What every case plan tells those who draw it and those who check it.

A plan holds no shapes: it says where the bought parts are, how large the box is, where
it opens, and which figures the printed pieces have to keep. z = 0 is the table that the
back of the case lies on; all in millimetres.
"""

from dataclasses import dataclass
from typing import Any, Protocol

from casing.data import Box, Placed

FENCE = 1.7  # mm: how high ribs on the floor stand; the tips of the snaps stay above


@dataclass(frozen=True)
class Shell:
    """The box: its cavity in x and y, heights in z, its walls, corners outside and inside."""

    low: tuple[float, float]
    high: tuple[float, float]
    height: float
    seam: float
    wall: float
    floor: float
    roof: float
    corner: float
    inside: float
    bevel: float
    groove: float

    @property
    def under_roof(self) -> float:
        """How high the cavity reaches."""
        return self.height - self.roof

    @property
    def outer(self) -> Box:
        """The box around the walls."""
        return Box(
            "case",
            (self.low[0] - self.wall, self.low[1] - self.wall, 0.0),
            (self.high[0] + self.wall, self.high[1] + self.wall, self.height),
        )


@dataclass(frozen=True)
class Button:
    """A printed cap over a switch: its middle, its diameter and what holds it."""

    x: float
    y: float
    diameter: float
    gap: float
    proud: float
    flange: float
    flange_width: float
    bottom: float
    flange_top: float
    travel: float


@dataclass(frozen=True)
class Snap:
    """An arm of the lid whose hook sits in a groove of the tray.

    `x` and `y` are on the inner face of the wall, in the middle of the arm; `out` is the
    way to the outside, (1, 0) for the right wall.
    """

    x: float
    y: float
    out: tuple[int, int]
    width: float
    thickness: float
    gap: float
    hook: float
    tip: float

    def strain(self, root: float) -> float:
        """Return the strain at the root of the arm when its hook passes the wall.

        A beam held at one end: 3/2 of thickness times way, over the length squared.
        """
        length = root - (self.tip + 1.5 * self.hook)
        return 1.5 * self.thickness * (self.hook - self.gap) / length**2


@dataclass(frozen=True)
class Window:
    """The opening over the panel: picture, glass and the opening at its lower end (boxes).

    It starts at height `bottom`, is straight for a bit, and then opens by `slope` degrees.
    """

    active: Box
    glass: Box
    opening: Box
    off_by: float
    bottom: float
    slope: float


@dataclass(frozen=True)
class Port:
    """The way of a USB plug: a box from the receptacle's face outwards, along one axis."""

    plug: str
    way: Box
    axis: int
    face: float


class Plan(Protocol):
    """What every plan has."""

    @property
    def name(self) -> str:
        """The name of its build."""
        ...

    @property
    def figures(self) -> dict[str, Any]:
        """The figures of the build, from its file."""
        ...

    @property
    def shell(self) -> Shell:
        """The box."""
        ...

    @property
    def placed(self) -> dict[str, Placed]:
        """All bought parts, by what they are; the switches are `switch 1` and `switch 2`."""
        ...

    @property
    def together(self) -> set[frozenset[str]]:
        """Which of them are mounted on each other, and so may touch."""
        ...

    @property
    def port(self) -> Port:
        """The way of the USB plug."""
        ...

    @property
    def opening(self) -> Box:
        """What is cut out for it."""
        ...

    @property
    def window(self) -> Window:
        """The opening over the picture."""
        ...

    @property
    def buttons(self) -> tuple[Button, ...]:
        """The caps."""
        ...

    @property
    def snaps(self) -> tuple[Snap, ...]:
        """What holds the lid."""
        ...

    @property
    def carved(self) -> list[Box]:
        """Where the roof is carved or slotted for looks, for the thumb, for air."""
        ...


def port(placed: Placed, plug: dict, axis: int, outside: float) -> Port:
    """Return the way of the plug of a controller whose receptacle looks along -`axis`.

    `outside` is the coordinate up to which the overmould is followed.
    """
    socket = placed.part.more["receptacle"]
    across, up = socket["axis"]
    centre = placed.point(across, 0, up) if axis == 1 else placed.point(0, across, up)
    face = placed.at[axis] + socket["face"] - plug["gap"]
    width, height = plug["overmould"]
    low, high = [0.0] * 3, [0.0] * 3
    other = 1 - axis
    low[axis], high[axis] = outside, face
    low[other], high[other] = centre[other] - width / 2, centre[other] + width / 2
    low[2], high[2] = centre[2] - height / 2, centre[2] + height / 2
    way = Box(f"plug {socket['plug']}", tuple(low), tuple(high))  # pyrefly: ignore[bad-argument-type]
    return Port(socket["plug"], way, axis, face)


def window(panel: Placed, bottom: float, margin: float, slope: float) -> Window:
    """Return the window over a panel: the picture wherever it may be, and a margin (mm)."""
    active = panel.part.more["active"]
    ends = [panel.point(*active["at"])]
    ends.append(
        panel.point(*(a + b for a, b in zip(active["at"], (*active["size"], 0.0), strict=True)))
    )
    low, high = (tuple(pick(pair) for pair in zip(*ends, strict=True)) for pick in (min, max))
    picture = Box("picture", low, high)
    opening = picture.grown(active["off_by"] + margin, 0.0)
    return Window(picture, panel.box("glass"), opening, active["off_by"], bottom, slope)


def button(switch: Placed, figures: dict[str, Any], under_roof: float) -> Button:
    """Return the cap over a switch."""
    plunger = switch.part.more["plunger"]
    x, y, bottom = switch.point(0, 0, plunger["top"])
    return Button(
        x, y, figures["diameter"], figures["gap"], figures["proud"], figures["flange"],
        1.0, bottom, under_roof - figures["play"], plunger["travel"],
    )  # fmt: skip
