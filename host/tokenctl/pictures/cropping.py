"""Codes cut out at their three finders, each on a white ground of its own.

Three cores (see finder_patterns) of one size at the corners of a square say where a code ends,
to a part of a module: a page around it that is as dark as the code, and text right beside it,
are cut off. The two timing patterns between the finders tell a code from three letters.
(ISO/IEC 18004:2015, 6.3.5.)
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from math import hypot

from PIL import Image, ImageChops

from tokenctl.pictures.finder_patterns import Bitmap, Core, cores
from tokenctl.pictures.threshold import otsu

_CUTS_MAX = 12
_ALIKE_MAX = 30  # cores of one size
_QUIET = 4  # modules of white around
_SIDE_MAX = 1600  # pixels of a patch
_TIMING_LEAST = 0.75  # of the modules of both patterns
_LEAST, _MOST = 21, 177  # modules of a side
_FAR = 0.15  # of the distance of two cores: how far from its corner the third one may be


@dataclass(frozen=True)
class _Square:
    """A code's place: the centre of its corner's core, and a module along and down, in pixels."""

    corner: Core
    along: tuple[float, float]
    down: tuple[float, float]
    modules: int

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Return the place in the picture of one in the code, in modules from its corner."""
        x, y = x - 3.5, y - 3.5
        return (
            self.corner.x + x * self.along[0] + y * self.down[0],
            self.corner.y + x * self.along[1] + y * self.down[1],
        )


def cut_out(grey: Image.Image) -> Iterator[Image.Image]:
    """Yield the codes that the picture's finders enclose, the surest first, dark on light."""
    threshold = otsu(grey.histogram())
    for picture, level in ((grey, threshold), (ImageChops.invert(grey), 254 - threshold)):
        bitmap = Bitmap(picture, level)
        found: list[tuple[float, int, _Square]] = []
        for square in _squares(_rare(cores(bitmap))):
            share = _timing(bitmap, square)
            if share >= _TIMING_LEAST:
                found.append((-share, len(found), square))
        for _, _, square in sorted(found)[:_CUTS_MAX]:
            yield _patch(picture, square)


def _rare(found: list[Core]) -> list[Core]:
    """Return the cores without those of a size that a page of text is full of: its letters."""
    sizes = sorted(core.module for core in found)
    largest = [_largest_alike(size) for size in sizes]

    def alike(size: float) -> int:
        """Return how many are: from the first whose largest this is to its own largest."""
        return bisect_right(sizes, _largest_alike(size)) - bisect_left(largest, size)

    return [core for core in found if alike(core.module) <= _ALIKE_MAX]


def _squares(found: list[Core]) -> Iterator[_Square]:
    """Yield the squares that have cores at three corners, one for each size that may be meant."""
    by_column = sorted(found, key=lambda each: each.x)
    columns = [each.x for each in by_column]
    for corner in found:
        for right in found:
            ax, ay = right.x - corner.x, right.y - corner.y
            apart = hypot(ax, ay)
            if apart < 12 * corner.module or not _alike(corner, right):
                continue
            module = (corner.module + right.module) / 2
            if apart > (_MOST + 10) * module:
                continue
            # Where the right one would be if turned a quarter.
            x, y, far = corner.x - ay, corner.y + ax, _FAR * apart
            for below in by_column[bisect_left(columns, x - far) : bisect_right(columns, x + far)]:
                if hypot(below.x - x, below.y - y) < far and _alike(corner, below):
                    yield from _sizes(corner, right, below)


def _alike(one: Core, other: Core) -> bool:
    less, more = sorted((one.module, other.module))
    return more <= _largest_alike(less)


def _largest_alike(module: float) -> float:
    return 1.2 * module + 0.4


def _sizes(corner: Core, right: Core, below: Core) -> Iterator[_Square]:
    ax, ay = right.x - corner.x, right.y - corner.y
    bx, by = below.x - corner.x, below.y - corner.y
    module = (corner.module + right.module + below.module) / 3
    measured = (hypot(ax, ay) + hypot(bx, by)) / 2 / module + 7
    version = round((measured - 17) / 4)
    slack = 1 + version // 10
    for each in range(version - slack, version + slack + 1):
        modules = 17 + 4 * each
        if _LEAST <= modules <= _MOST:
            apart = modules - 7  # modules between two centres
            along, down = (ax / apart, ay / apart), (bx / apart, by / apart)
            yield _Square(corner, along, down, modules)


def _timing(bitmap: Bitmap, square: _Square) -> float:
    """Return the share of the timing patterns' modules that are as they should be."""
    right = 0
    inner = range(8, square.modules - 8)
    for place in inner:
        light = place % 2 == 1
        right += bitmap.light(*square.at(place + 0.5, 6.5)) == light
        right += bitmap.light(*square.at(6.5, place + 0.5)) == light
    return right / (2 * len(inner))


def _patch(grey: Image.Image, square: _Square) -> Image.Image:
    """Return the code upright and exactly as large as it is, on white."""
    (ax, ay), (bx, by) = square.along, square.down
    scale = max(3, min(round(hypot(ax, ay)), _SIDE_MAX // square.modules))
    left, top = square.at(0, 0)
    side = square.modules * scale
    upright = grey.transform(
        (side, side),
        Image.Transform.AFFINE,
        (ax / scale, bx / scale, left, ay / scale, by / scale, top),
        Image.Resampling.BILINEAR,
        fillcolor=255,
    )
    whole = side + 2 * _QUIET * scale
    ground = Image.new("L", (whole, whole), 255)
    ground.paste(upright, (_QUIET * scale, _QUIET * scale))
    return ground
