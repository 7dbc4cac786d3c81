"""The breadboard build on its breadboard: which hole each pin and each wire is in, and pictures.

A hole is a row and a column (b24); the five holes of a column on one side of the groove are
connected, and so is each rail: T+ and T- beside row j, B+ and B- beside row a. The parts'
holes are those of the printed case, the wires' are in hardware/breadboard.json. Nothing is
drawn whose netlist is not the build's.
"""

import json
from dataclasses import dataclass
from typing import Any

from guide.build import ROOT, BadBuild, Build, Pin
from guide.styles import FADED, NET_STYLES
from guide.svg import Drawing

ROWS = {name: index for index, name in enumerate("abcde")} | {
    name: index for index, name in enumerate("fghij", 7)
}
RAILS = {"B-": -3, "B+": -4, "T+": 14, "T-": 15}
COLUMNS = 30
_PITCH = 26  # px
_LEFT, _TOP = 70, 150
_FLAT = "Wires under a part lie flat, and are put in before it."
_AWAY = 35  # columns: where the clock beside the breadboard is


@dataclass(frozen=True)
class Wire:
    """A wire from a hole to another, or to a pin beside the breadboard ("U3 VCC").

    `first`: it lies flat under the board or the panel, and so is put in before them.
    """

    step: int
    net: str
    start: str
    end: str
    is_to_part: bool
    first: bool
    path: tuple[tuple[float, float], ...]

    def __str__(self) -> str:
        flat = ", flat, before the part over it" if self.first else ""
        return f"{self.start} to {self.end} ({self.net}{flat})"


@dataclass(frozen=True)
class Plugged:
    """All that is on the breadboard: its wires, and the hole of each pin of the parts on it."""

    wires: tuple[Wire, ...]
    holes: tuple[tuple[Pin, str], ...]  # a board has several pins of one name


def plugged(build: Build) -> Plugged | None:
    """Return what is where; None for a build that is on no breadboard. Raises BadBuild."""
    told = json.loads((ROOT / "hardware" / "breadboard.json").read_text())
    if told["build"] != build.name:
        return None
    case = ROOT / "hardware" / "case" / "builds" / f"{build.name}.json"
    holes = _pin_holes(build, json.loads(case.read_text())["holes"])
    columns = {pin.net or "": hole[1:] for pin, hole in holes if pin.gpio is not None}
    found = Plugged(tuple(_wire(each, columns) for each in told["wires"]), holes)
    _compare(build, found)
    return found


def _wire(told: dict[str, Any], columns: dict[str, str]) -> Wire:
    start, _, net = told["from"].partition("@")
    start += columns[net] if net else ""
    path = tuple((float(start[1:] if x is None else x), float(y)) for x, y in told.get("path", ()))
    end = told.get("part") or told["to"]
    first = told.get("first", False)
    return Wire(told["step"], told["net"], start, end, "part" in told, first, path)


def _pin_holes(build: Build, holes: dict[str, Any]) -> tuple[tuple[Pin, str], ...]:
    """Return the hole of each pin: the board with its USB to the left, the panel on its head."""
    module, board = build.whole["module"], build.board
    if module["usb_at"] != "bottom":
        raise BadBuild(f"{build.name}: on a breadboard the board's USB is to the left")
    row, column = holes["controller"][0], int(holes["controller"][1:])
    across = next(name for name, at in ROWS.items() if at == ROWS[row] + 10)  # 25.4 mm
    count = len(module["left"])
    found: list[tuple[Pin, str]] = []
    for index, pin in enumerate(board.pins[: count + len(module["right"])]):
        on_left = index < count
        from_usb = (count if on_left else count + len(module["right"])) - 1 - index
        found.append((pin, f"{across if on_left else row}{column + from_usb}"))
    panel = next(part for part in build.parts if part.kind == "panel")
    first = int(holes["panel"][0][1:])
    for index, pin in enumerate(reversed(panel.pins)):
        found.append((pin, f"{holes['panel'][0][0]}{first + index}"))
    buttons = [part for part in build.parts if part.kind == "button"]
    for part, hole in zip(buttons, holes["switches"], strict=True):
        for pin, further in zip(part.pins, (0, 2), strict=True):
            found.append((pin, f"{hole[0]}{int(hole[1:]) + further}"))
    return tuple(found)


def _strip(hole: str) -> str:
    """Return what is connected with a hole by itself: half a column, or a rail."""
    if hole[:2] in RAILS:
        return hole[:2]
    row, column = hole[:1], hole[1:]
    if row not in ROWS or not column.isdigit() or not 1 <= int(column) <= COLUMNS:
        raise BadBuild(f"a breadboard has no hole {hole}")
    return f"{'upper' if ROWS[row] > 4 else 'lower'} {column}"


def joined(build: Build, there: Plugged) -> list[set[Pin]]:
    """Return the groups of pins that breadboard and wires connect."""
    parts = {f"{pin.ref} {pin.label}": pin for part in build.parts for pin in part.pins
             if not pin.through}  # fmt: skip
    group_of: dict[str, set[str]] = {}

    def connect(one: str, other: str) -> None:
        together = group_of.get(one, {one}) | group_of.get(other, {other})
        for each in together:
            group_of[each] = together

    pins: dict[str, list[Pin]] = {}
    for pin, hole in there.holes:
        pins.setdefault(_strip(hole), []).append(pin)
        connect(_strip(hole), _strip(hole))
    for wire in there.wires:
        if wire.is_to_part:
            if wire.end not in parts:
                raise BadBuild(f"no part has the pin {wire.end}")
            pins.setdefault(wire.end, [parts[wire.end]])
        connect(_strip(wire.start), wire.end if wire.is_to_part else _strip(wire.end))
    groups = {id(group): group for group in group_of.values()}.values()
    return [{pin for each in group for pin in pins.get(each, [])} for group in groups]


def _compare(build: Build, there: Plugged) -> None:
    """Raise BadBuild where the breadboard connects other pins than the build's netlist."""
    taken: dict[str, str] = {}
    for what, hole in [
        *((str(pin), hole) for pin, hole in there.holes),
        *((str(wire), wire.start) for wire in there.wires),
        *((str(wire), wire.end) for wire in there.wires if not wire.is_to_part),
    ]:
        if hole in taken:
            raise BadBuild(f"{what} and {taken[hole]} are both in the hole {hole}")
        taken[hole] = what
    groups = joined(build, there)
    for group in groups:
        nets = {pin.net for pin in group}
        if len(nets) > 1:
            raise BadBuild(f"the breadboard joins {', '.join(sorted(map(str, group)))}")
    for net, pins in build.nets.items():
        wanted = {pin for pin in pins if pin.ref != build.board.ref and not pin.through}
        group = next((each for each in groups if wanted <= each), None)
        if group is None or not any(pin.ref == build.board.ref for pin in group):
            raise BadBuild(f"the breadboard does not join all of {net}")


def picture(build: Build, there: Plugged, step: int, refs: tuple[str, ...], heading: str) -> str:
    """Return the picture of a step: its wires in colour, those before it faded."""
    drawing = Drawing(_LEFT + (_AWAY + 6) * _PITCH, _TOP + 22 * _PITCH, heading)
    drawing.text(34, 30, heading, 17, bold=True)
    drawing.text(34, 52, f"Seen from above, USB to the left. {_FLAT}", 12, "#6b7280")
    _board(drawing)
    wires = [wire for wire in there.wires if wire.step <= step]
    for wire in wires:
        if wire.first:
            _draw(drawing, build, wire, wire.step == step)
    for ref in refs:
        _part(drawing, build, there, ref)
    for wire in wires:
        if not wire.first:
            _draw(drawing, build, wire, wire.step == step)
    for wire in wires:
        for hole in (wire.start, *(() if wire.is_to_part else (wire.end,))):
            colour = NET_STYLES[wire.net].colour if wire.step == step else FADED
            drawing.circle(*_place(hole), 5, colour, "#ffffff")
    return drawing.source()


def _place(hole: str) -> tuple[float, float]:
    if hole[:2] in RAILS:
        return _at(int(hole[2:]), RAILS[hole[:2]])
    return _at(int(hole[1:]), ROWS[hole[:1]])


def _at(column: float, row: float) -> tuple[float, float]:
    return _LEFT + (column - 1) * _PITCH, _TOP + (15 - row) * _PITCH


def _board(drawing: Drawing) -> None:
    (left, top), (right, bottom) = _at(0, 16), _at(COLUMNS + 1, -5)
    drawing.rectangle(left - 20, top, right - left + 40, bottom - top, "#f8fafc", "#94a3b8", 6)
    for name, row in RAILS.items():
        colour = "#c1121f" if "+" in name else "#1d4ed8"
        for column in (-0.1, COLUMNS + 1.1):
            x, y = _at(column, row)
            drawing.text(x, y + 4, name, 11, colour, "middle", bold=True)
    for column in range(1, COLUMNS + 1):
        for row in (*ROWS.values(), *RAILS.values()):
            drawing.circle(*_at(column, row), 2.6, "#94a3b8")
        for row in (-1, 12.2):
            x, y = _at(column, row)
            drawing.text(x, y + 3, str(column), 9, "#6b7280", "middle")
    for name, row in ROWS.items():
        for column in (-0.1, COLUMNS + 1.1):
            x, y = _at(column, row)
            drawing.text(x, y + 4, name, 11, "#6b7280", "middle")


def _part(drawing: Drawing, build: Build, there: Plugged, ref: str) -> None:
    part = build.part(ref)
    holes = [(pin, hole) for pin, hole in there.holes if pin.ref == ref]
    if not holes:
        _beside(drawing, build, ref)
        return
    xs, ys = zip(*(_place(hole) for _, hole in holes), strict=True)
    left, right, top, bottom = min(xs) - 13, max(xs) + 13, min(ys) - 13, max(ys) + 13
    if part.kind == "panel":
        left, right, top = left - 3 * _PITCH, right + 3 * _PITCH, top - 9 * _PITCH
    if part.kind == "button":
        top = top - 3 * _PITCH  # its other two legs, connected with these, three rows on
    fill = {"board": "#1f2937", "panel": "#0b1020", "button": "#374151"}[part.kind]
    drawing.see_through(left, top, right - left, bottom - top, fill, 0.62)
    if part.kind == "board":
        drawing.rectangle(left - 16, (top + bottom) / 2 - 22, 34, 44, "#cbd5e1", "#475569", 3)
        drawing.text(left + 1, (top + bottom) / 2 + 4, "USB", 10, "#111827", "middle", bold=True)
    middle = (left + right) / 2, (top + bottom) / 2
    drawing.text(*middle, f"{ref} {part.title}" if part.kind != "button" else ref, 13, "#f8fafc",
                 "middle", bold=True)  # fmt: skip
    for pin, hole in holes:
        x, y = _place(hole)
        drawing.circle(x, y, 5, "#fbbf24" if pin.net else "#6b7280", "#0b1220")
        if pin.net and part.kind != "button":
            below = part.kind == "panel" or hole[0] == "j"
            colour = "#111111" if part.kind == "panel" else "#ffffff"
            lower = 24 if part.kind == "panel" else 16
            drawing.text(x, y + (lower if below else -9), pin.label, 8.5, colour, "middle", True)


def _pin_beside(build: Build, name: str) -> tuple[float, float]:
    """Return where a pin of the part beside the breadboard is drawn."""
    ref, label = name.split()
    pins = [pin for pin in build.part(ref).pins if not pin.through]
    return _at(_AWAY, 11 - [pin.label for pin in pins].index(label) * 1.4)


def _beside(drawing: Drawing, build: Build, ref: str) -> None:
    part = build.part(ref)
    pins = [pin for pin in part.pins if not pin.through]
    x, y = _at(_AWAY, 11)
    drawing.rectangle(x - 12, y - 30, 5.4 * _PITCH, (len(pins) * 1.4 + 0.6) * _PITCH, "#eef2f7",
                      "#475569", 6)  # fmt: skip
    drawing.text(x - 12, y - 36, f"{ref} {part.title}", 11, bold=True)
    for pin in pins:
        px, py = _pin_beside(build, f"{ref} {pin.label}")
        drawing.circle(px, py, 5, "#fbbf24" if pin.net else "#cbd5e1", "#475569")
        drawing.text(px + 11, py + 4, pin.label, 12)


def _draw(drawing: Drawing, build: Build, wire: Wire, coloured: bool) -> None:
    style = NET_STYLES[wire.net]
    end = _pin_beside(build, wire.end) if wire.is_to_part else _place(wire.end)
    start = _place(wire.start)
    points = [start, *(_at(*each) for each in wire.path), end]
    if wire.is_to_part:
        lane = end[0] - 26 - 9 * ((_at(_AWAY, 11)[1] - end[1]) / -_PITCH / 1.4 - 2)  # one a pin
        points = [start, (lane, start[1]), (lane, end[1]), end]
    drawing.line(points, "#ffffff", 7)
    drawing.line(points, style.colour if coloured else FADED, 3.5, style.dashes)
