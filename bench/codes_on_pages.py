"""Difficult pictures of codes on a page or screen: each function makes one, with its texts."""

import random
from collections.abc import Callable

from PIL import Image, ImageFilter, ImageOps

from bench.drawing import (
    UHD,
    Made,
    code,
    migration,
    on_page,
    photographed,
    png,
    saved,
    text_page,
    uri,
)


def screenshot(size: tuple[int, int], scale: int, dark: bool = False, border: int = 4):
    def make(dice: random.Random) -> Made:
        text = uri(dice)
        return png(on_page(dice, code(text, scale, border), size, dark)), [text]

    return make


def tiny_in_4k(dice: random.Random) -> Made:
    text = uri(dice)
    large = code(text, 8)
    side = int(large.width / 8 * dice.uniform(1.3, 2))
    small = large.resize((side, side), Image.Resampling.BOX)
    return png(on_page(dice, small, UHD, dark=False)), [text]


def photo(dark: bool) -> Callable[[random.Random], Made]:
    def make(dice: random.Random) -> Made:
        text = uri(dice)
        picture = ImageOps.invert(code(text, 4)) if dark else code(text, 4)
        return photographed(dice, on_page(dice, picture, (800, 600), dark, 40)), [text]

    return make


def four(dice: random.Random) -> Made:
    """Four codes of four sizes, one of them small and one blurred."""
    texts = [uri(dice) for _ in range(4)]
    page = text_page(dice, (1400, 1100), dark=False)
    for number, text in enumerate(texts):
        picture = code(text, (2, 3, 4, 5)[number])
        if number == dice.randrange(1, 4):
            picture = picture.filter(ImageFilter.GaussianBlur(1))
        place = (80 + 680 * (number % 2), 60 + 530 * (number // 2))
        page.paste(picture, place)
    return png(page), texts


def close_together(dice: random.Random) -> Made:
    """Six codes in a grid, only two modules apart."""
    texts = [uri(dice) for _ in range(6)]
    codes = [code(text, 3, 1) for text in texts]
    side = max(each.width for each in codes)
    page = Image.new("L", (3 * side + 40, 2 * side + 40), 255)
    for number, each in enumerate(codes):
        page.paste(each, (20 + side * (number % 3), 20 + side * (number // 3)))
    return png(page), texts


def export_on_phone(dice: random.Random) -> Made:
    """An export on a phone's dark screen, scaled down by a messenger."""
    text = migration(dice)
    large = code(text, 6)
    side = int(large.width / 6 * dice.uniform(1.9, 2.5))
    small = large.resize((side, side), Image.Resampling.BICUBIC)
    page = on_page(dice, small, (side + 120, side * 2 + 120), dark=True)
    return saved(page, "JPEG", quality=70), [text]


def dark_page_near_text(dice: random.Random) -> Made:
    """A code without a quiet zone, with text within a few pixels of it."""
    text = uri(dice)
    picture = code(text, dice.choice([3, 4]), 0)
    return png(on_page(dice, picture, (1280, 800), dark=True, margin=12)), [text]


def dark_page_text_at(distance: int) -> Callable[[random.Random], Made]:
    """Return the function for a picture with text at this distance (pixels), 0: touching."""

    def make(dice: random.Random) -> Made:
        text = uri(dice)
        picture = code(text, dice.choice([3, 4]), 0)
        return png(on_page(dice, picture, (1280, 800), dark=True, margin=distance)), [text]

    return make
