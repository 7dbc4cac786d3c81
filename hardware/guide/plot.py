"""The plot of a power budget, drawn by matplotlib: days by the codes of a day."""

import io
from typing import Any

import matplotlib
from matplotlib.figure import Figure

from guide.build import Build
from guide.power import STATED, Pattern, day_mah, days

_LIT = (10, 30, 60)  # seconds
_DASHES = ((1, 0), (6, 2), (2, 2))
_COLOURS = ("#15803d", "#1d4ed8", "#b45309")
_MOST = 120  # codes a day


def plot(build: Build) -> str:
    """Return the plot as SVG, the same bytes each time."""
    settings: Any = {"svg.hashsalt": build.name, "svg.fonttype": "none", "font.size": 10}
    with matplotlib.rc_context(settings):
        figure = Figure(figsize=(7.2, 4.2))
        axes = figure.add_axes((0.09, 0.13, 0.88, 0.78))
        codes = range(0, _MOST + 1, 2)
        for lit, dashes, colour in zip(_LIT, _DASHES, _COLOURS, strict=True):
            life = [days(build, day_mah(build, Pattern("", each, lit))) for each in codes]
            label = f"lit for {lit} s"
            axes.plot(codes, life, color=colour, dashes=dashes, linewidth=2, label=label)
        stated = days(build, day_mah(build, STATED))
        label = f"{STATED.name}, {STATED.lit:.0f} s: {stated:.0f} days"
        axes.plot([STATED.wakes], [stated], "o", color="#111111", label=label)
        supply = build.whole["supply"]
        axes.set(xlabel="codes a day", ylabel="days")
        axes.set_title(f"On a {supply['kind']}, {supply['mah']} mAh (computed)")
        axes.set_ylim(bottom=0)
        axes.set_xlim(0, _MOST)
        axes.grid(alpha=0.4)
        axes.legend()
        target = io.StringIO()
        figure.savefig(target, format="svg", metadata={"Date": None, "Creator": None})
    return target.getvalue()
