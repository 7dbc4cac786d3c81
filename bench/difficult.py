"""A set of difficult pictures of QR codes, generated reproducibly.

27 classes of what people give to an enrolment program: screenshots light and dark,
tiny and enlarged, photographs of a screen, codes with a logo, several in one. Each
picture comes with the texts that a good phone would read from it. The set replaces
the public ones of zxing and jsQR, which are not in the project.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bench import codes_alone, codes_on_pages
from bench.drawing import FULL_HD, UHD, Made, png, text_page


@dataclass(frozen=True)
class Sample:
    """A picture file and the texts of its codes."""

    kind: str
    data: bytes
    texts: frozenset[str]


def samples(count: int, kinds: tuple[str, ...] | None = None) -> Iterator[Sample]:
    """Yield `count` pictures of each class, or of the classes `kinds`."""
    for kind in kinds or tuple(CLASSES):
        for number in range(count):
            dice = random.Random(f"{kind} {number}")
            data, texts = (CLASSES | DARK)[kind](dice)
            yield Sample(kind, data, frozenset(texts))


def page_without_code(dark: bool = False) -> bytes:
    """Return a 4K screenshot full of text, without a code."""
    return png(text_page(random.Random(7), UHD, dark, lines=110))


CLASSES: dict[str, Callable[[random.Random], Made]] = {
    "plain": codes_alone.plain,
    "inverted": codes_alone.inverted,
    "inverted, grey": codes_alone.inverted_grey,
    "with a logo": codes_alone.logo,
    "rotated": codes_alone.rotated,
    "tilted 25 to 45 degrees": codes_alone.tilt,
    "blurred by up to 0.6 modules": codes_alone.blurred,
    "JPEG, quality 20": codes_alone.jpeg(20, 4),
    "JPEG, quality 10, 2 px a module": codes_alone.jpeg(10, 2),
    "1 px a module": codes_alone.one_pixel,
    "low contrast": codes_alone.low_contrast,
    "in colour": codes_alone.colour,
    "dots for modules": codes_alone.dots,
    "glare": codes_alone.glare,
    "1.6 to 3.4 px a module": codes_alone.fraction,
    "screenshot, full HD": codes_on_pages.screenshot(FULL_HD, 2),
    "screenshot, dark, full HD": codes_on_pages.screenshot(FULL_HD, 3, dark=True),
    "tiny in a 4K screenshot": codes_on_pages.tiny_in_4k,
    "photographed screen": codes_on_pages.photo(dark=False),
    "photographed dark screen": codes_on_pages.photo(dark=True),
    "four in one picture": codes_on_pages.four,
    "six close together": codes_on_pages.close_together,
    "export of ten accounts": codes_alone.export,
    "export on a phone, made small": codes_on_pages.export_on_phone,
    "transparent": codes_alone.transparent,
    "dark page, no quiet zone": codes_on_pages.dark_page_near_text,
    "stained print": codes_alone.stained,
}

# A dark page with text at decreasing distances; the code has no quiet zone.
DARK: dict[str, Callable[[random.Random], Made]] = {
    f"dark page, text at {distance} px": codes_on_pages.dark_page_text_at(distance)
    for distance in (0, 2, 4, 6, 8, 12)
}
