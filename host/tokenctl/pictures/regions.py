"""Regions: the square busy patches of a picture, each cut out on white.

A code without a quiet zone on a dark page is not seen by a decoder: the dark
corners of the code and the page are one. Cut at the outermost light pixels and
set on white it is. Works on eight-bit grey, with Pillow alone.
"""

from collections.abc import Iterator

from PIL import Image, ImageChops

from tokenctl.pictures.threshold import otsu

Box = tuple[int, int, int, int]  # left, top, right, bottom, in pixels

_EDGE = 40  # levels of grey between two neighbouring pixels
# Pixels of a block's side, and the per cent of its pixels that are an edge when it is busy.
# Large modules leave gaps among small blocks; a high share parts a code from text that is near.
_BLOCKS = ((8, 9), (8, 22), (16, 9), (16, 16), (32, 7))
_GRID_MAX = 60_000  # blocks
_SIDE_MIN = 21  # pixels: the smallest code, at one pixel a module
_SIDE_MAX = 800  # pixels; a larger patch is made smaller
_SQUARE = 1.35  # the sides of a patch, the longer to the shorter
_REGIONS_MAX = 24
_MARGIN = 12  # pixels of white around


def regions(grey: Image.Image) -> Iterator[Image.Image]:
    """Yield a few square patches of the picture, those of small blocks first, each on white."""
    for box in _boxes(grey):
        for reach in (0, 1, 2):
            yield from _cut_out(grey, _grown(box, reach, grey.size))


def _boxes(grey: Image.Image) -> list[Box]:
    across = ImageChops.difference(grey, ImageChops.offset(grey, 1, 0))
    down = ImageChops.difference(grey, ImageChops.offset(grey, 0, 1))
    edges = ImageChops.lighter(across, down).point([0] * _EDGE + [255] * (256 - _EDGE))
    boxes: dict[Box, None] = {}
    for block, busy in _BLOCKS:
        if grey.width * grey.height <= _GRID_MAX * block * block:
            boxes |= dict.fromkeys(_patches(edges.reduce(block), block, 255 * busy // 100))
    return list(boxes)[:_REGIONS_MAX]


def _patches(density: Image.Image, block: int, least: int) -> Iterator[Box]:
    """Yield the square ones among the connected patches of blocks of at least this density."""
    width, height = density.size
    busy = {place for place, level in enumerate(density.tobytes()) if level >= least}
    while busy:
        left, top, right, bottom = width, height, 0, 0
        waiting = [busy.pop()]
        while waiting:
            y, x = divmod(waiting.pop(), width)
            left, right = min(left, x), max(right, x + 1)
            top, bottom = min(top, y), max(bottom, y + 1)
            beside = (x and y * width + x - 1, x + 1 < width and y * width + x + 1)
            for place in (*beside, (y - 1) * width + x, (y + 1) * width + x):
                if place in busy:
                    busy.discard(place)
                    waiting.append(place)
        sides = ((right - left) * block, (bottom - top) * block)
        if min(sides) >= _SIDE_MIN and max(sides) <= _SQUARE * min(sides) + block:
            yield left * block, top * block, right * block, bottom * block


def _grown(box: Box, blocks: int, size: tuple[int, int]) -> Box:
    """Return the box with `blocks` times four pixels around, within the picture."""
    reach = blocks * 4
    left, top, right, bottom = box
    return (
        max(0, left - reach),
        max(0, top - reach),
        min(size[0], right + reach),
        min(size[1], bottom + reach),
    )


def _cut_out(grey: Image.Image, box: Box) -> Iterator[Image.Image]:
    """Yield the patch cut at its outermost light pixels, inverted if it is light on dark."""
    patch = grey.crop(box)
    patch.thumbnail((_SIDE_MAX, _SIDE_MAX))
    threshold = otsu(patch.histogram())
    light = patch.point([0] * (threshold + 1) + [255] * (255 - threshold))
    for each, levels in ((patch, light), (ImageChops.invert(patch), ImageChops.invert(light))):
        inner = levels.getbbox()
        if inner is None:
            continue
        width, height = inner[2] - inner[0], inner[3] - inner[1]
        if min(width, height) < _SIDE_MIN:
            continue
        ground = Image.new("L", (width + 2 * _MARGIN, height + 2 * _MARGIN), 255)
        ground.paste(each.crop(inner), (_MARGIN, _MARGIN))
        yield ground
