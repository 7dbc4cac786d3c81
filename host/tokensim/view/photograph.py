"""A PNG of a panel as the eye sees it: a small blue-white OLED behind black glass.

Each display pixel is a dot of `scale` image pixels with a dark gap and a soft glow, inside
a thin bezel. At a scale of 1 it is the plain picture in black and white instead. The same
pixels give the same bytes with the same version of Pillow.
"""

import os
from typing import Protocol

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from tokensim.view.picture import LARGEST, PLAIN, USUAL, Pixels, checked

GLASS, BEZEL = 3, 1  # display pixels around the picture
CONTRAST_MAX = 255
_GAMMA = 2.2  # of the PNG's viewer: sRGB's, roughly
_RESIDUE = 32  # added to the contrast: at 0 these panels are dim, not dark

_LEVELS = 48  # of light: as many as the eye distinguishes, which keeps the file small
_FRAME = _LEVELS  # the bezel's place in the palette
_FRAME_COLOUR = (46, 50, 58)
# From dark to full light: faint light is bluer.
_RAMP = ((0.0, (0, 0, 0)), (0.25, (12, 34, 66)), (0.6, (78, 142, 206)), (1.0, (222, 242, 255)))
_GAP_LIGHT, _GLOW_LIGHT = 0.40, 0.42  # relative to a dot's light


class Lit(Protocol):
    """The part of a panel model that concerns its light."""

    contrast: int

    @property
    def lit(self) -> bool:
        """Whether the panel can emit light at all."""
        ...


def brightness(panel: Lit) -> float:
    """Return how bright a pixel looks, from 0 for a panel that is off to 1 at full contrast."""
    if not panel.lit:
        return 0.0
    light = (panel.contrast + _RESIDUE) / (CONTRAST_MAX + _RESIDUE)
    return light ** (1 / _GAMMA)


def save(
    pixels: Pixels, path: str | os.PathLike[str], scale: int = USUAL, brightness: float = 1.0
) -> None:
    """Write the PNG; raise ValueError for invalid pixels, or a scale other than 1 to 16."""
    taken(pixels, scale, brightness).save(path, format="PNG", optimize=True)


def taken(pixels: Pixels, scale: int = USUAL, brightness: float = 1.0) -> Image.Image:
    """Return the picture; raise ValueError as save() does."""
    if not PLAIN <= scale <= LARGEST:
        raise ValueError(f"the scale must be from {PLAIN} to {LARGEST}")
    dots = _dots(checked(pixels))
    if scale == PLAIN:
        return dots.convert("1")
    edge = (GLASS + BEZEL) * scale
    light = Image.new("L", (dots.width * scale + 2 * edge, dots.height * scale + 2 * edge))
    light.paste(_with_gaps(dots, scale), (edge, edge))
    glow = light.filter(ImageFilter.GaussianBlur(0.8 * scale)).point(_times(_GLOW_LIGHT))
    light = ImageChops.add(light, glow).point(_level(brightness))
    image = Image.frombytes("P", light.size, light.tobytes())
    image.putpalette(_palette())
    outline = (0, 0, image.width - 1, image.height - 1)
    ImageDraw.Draw(image).rectangle(outline, outline=_FRAME, width=BEZEL * scale)
    return image


def _dots(pixels: Pixels) -> Image.Image:
    data = bytes(255 * pixel for row in pixels for pixel in row)
    return Image.frombytes("L", (len(pixels[0]), len(pixels)), data)


def _with_gaps(dots: Image.Image, scale: int) -> Image.Image:
    """Enlarge each pixel; its last rows and columns are the gap, which is darker."""
    whole = dots.resize((dots.width * scale, dots.height * scale), Image.Resampling.NEAREST)
    if scale == 2:
        return whole  # half of it would be gap
    wide = 1 + scale // 12
    mask = Image.new("L", whole.size, 255)
    draw, dark = ImageDraw.Draw(mask), round(255 * _GAP_LIGHT)
    for x in range(scale - wide, whole.width, scale):
        draw.rectangle((x, 0, x + wide - 1, whole.height - 1), fill=dark)
    for y in range(scale - wide, whole.height, scale):
        draw.rectangle((0, y, whole.width - 1, y + wide - 1), fill=dark)
    return ImageChops.multiply(whole, mask)


def _times(factor: float) -> list[int]:
    return [round(value * factor) for value in range(256)]


def _level(brightness: float) -> list[int]:
    """Return the table from light (0 to 255) to its index in the palette."""
    return [round(value / 255 * brightness * (_LEVELS - 1)) for value in range(256)]


def _palette() -> list[int]:
    colours = [_colour(level / (_LEVELS - 1)) for level in range(_LEVELS)]
    return [part for colour in [*colours, _FRAME_COLOUR] for part in colour]


def _colour(light: float) -> tuple[int, ...]:
    for (low, darker), (high, brighter) in zip(_RAMP, _RAMP[1:], strict=False):
        if light <= high:
            share = (light - low) / (high - low)
            return tuple(round(a + share * (b - a)) for a, b in zip(darker, brighter, strict=True))
    return _RAMP[-1][1]
