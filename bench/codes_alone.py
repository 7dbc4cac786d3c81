"""Difficult pictures of a single code: each function makes one from `dice`, with its text."""

import random
from collections.abc import Callable

import segno
from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageOps

from bench.drawing import Made, code, lit, migration, noisy, png, saved, tilted, uri


def plain(dice: random.Random) -> Made:
    text = uri(dice)
    return png(code(text, dice.choice([3, 4, 6]))), [text]


def inverted(dice: random.Random) -> Made:
    text = uri(dice)
    return png(ImageOps.invert(code(text))), [text]


def inverted_grey(dice: random.Random) -> Made:
    text = uri(dice)
    return png(code(text, dark=205, light=45)), [text]


def logo(dice: random.Random) -> Made:
    text = uri(dice)
    picture = code(text, 6).convert("RGB")
    side, middle = picture.width // 7, picture.width // 2
    box = (middle - side // 2, middle - side // 2, middle + side // 2, middle + side // 2)
    draw = ImageDraw.Draw(picture)
    draw.rectangle(box, fill="white")
    draw.ellipse(box, fill=(200, 40, 60))
    return png(picture), [text]


def rotated(dice: random.Random) -> Made:
    text = uri(dice)
    turned = code(text, 5).rotate(
        dice.uniform(0, 360), Image.Resampling.BICUBIC, expand=True, fillcolor=255
    )
    return png(turned), [text]


def tilt(dice: random.Random) -> Made:
    text = uri(dice)
    return png(tilted(code(text, 6, 8), dice.choice([-1, 1]) * dice.uniform(25, 45))), [text]


def blurred(dice: random.Random) -> Made:
    text = uri(dice)
    return png(code(text, 6).filter(ImageFilter.GaussianBlur(6 * dice.uniform(0.25, 0.6)))), [text]


def jpeg(quality: int, scale: int) -> Callable[[random.Random], Made]:
    def make(dice: random.Random) -> Made:
        text = uri(dice)
        return saved(code(text, scale), "JPEG", quality=quality), [text]

    return make


def one_pixel(dice: random.Random) -> Made:
    text = uri(dice)
    return png(code(text, 1)), [text]


def low_contrast(dice: random.Random) -> Made:
    text, middle = uri(dice), dice.randrange(60, 190)
    return png(noisy(dice, code(text, 5, dark=middle - 14, light=middle + 14), 3)), [text]


def colour(dice: random.Random) -> Made:
    text = uri(dice)
    dark = (dice.randrange(90), dice.randrange(90), dice.randrange(120))
    light = tuple(dice.randrange(190, 256) for _ in range(3))
    return png(ImageOps.colorize(code(text), dark, light)), [text]


def dots(dice: random.Random) -> Made:
    """Round modules; half of the pictures have the usual finder patterns."""
    text, scale, finders = uri(dice), 8, dice.random() < 0.5
    matrix = segno.make(text, error="m", micro=False, boost_error=False).matrix
    side = (len(matrix) + 8) * scale
    picture = Image.new("L", (side, side), 255)
    draw = ImageDraw.Draw(picture)
    for y, row in enumerate(matrix):
        for x, module in enumerate(row):
            left, top = (x + 4) * scale, (y + 4) * scale
            solid = min(x, len(row) - 1 - x) < 7 and min(y, len(row) - 1 - y) < 7
            if module and solid and finders:
                draw.rectangle((left, top, left + scale - 1, top + scale - 1), fill=0)
            elif module:
                draw.ellipse((left, top, left + scale - 1, top + scale - 1), fill=0)
    return png(picture), [text]


def glare(dice: random.Random) -> Made:
    text = uri(dice)
    picture = lit(code(text, 6, dark=30, light=220), 0.3)
    glow = Image.new("L", picture.size, 0)
    x, y = (dice.randrange(picture.width) for _ in range(2))
    ImageDraw.Draw(glow).ellipse((x - 60, y - 60, x + 60, y + 60), fill=150)
    return png(ImageChops.add(picture, glow.filter(ImageFilter.GaussianBlur(40)))), [text]


def fraction(dice: random.Random) -> Made:
    text = uri(dice)
    large = code(text, 8)
    side = int(large.width / 8 * dice.uniform(1.6, 3.4))
    return png(large.resize((side, side), Image.Resampling.BILINEAR)), [text]


def export(dice: random.Random) -> Made:
    text = migration(dice)
    return png(code(text, 3)), [text]


def transparent(dice: random.Random) -> Made:
    text = uri(dice)
    grey = 255 if dice.random() < 0.3 else 0
    picture = Image.new("RGBA", code(text).size, (0, 0, 0, 0))
    picture.paste((grey, grey, grey, 255), mask=ImageOps.invert(code(text)))
    return png(picture), [text]


def stained(dice: random.Random) -> Made:
    """A print with stains over a few of its modules."""
    text = uri(dice)
    picture = noisy(dice, code(text, 6), 30)
    draw = ImageDraw.Draw(picture)
    for _ in range(4):
        x, y = (dice.randrange(90, picture.width - 90) for _ in range(2))
        draw.ellipse((x, y, x + 16, y + 16), fill=dice.choice([0, 255]))
    return png(picture), [text]
