"""The styles of nets, and the pictures of parts, in the wiring pictures.

A wire is known by its colour, and on black and white paper by its dashes and its name.
"""

from dataclasses import dataclass

from guide.build import Part
from guide.svg import Drawing


@dataclass(frozen=True)
class NetStyle:
    """A net's colour, its dashes, and what it is, for the legend."""

    colour: str
    dashes: str
    meaning: str


NET_STYLES = {
    "3V3": NetStyle("#c1121f", "26 3", "3.3 V"),
    "GND": NetStyle("#111111", "", "ground"),
    "SCL": NetStyle("#b8860b", "11 4", "I2C clock"),
    "SDA": NetStyle("#1d4ed8", "4 3", "I2C data"),
    "BUTTON": NetStyle("#15803d", "14 4 3 4", "button"),
    "BUTTON2": NetStyle("#7e22ce", "7 3 2 3 2 3", "second button"),
    "VBUS": NetStyle("#ea580c", "18 4", "5 V of USB"),
    "VBAT": NetStyle("#9f1239", "2 3", "battery"),
    "USB_SENSE": NetStyle("#0e7490", "9 3 9 3 2 3", "USB power is there"),
    "BAT_SENSE": NetStyle("#4d7c0f", "5 5", "battery voltage"),
}
FADED = "#b6bcc4"
_DIGITS = (  # black, brown, red, orange, yellow, green, blue, violet, grey, white
    "#111111",
    "#7c3f10",
    "#c1121f",
    "#ea7317",
    "#e6b800",
    "#15803d",
    "#1d4ed8",
    "#7e22ce",
    "#6b7280",
    "#ffffff",
)


def decorate(drawing: Drawing, part: Part, x: float, y: float, width: float, height: float) -> None:
    """Draw what a part looks like into its box: the part of it that is free of labels."""
    draw = _PICTURES.get(part.kind)
    if draw is not None:
        draw(drawing, x, y, width, height)
    if part.kind == "resistor":
        _bands(drawing, part.facts["ohms"], x + width / 2, y + 12)


def _panel(drawing: Drawing, x: float, y: float, width: float, height: float) -> None:
    drawing.rectangle(x, y + 8, width, height - 16, fill="#0b1020", line="#334155", round_by=3)
    drawing.text(x + width / 2, y + height / 2 + 6, "492 039", 15, "#e0f2fe", "middle", bold=True)
    drawing.rectangle(x + 8, y + height - 20, width * 0.55, 4, fill="#e0f2fe")


def _clock(drawing: Drawing, x: float, y: float, width: float, height: float) -> None:
    radius = min(width, height) / 2 - 6
    drawing.circle(x + width / 2, y + height / 2, radius, "#d6dbe1", "#6b7280")
    drawing.text(x + width / 2, y + height / 2 + 4, "+ cell", 11, "#374151", "middle")


def _button(drawing: Drawing, x: float, y: float, width: float, height: float) -> None:
    side = min(width, height) - 6
    left, top = x + (width - side) / 2, y + (height - side) / 2
    drawing.rectangle(left, top, side, side, fill="#374151", line="#111827", round_by=3)
    drawing.circle(left + side / 2, top + side / 2, side * 0.28, "#9ca3af", "#111827")


def _resistor(drawing: Drawing, x: float, y: float, width: float, height: float) -> None:
    top, left = y + 6, x + width / 2 - 9
    drawing.line([(x + width / 2, y), (x + width / 2, y + height)], "#6b7280", 2)
    drawing.rectangle(left, top, 18, height - 12, fill="#e8d3a8", line="#8a6d3b", round_by=6)


def _bands(drawing: Drawing, ohms: int, x: float, y: float) -> None:
    """Draw the colours of two digits and of the number of zeros (IEC 60062)."""
    zeros = len(str(ohms)) - 2
    for number, digit in enumerate((*str(ohms)[:2], zeros)):
        drawing.rectangle(x - 8, y + 7 * number, 16, 3, fill=_DIGITS[int(digit)])


def _capacitor(drawing: Drawing, x: float, y: float, width: float, height: float) -> None:
    drawing.circle(x + width / 2, y + height / 2, min(width, height) / 2 - 8, "#e0a458", "#8a5a1c")


def _cell(drawing: Drawing, x: float, y: float, width: float, height: float) -> None:
    drawing.rectangle(x, y + 4, width, height - 8, fill="#d6dbe1", line="#6b7280", round_by=4)
    drawing.rectangle(x, y + 4, 10, height - 8, fill="#d9b44a", line="#6b7280", round_by=3)


_PICTURES = {
    "panel": _panel,
    "clock": _clock,
    "button": _button,
    "resistor": _resistor,
    "capacitor": _capacitor,
    "cell": _cell,
}
