"""Just enough SVG for the wiring pictures: shapes in, text out, the same bytes each time."""

from html import escape

FONT = "DejaVu Sans, Verdana, Arial, sans-serif"


class Drawing:
    """A picture of `width` x `height` (px); what is drawn later lies above."""

    def __init__(self, width: int, height: int, title: str) -> None:
        self._lines = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
            f'width="{width}" height="{height}" font-family="{FONT}">',
            f"<title>{escape(title)}</title>",
        ]
        self.rectangle(0, 0, width, height, fill="#ffffff")

    def rectangle(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        fill: str,
        line: str = "none",
        round_by: float = 0,
    ) -> None:
        """Draw a rectangle by its upper left corner."""
        self._add(
            f'<rect x="{_n(x)}" y="{_n(y)}" width="{_n(width)}" height="{_n(height)}" '
            f'rx="{_n(round_by)}" fill="{fill}" stroke="{line}" stroke-width="1.5"/>'
        )

    def see_through(
        self, x: float, y: float, width: float, height: float, fill: str, opacity: float
    ) -> None:
        """Draw a rectangle through which what lies below is seen."""
        self._add(
            f'<rect x="{_n(x)}" y="{_n(y)}" width="{_n(width)}" height="{_n(height)}" rx="6" '
            f'fill="{fill}" fill-opacity="{opacity:g}" stroke="#0b1220" stroke-width="1.5"/>'
        )

    def circle(self, x: float, y: float, radius: float, fill: str, line: str = "none") -> None:
        """Draw a circle by its centre."""
        self._add(
            f'<circle cx="{_n(x)}" cy="{_n(y)}" r="{_n(radius)}" fill="{fill}" '
            f'stroke="{line}" stroke-width="1.5"/>'
        )

    def line(
        self,
        points: list[tuple[float, float]],
        colour: str,
        width: float = 3,
        dashes: str = "",
    ) -> None:
        """Draw a line through points; `dashes` as SVG has it."""
        path = " ".join(f"{_n(x)},{_n(y)}" for x, y in points)
        pattern = f' stroke-dasharray="{dashes}"' if dashes else ""
        self._add(
            f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="{_n(width)}" '
            f'stroke-linejoin="round"{pattern}/>'
        )

    def text(
        self,
        x: float,
        y: float,
        words: str,
        size: float = 13,
        colour: str = "#111111",
        anchor: str = "start",
        bold: bool = False,
    ) -> None:
        """Write words; `y` is their base line, `anchor` start, middle or end."""
        weight = ' font-weight="bold"' if bold else ""
        self._add(
            f'<text x="{_n(x)}" y="{_n(y)}" font-size="{_n(size)}" fill="{colour}" '
            f'text-anchor="{anchor}"{weight}>{escape(words)}</text>'
        )

    def source(self) -> str:
        """Return the SVG file."""
        return "\n".join([*self._lines, "</svg>"]) + "\n"

    def _add(self, element: str) -> None:
        self._lines.append(element)


def _n(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".")
