"""What is measured: the parts that go into a case, and the figures of a build.

A part is a set of boxes in millimetres, seen from the front of the case: x to the right,
y up, z to the viewer; its origin is the lower left corner of its board, on the side away
from the viewer. Every box names the drawing or the allowance that it comes from.
"""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HOME = Path(__file__).parents[1] / "case"  # where the measures are, and what is made of them
Point = tuple[float, float, float]


class DataError(ValueError):
    """A file of measures cannot be used; the message is one sentence."""


@dataclass(frozen=True)
class Box:
    """An upright box: a name, its corner nearest to the origin, and the opposite one (mm)."""

    what: str
    low: Point
    high: Point

    def grown(self, sides: float, ends: float | None = None) -> "Box":
        """Return the box with more room: `sides` in x and y, `ends` (or the same) in z."""
        by = (sides, sides, sides if ends is None else ends)
        return Box(
            self.what,
            tuple(a - b for a, b in zip(self.low, by, strict=True)),  # pyrefly: ignore[bad-argument-type]
            tuple(a + b for a, b in zip(self.high, by, strict=True)),  # pyrefly: ignore[bad-argument-type]
        )

    @property
    def size(self) -> Point:
        """Its size in x, y and z."""
        x, y, z = (b - a for a, b in zip(self.low, self.high, strict=True))
        return x, y, z

    @property
    def centre(self) -> Point:
        """Its middle."""
        x, y, z = ((b + a) / 2 for a, b in zip(self.low, self.high, strict=True))
        return x, y, z


@dataclass(frozen=True)
class Part:
    """A part as it is bought: its boxes, and what else its file says."""

    name: str
    title: str
    tolerance: float
    boxes: tuple[Box, ...]
    more: dict[str, Any] = field(repr=False)

    @property
    def bounds(self) -> Box:
        """The box around all its boxes."""
        return around(self.title, self.boxes)

    def box(self, what: str) -> Box:
        """Return the box of that name."""
        for box in self.boxes:
            if box.what == what:
                return box
        raise DataError(f"Part {self.name} has no box {what}.")


@dataclass(frozen=True)
class Placed:
    """A part in its place in the case; `turns` counts quarters to the left, from the front."""

    part: Part
    at: Point
    turns: int = 0

    def point(self, x: float, y: float, z: float = 0.0) -> Point:
        """Return where a point of the part is in the case."""
        for _ in range(self.turns % 4):
            x, y = -y, x
        return self.at[0] + x, self.at[1] + y, self.at[2] + z

    @property
    def boxes(self) -> tuple[Box, ...]:
        """Its boxes in the case."""
        return tuple(self._moved(box) for box in self.part.boxes)

    @property
    def bounds(self) -> Box:
        """The box around all its boxes, in the case."""
        return around(self.part.title, self.boxes)

    def box(self, what: str) -> Box:
        """Return the box of that name, in the case."""
        return self._moved(self.part.box(what))

    def _moved(self, box: Box) -> Box:
        ends = self.point(*box.low), self.point(*box.high)
        low = tuple(min(pair) for pair in zip(*ends, strict=True))
        high = tuple(max(pair) for pair in zip(*ends, strict=True))
        return Box(f"{self.part.title}: {box.what}", low, high)  # pyrefly: ignore[bad-argument-type]


def around(what: str, boxes: tuple[Box, ...]) -> Box:
    """Return the box around some boxes."""
    low = tuple(min(box.low[axis] for box in boxes) for axis in range(3))
    high = tuple(max(box.high[axis] for box in boxes) for axis in range(3))
    return Box(what, low, high)  # pyrefly: ignore[bad-argument-type]


def read(path: Path) -> dict[str, Any]:
    """Return a JSON object from a file. Raises DataError."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise DataError(f"{path.name} cannot be read: {error.strerror}.") from None
    except ValueError as error:
        raise DataError(f"{path.name} is no JSON: {error}.") from None
    if not isinstance(value, dict):
        raise DataError(f"{path.name} is no JSON object.")
    return value


def part(name: str, home: Path = HOME) -> Part:
    """Return the part of that name. Raises DataError with the file and the key."""
    value = read(home / "parts" / f"{name}.json")
    try:
        boxes = []
        for solid in value["solids"]:
            low, size = tuple(map(float, solid["at"])), tuple(map(float, solid["size"]))
            if len(low) != 3 or len(size) != 3 or min(size) <= 0:
                raise DataError(f"Part {name}: {solid['what']} has no size in x, y and z.")
            if not solid["source"]:
                raise DataError(f"Part {name}: {solid['what']} does not say where it is from.")
            high = tuple(a + b for a, b in zip(low, size, strict=True))
            boxes.append(Box(solid["what"], low, high))  # pyrefly: ignore[bad-argument-type]
        return Part(name, value["title"], float(value["tolerance"]), tuple(boxes), value)
    except KeyError as error:
        raise DataError(f"Part {name} does not say its {error.args[0]}.") from None
    except (TypeError, ValueError) as error:
        if isinstance(error, DataError):
            raise
        raise DataError(f"Part {name} has a value of the wrong kind: {error}.") from None


def build(name: str, home: Path = HOME) -> dict[str, Any]:
    """Return the figures of a build: pocket or breadboard."""
    return read(home / "builds" / f"{name}.json")


def plug(name: str, home: Path = HOME) -> dict[str, Any]:
    """Return the overmould of a USB plug: width, height, and how near it must come (mm)."""
    plugs = read(home / "parts" / "plugs.json")
    if name not in plugs:
        raise DataError(f"plugs.json has no plug {name}.")
    return plugs[name]
