"""The cores of finders in a picture: three modules of dark between two light ones.

A code without a quiet zone on a dark page is one with the page: its outermost dark modules,
the rings of the finders too, have no edge there. What has edges still is the core of each
finder. Works on eight-bit grey, with Pillow alone. (ISO/IEC 18004:2015, 6.3.3.)
"""

import re
from collections import defaultdict
from dataclasses import dataclass
from math import cos, hypot, pi, sin

from PIL import Image

# Light, the core, light; behind a dark pixel, and before another. 1 is light.
_CROSSING = re.compile(rb"\x00(?=(\x01{1,90})(\x00{1,240})(\x01{1,90})\x00)")
_STEP = 2  # rows: a core has three at one pixel a module
_CROSSINGS_MAX = 150_000  # a 4K page of text has 120,000
_SHARE_LEAST = 0.4  # of a core's rows
_CORES_MAX = 400
_MODULE_MAX = 60.0  # pixels
# Points around the centre: at so many modules, light or not whatever the code is turned by.
_DARK_AT, _LIGHT_AT = 1.2, 2.3
_ANGLES = [(cos(turn * pi / 8), sin(turn * pi / 8)) for turn in range(16)]
_WRONG_MAX = 3  # of the points
# There a square is light in about a third of the directions, and a round letter in none.
_CORNERS_AT, _CORNERS_LEAST, _CORNERS_FROM = 2.75, 2, 1.4  # modules; points; pixels a module


@dataclass(frozen=True)
class Core:
    """The centre of a finder's core, in pixels, and the side of a module."""

    x: float
    y: float
    module: float


class Bitmap:
    """A picture of dark and light only."""

    def __init__(self, grey: Image.Image, threshold: int) -> None:
        """Light is what is above the threshold."""
        self.width, self.height = grey.size
        self.data = grey.point([0] * (threshold + 1) + [1] * (255 - threshold)).tobytes()

    def light(self, x: float, y: float) -> bool:
        """Return whether the picture is light there; outside of it is dark."""
        column, row = int(x), int(y)
        if not (0 <= column < self.width and 0 <= row < self.height):
            return False
        return self.data[row * self.width + column] == 1

    def lights_around(self, x: float, y: float, reach: float) -> int:
        """Return how many of the points around one, so many pixels from it, are light."""
        around = [(x + reach * right, y + reach * down) for right, down in _ANGLES]
        if reach <= min(x, y) and x + reach < self.width and y + reach < self.height:
            data, width = self.data, self.width
            return sum([data[int(row) * width + int(column)] for column, row in around])
        return sum(self.light(*point) for point in around)


def cores(bitmap: Bitmap) -> list[Core]:
    """Return the cores in the picture, the surest first."""
    crossings: dict[tuple[int, int, int], list[Core]] = defaultdict(list)
    count = 0
    for y in range(0, bitmap.height, _STEP):
        row = bitmap.data[y * bitmap.width : (y + 1) * bitmap.width]
        for match in _CROSSING.finditer(row):
            start, end = match.span(1)
            inner, outer = match.span(3)
            module = _module(end - start, inner - end, outer - inner)
            count += 1
            if module is None:
                continue
            middle = (start + outer) / 2
            centre = _down(bitmap, int(middle), y, module)
            if centre is not None:
                cell = 3 * round(module + 0.5)
                place = (round(middle / cell), round(centre / cell), cell)
                crossings[place].append(Core(middle, centre, module))
        if count > _CROSSINGS_MAX:
            break
    found = [_mean(each) for each in crossings.values() if _share(each) >= _SHARE_LEAST]
    found = [each for each in found if _is_square(bitmap, each[0])]
    found.sort(key=lambda each: each[1], reverse=True)
    return _apart([core for core, _ in found[:_CORES_MAX]])


def _module(before: int, core: int, after: int) -> float | None:
    """Return the side of a module, where these runs are one, three and one of them."""
    module = (before + core + after) / 5
    if module > _MODULE_MAX or not 2 * module < core + 0.6 < 4 * module + 1.2:
        return None
    slack = 0.5 * module + 0.6
    if abs(before - module) > slack or abs(after - module) > slack:
        return None
    return module


def _down(bitmap: Bitmap, x: int, y: int, module: float) -> float | None:
    """Return the row of the centre, where the column through it is such a crossing, too."""
    reach, width = int(4 * module + 3), bitmap.width
    top, bottom = max(0, y - reach), min(bitmap.height, y + reach + 1)
    column = bitmap.data[top * width + x : (bottom - 1) * width + x + 1 : width]
    at = y - top
    start, end = column.rfind(b"\1", 0, at) + 1, column.find(b"\1", at)
    if not start or end < 0:
        return None
    above, below = column.rfind(b"\0", 0, start) + 1, column.find(b"\0", end)
    if not above or below < 0:
        return None
    found = _module(start - above, end - start, below - end)
    if found is None or abs(found - module) > 0.4 * module + 0.5:
        return None
    return top + (above + below) / 2


def _share(crossings: list[Core]) -> float:
    """Return how many of a core's rows cross it, of those that were looked at."""
    return min(1.0, len(crossings) * _STEP / (3 * crossings[0].module))


def _mean(crossings: list[Core]) -> tuple[Core, float]:
    """Return the core that all of these are, and how sure it is: its share, less its spread."""
    count = len(crossings)
    x = sum(each.x for each in crossings) / count
    y = sum(each.y for each in crossings) / count
    module = sum(each.module for each in crossings) / count
    spread = sum(abs(each.x - x) + abs(each.module - module) for each in crossings) / count
    return Core(x, y, module), _share(crossings) - spread / module


def _is_square(bitmap: Bitmap, core: Core) -> bool:
    """Return whether the core and the light around it are, whatever they are turned by."""

    def lights(modules: float) -> int:
        return bitmap.lights_around(core.x, core.y, modules * core.module)

    if lights(_DARK_AT) + len(_ANGLES) - lights(_LIGHT_AT) > _WRONG_MAX:
        return False
    return core.module < _CORNERS_FROM or lights(_CORNERS_AT) >= _CORNERS_LEAST


def _apart(found: list[Core]) -> list[Core]:
    """Return the cores without those that are another one over again."""
    taken: dict[tuple[int, int], list[Core]] = defaultdict(list)
    kept: list[Core] = []
    for core in found:
        column, row = int(core.x // 16), int(core.y // 16)
        near = [each for x in (-1, 0, 1) for y in (-1, 0, 1) for each in taken[column + x, row + y]]
        if all(hypot(core.x - o.x, core.y - o.y) > 2 * min(core.module, o.module) for o in near):
            kept.append(core)
            taken[column, row].append(core)
    return kept
