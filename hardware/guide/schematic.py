"""The schematic of a build, drawn by schemdraw.

The board, the panel and the clock are boxes with their used pins; what has the same net's
name is connected. Buttons, dividers and the cell are drawn out.
"""

import re
from collections.abc import Callable
from typing import Literal

import schemdraw
from schemdraw import elements as elm

from guide.build import Build, Part, Pin

_STEP = 1.0  # units between the pins of a box
_STUB = 0.9
_BESIDE = 3  # so many small circuits fit under the board, beside the modules
_NAMES = {"VBUS": "5 V (USB)", "VBAT": "VBAT", "3V3": "3.3 V"}
_RAILS = ("3V3", "GND")
_ROW = 18.0  # units: small circuits beyond it go into a second row
_DEEP = 7.6  # from row to row
_VIEW = re.compile(r'viewBox="(\S+) (\S+) (\S+) (\S+)"')


def schematic(build: Build) -> str:
    """Return the schematic as SVG."""
    schemdraw.use("svg")
    drawing = schemdraw.Drawing(show=False)
    drawing.config(
        bgcolor="white",
        margin=0.3,
        fontsize=11,
        unit=2.4,
        lw=1.5,
        font="DejaVu Sans, Verdana, Arial, sans-serif",
    )
    _label(drawing, -3.0, 1.6, build.title, size=15)
    below, lowest = _boxes(drawing, build)
    circuits = _circuits(build)
    x, y = -1.0, (below if len(circuits) <= _BESIDE else lowest) - 3.4
    for draw in circuits:
        if x > _ROW:
            x, y = -1.0, y - _DEEP
        x = draw(drawing, x, y)
    foot = min(lowest, y - 5.2 if len(circuits) > _BESIDE else lowest) - 1.2
    _label(drawing, -3.0, foot, "What has the same name is connected. A cross: open.", size=9)
    return _on_white(drawing.get_imagedata("svg").decode().rstrip("\n") + "\n")


def _on_white(svg: str) -> str:
    """Draw the white: a viewer may show a background of its own in the place of a colour's name."""
    x, y, width, height = _VIEW.search(svg).groups()  # pyrefly: ignore[missing-attribute]
    white = f'<rect x="{x}" y="{y}" width="{width}" height="{height}" fill="#ffffff"/>'
    return re.sub(r"(<svg[^>]*>)", rf"\1\n{white}", svg, count=1)


def _boxes(drawing: schemdraw.Drawing, build: Build) -> tuple[float, float]:
    """Draw the board on the left and the modules beside it; return where both sides end."""
    pins = [pin for pin in build.board.pins if pin.net is not None]
    rails = [pin for pin in pins if pin.gpio is None]
    signals = [pin for pin in pins if pin.gpio is not None]
    title = f"{build.board.ref}\n{build.whole['module']['name']}"
    lowest = below = _box(drawing, title, 0, 6.4, _one_of_each(rails), signals)
    y = 0.0
    for part in build.parts[1:]:
        if part.kind in ("panel", "clock"):
            own = [pin for pin in part.pins if not pin.through]
            bottom = _box(drawing, f"{part.ref}\n{part.title}", 14.5, 4.6, own, [], y)
            y = bottom - 1.9
            lowest = min(lowest, bottom)
    return below, lowest


def _one_of_each(rails: list[Pin]) -> list[Pin]:
    """Return the pins without a second and third ground."""
    found: dict[str, Pin] = {}
    for pin in rails:
        found.setdefault(pin.label, pin)
    return list(found.values())


def _box(
    drawing: schemdraw.Drawing,
    title: str,
    x: float,
    width: float,
    left: list[Pin],
    right: list[Pin],
    top: float = 0.0,
) -> float:
    """Draw a box with its pins, the first a step below `top`; return its lower edge."""
    rows = max(len(left), len(right))
    height = (rows + 1) * _STEP + 1.3
    corners = [(x, top), (x + width, top), (x + width, top - height), (x, top - height)]
    for number, corner in enumerate(corners):
        drawing.add(elm.Line().at(corner).to(corners[(number + 1) % 4]))
    _label(drawing, x + width / 2, top - 0.75, title, size=11, align="center")
    for pins, edge, way in ((left, x, -1), (right, x + width, 1)):
        for row, pin in enumerate(pins):
            y = top - 1.3 - (row + 1) * _STEP
            drawing.add(elm.Line().at((edge, y)).to((edge + way * _STUB, y)))
            label = pin.label if pin.gpio is None else f"{pin.label} (GPIO {pin.gpio})"
            align = "left" if way < 0 else "right"
            _label(drawing, edge - way * 0.2, y, label, align=align)
            _end(drawing, pin, edge + way * _STUB, y, way)
    return top - height


def _end(drawing: schemdraw.Drawing, pin: Pin, x: float, y: float, way: int) -> None:
    """End a pin's stub with a net's name, a supply, a ground, or a cross where it is open."""
    if pin.net is None:
        for rise in (0.15, -0.15):
            drawing.add(elm.Line().at((x - 0.15, y - rise)).to((x + 0.15, y + rise)))
    elif pin.label == "BOOT":
        _name(drawing, f"{pin.net}: BOOT, on the board", x, y, way)
    elif pin.net == "GND":
        drawing.add(elm.Ground().at((x, y)).theta(0))
    else:
        _name(drawing, _NAMES.get(pin.net, pin.net), x, y, way, bold=pin.net in _RAILS)


def _label(
    drawing: schemdraw.Drawing,
    x: float,
    y: float,
    words: str,
    colour: str = "black",
    size: float = 10,
    align: Literal["left", "center", "right"] = "left",
) -> None:
    """Write words with their middle at `y`, clear of a line that ends at `x`."""
    clear = 0.18 if align == "right" else 0
    element = elm.Label().at((x - clear, y - 0.07)).theta(0)
    drawing.add(
        element.label(
            words, loc="center", fontsize=size, color=colour, halign=align, valign="center"
        )
    )


def _name(
    drawing: schemdraw.Drawing, name: str, x: float, y: float, way: int, bold: bool = False
) -> None:
    colour = "#c1121f" if bold else "#1d4ed8"
    _label(drawing, x + way * 0.15, y, name, colour, align="left" if way > 0 else "right")


_Circuit = Callable[[schemdraw.Drawing, float, float], float]


def _circuits(build: Build) -> list[_Circuit]:
    """Return what draws each small circuit at a place, and returns the next one's x."""
    by_purpose = {part.purpose: part for part in build.parts if part.purpose}
    found: list[_Circuit] = []
    for purpose in ("button", "second_button"):
        if purpose in by_purpose:
            found.append(_button(by_purpose[purpose]))
    for key in ("battery", "usb_power"):
        if f"{key}.upper" in by_purpose:
            found.append(
                _divider(
                    by_purpose[f"{key}.upper"],
                    by_purpose[f"{key}.lower"],
                    by_purpose.get(f"{key}.filter"),
                )
            )
    found += [_pull_ups(build, net) for net in ("SCL", "SDA")]
    if "cell" in by_purpose:
        found.append(_cell(by_purpose["cell"], build.board))
    for part in build.parts:
        if "charges_its_cell" in part.facts:
            found.append(_charged_cell(part))
    return found


def _net(part: Part, number: int) -> str:
    net = part.pins[number].net or ""
    return _NAMES.get(net, net)


def _text(drawing: schemdraw.Drawing, x: float, y: float, words: str) -> None:
    _label(drawing, x, y, words)


def _top(drawing: schemdraw.Drawing, x: float, y: float, name: str) -> None:
    drawing.add(elm.Dot(open=True).at((x, y)))
    _label(drawing, x, y + 0.45, name, "#1d4ed8", align="center")


def _button(part: Part) -> _Circuit:
    def draw(drawing: schemdraw.Drawing, x: float, y: float) -> float:
        _top(drawing, x, y, _net(part, 0))
        button = drawing.add(elm.Button().at((x, y)).down().length(2.4))
        drawing.add(elm.Ground().at(button.end).theta(0))
        _text(drawing, x + 0.75, y - 1.3, part.ref)
        return x + 3.0

    return draw


def _divider(upper: Part, lower: Part, smoothing: Part | None) -> _Circuit:
    def draw(drawing: schemdraw.Drawing, x: float, y: float) -> float:
        _top(drawing, x, y, _net(upper, 0))
        first = drawing.add(elm.Resistor().at((x, y)).down().length(2.4))
        _text(drawing, x + 0.45, y - 1.3, f"{upper.ref}\n{_value(upper)}")
        middle = first.end
        drawing.add(elm.Dot().at(middle))
        second = drawing.add(elm.Resistor().at(middle).down().length(2.4))
        _text(drawing, x + 0.45, y - 3.7, f"{lower.ref}\n{_value(lower)}")
        drawing.add(elm.Ground().at(second.end).theta(0))
        end = x + 2.6
        if smoothing is not None:
            drawing.add(elm.Line().at(middle).to((x + 2.6, middle[1])))
            drawing.add(elm.Dot().at((x + 2.6, middle[1])))
            third = drawing.add(elm.Capacitor().at((x + 2.6, middle[1])).down().length(2.4))
            _text(drawing, x + 3.1, y - 3.7, f"{smoothing.ref}\n{_value(smoothing)}")
            drawing.add(elm.Ground().at(third.end).theta(0))
            end = x + 4.6
        drawing.add(elm.Line().at((end - 2.0 if smoothing else x, middle[1])).to((end, middle[1])))
        _name(drawing, _net(upper, 1), end, middle[1], 1)
        return end + 3.6

    return draw


def _pull_ups(build: Build, net: str) -> _Circuit:
    """Draw all pull-ups of a net: those among the parts, and those on the modules."""
    pins = [pin for pin in build.nets[net] if pin.pull_up_ohms is not None]

    def draw(drawing: schemdraw.Drawing, x: float, y: float) -> float:
        _top(drawing, x, y, _NAMES["3V3"])
        for number, pin in enumerate(pins):
            at = x + 3.6 * number
            if number:
                drawing.add(elm.Line().at((at - 3.6, y)).to((at, y)))
                drawing.add(elm.Line().at((at - 3.6, y - 2.4)).to((at, y - 2.4)))
            drawing.add(elm.Resistor().at((at, y)).down().length(2.4))
            _text(drawing, at + 0.45, y - 1.3, _pull_up(build, pin))
        _name(drawing, net, x, y - 3.0, 1)
        drawing.add(elm.Line().at((x, y - 2.4)).to((x, y - 3.0)))
        return x + 3.6 * len(pins) + 0.6

    return draw


def _pull_up(build: Build, pin: Pin) -> str:
    low, high = pin.pull_up_ohms or (0, 0)
    if build.part(pin.ref).kind == "resistor":
        return f"{pin.ref}\n{low / 1000:g} kohm"
    if high is None:
        return f"on {pin.ref}:\n{low / 1000:g} kohm,\nor none"
    values = f"{low / 1000:g}" if low == high else f"{low / 1000:g} or {high / 1000:g}"
    return f"on {pin.ref}:\n{values} kohm"


def _charged_cell(part: Part) -> _Circuit:
    """Draw how a clock module charges its coin cell, with the resistor that is taken off."""
    resistor = part.facts["charges_its_cell"]

    def draw(drawing: schemdraw.Drawing, x: float, y: float) -> float:
        _top(drawing, x, y, f"{_NAMES['3V3']}, on {part.ref}")
        drawing.add(elm.Diode().at((x, y)).down().length(1.8))
        drawing.add(elm.Resistor().at((x, y - 1.8)).down().length(1.8))
        for lean in (-0.5, 0.5):
            cross = elm.Line(color="#c1121f").at((x - lean, y - 2.2)).to((x + lean, y - 3.2))
            drawing.add(cross)
        words = f"{resistor['ohms']} ohm ({resistor['marked']}):\ntaken off"
        _text(drawing, x + 0.75, y - 2.7, words)
        drawing.add(elm.BatteryCell().at((x, y - 3.6)).to((x, y - 5.2)))
        drawing.add(elm.Ground().at((x, y - 5.2)).theta(0))
        _text(drawing, x + 0.75, y - 4.4, "its coin cell")
        return x + 5.4

    return draw


def _cell(part: Part, board: Part) -> _Circuit:
    charger = board.facts.get("charger")

    def draw(drawing: schemdraw.Drawing, x: float, y: float) -> float:
        if charger is not None:
            drawing.add(elm.Dot(open=True).at((x, y)))
            x += 4.6
            corners = [(x - 3.4, y + 0.7), (x, y + 0.7), (x, y - 0.7), (x - 3.4, y - 0.7)]
            drawing.add(elm.Line().at((x - 4.6, y)).to((x - 3.4, y)))
            for number, corner in enumerate(corners):
                drawing.add(elm.Line().at(corner).to(corners[(number + 1) % 4]))
            words = f"charger on {board.ref}\n{charger['chip']}, {charger['most_ma']} mA"
            _label(drawing, x - 1.7, y, words, size=9, align="center")
            _label(drawing, x - 4.6, y + 0.45, _NAMES["VBUS"], "#1d4ed8", align="center")
            drawing.add(elm.Line().at((x, y)).to((x + 1.2, y)))
            x += 1.2
        _top(drawing, x, y, _net(part, 0))
        drawing.add(elm.BatteryCell().at((x, y)).to((x, y - 2.4)))
        drawing.add(elm.Ground().at((x, y - 2.4)).theta(0))
        _text(drawing, x + 0.7, y - 1.3, f"{part.ref}\n{_value(part)}")
        return x + 4.0

    return draw


def _value(part: Part) -> str:
    return part.title.rpartition(", ")[2].removeprefix("resistor ").removeprefix("capacitor ")
