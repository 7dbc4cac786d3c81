"""A set of difficult pictures of QR codes, made anew each time and always the same.

27 classes of what people hand to an enrolment program: screenshots light and dark,
tiny and enlarged, photographs of a screen, codes with a logo, several in one. Each
picture comes with the texts that a person with a good telephone would get from it.
It stands in for the public sets of zxing and jsQR, which are not in the project.
"""

import io
import math
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

import segno
from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont, ImageOps

_FULL_HD, _UHD = (1920, 1080), (3840, 2160)
_WORDS = [
    "the",
    "account",
    "of",
    "every",
    "member",
    "is",
    "kept",
    "safe",
    "by",
    "a",
    "second",
    "factor",
    "scan",
    "this",
    "code",
    "now",
]


Made: TypeAlias = "tuple[bytes, list[str]]"  # a picture file and what its codes say


@dataclass(frozen=True)
class Sample:
    """A picture file and what its codes say."""

    kind: str
    data: bytes
    texts: frozenset[str]


def samples(count: int, kinds: tuple[str, ...] | None = None) -> Iterator[Sample]:
    """Yield `count` pictures of each class, or of the classes `kinds`."""
    for kind in kinds or tuple(CLASSES):
        for number in range(count):
            dice = random.Random(f"{kind} {number}")
            data, texts = CLASSES[kind](dice)
            yield Sample(kind, data, frozenset(texts))


def page_without_code(dark: bool = False) -> bytes:
    """Return a 4K screenshot full of text, with no code in it."""
    return _png(_page(random.Random(7), _UHD, dark, lines=110))


def uri(dice: random.Random, size: int = 20) -> str:
    """Return an otpauth URI of a usual length, with a secret of `size` bytes."""
    secret = "".join(dice.choices("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", k=size * 8 // 5))
    issuer = dice.choice(["Example", "Example%20Bank", "GitHub", "Contoso", "VPN"])
    person = f"user{dice.randrange(10**4)}@example.com"
    return f"otpauth://totp/{issuer}:{person}?secret={secret}&issuer={issuer}"


def migration(dice: random.Random) -> str:
    """Return a text as long as that of a Google Authenticator export of ten accounts."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
    return "otpauth-migration://offline?data=" + "".join(dice.choices(letters, k=760)) + "%3D%3D"


def code(
    text: str, scale: int = 4, border: int = 4, dark: int = 0, light: int = 255
) -> Image.Image:
    """Return the QR code of `text` in grey, `scale` pixels a module."""
    made = segno.make(text, error="m", micro=False, boost_error=False)
    rows = [bytes(dark if module else light for module in row) for row in made.matrix]
    picture = Image.frombytes("L", (len(rows), len(rows)), b"".join(rows))
    side = (len(rows) + 2 * border) * scale
    ground = Image.new("L", (side, side), light)
    inner = (len(rows) * scale,) * 2
    place = (border * scale, border * scale)
    ground.paste(picture.resize(inner, Image.Resampling.NEAREST), place)
    return ground


def _png(picture: Image.Image) -> bytes:
    return _saved(picture, "PNG", compress_level=1)


def _saved(picture: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def _page(dice: random.Random, size: tuple[int, int], dark: bool, lines: int = 30) -> Image.Image:
    """Return a page of text, light or dark."""
    page = Image.new("L", size, 32 if dark else 250)
    draw = ImageDraw.Draw(page)
    step = size[1] // (lines + 1)
    font = ImageFont.load_default(max(9, int(step * 0.7)))
    for line in range(lines):
        words = " ".join(dice.choices(_WORDS, k=max(3, size[0] // (step * 4))))
        draw.text((step, step // 2 + line * step), words, 205 if dark else 45, font=font)
    return page


def _on_page(
    dice: random.Random, picture: Image.Image, size: tuple[int, int], dark: bool, margin: int = 24
) -> Image.Image:
    """Put a picture somewhere on a page of text, in a clearing of `margin` pixels."""
    page = _page(dice, size, dark)
    left = dice.randrange(margin, size[0] - picture.width - margin)
    top = dice.randrange(margin, size[1] - picture.height - margin)
    clearing = (left - margin, top - margin, left + picture.width + margin)
    page.paste(32 if dark else 250, (*clearing, top + picture.height + margin))
    page.paste(picture, (left, top))
    return page


def _noisy(dice: random.Random, picture: Image.Image, strength: int) -> Image.Image:
    noise = Image.frombytes("L", picture.size, dice.randbytes(picture.width * picture.height))
    noise = noise.point([value * 2 * strength // 255 for value in range(256)])
    return ImageChops.add(picture, noise, 1, -strength)


def _lit(picture: Image.Image, dark_side: float) -> Image.Image:
    """Return the picture in a light that falls off to `dark_side` at its right edge."""
    ramp = Image.linear_gradient("L").rotate(90).resize(picture.size)
    light = ramp.point([int(255 * (dark_side + (1 - dark_side) * v / 255)) for v in range(256)])
    return ImageChops.multiply(picture, light)


def _tilted(picture: Image.Image, degrees: float, ground: int = 255) -> Image.Image:
    """Return the picture turned about its vertical axis, seen from 2.2 widths away."""
    width, height = picture.size
    angle, distance = math.radians(degrees), 2.2 * width
    cosine, sine, x0, y0 = math.cos(angle), math.sin(angle), width / 2, height / 2
    # X = x d / (d cos a - x sin a), Y = y d cos a / (the same), all from the centre.
    g = -sine / (distance * cosine)
    scale = 1 - g * x0
    a, e = 1 / cosine + x0 * g, 1.0
    c = (-x0 / cosine + x0 * (1 - g * x0)) / scale
    f = (-y0 + y0 * (1 - g * x0)) / scale
    data = (a / scale, 0, c, y0 * g / scale, e / scale, f, g / scale, 0)
    return picture.transform(
        picture.size,
        Image.Transform.PERSPECTIVE,
        data,
        Image.Resampling.BICUBIC,
        fillcolor=ground,
    )


def _photographed(dice: random.Random, screen: Image.Image) -> bytes:
    """Return a photograph of a screen: its pixel grid, its tilt, its light, noise and JPEG."""
    large = screen.resize((screen.width * 2, screen.height * 2), Image.Resampling.BICUBIC)
    tile = Image.new("L", large.size, 255)
    draw = ImageDraw.Draw(tile)
    for x in range(0, large.width, 4):
        draw.line((x, 0, x, large.height), fill=205)
    for y in range(0, large.height, 4):
        draw.line((0, y, large.width, y), fill=215)
    photo = ImageChops.multiply(large, tile)
    photo = photo.rotate(dice.uniform(-8, 8), Image.Resampling.BICUBIC, fillcolor=60)
    photo = _tilted(photo, dice.uniform(-18, 18), 60)
    photo = _lit(photo, dice.uniform(0.5, 0.8)).filter(ImageFilter.GaussianBlur(1.2))
    return _saved(_noisy(dice, photo, 18), "JPEG", quality=75)


# --- the classes ----------------------------------------------------------------------


def _plain(dice: random.Random) -> Made:
    text = uri(dice)
    return _png(code(text, dice.choice([3, 4, 6]))), [text]


def _inverted(dice: random.Random) -> Made:
    text = uri(dice)
    return _png(ImageOps.invert(code(text))), [text]


def _inverted_grey(dice: random.Random) -> Made:
    text = uri(dice)
    return _png(code(text, dark=205, light=45)), [text]


def _logo(dice: random.Random) -> Made:
    text = uri(dice)
    picture = code(text, 6).convert("RGB")
    side, middle = picture.width // 7, picture.width // 2
    box = (middle - side // 2, middle - side // 2, middle + side // 2, middle + side // 2)
    draw = ImageDraw.Draw(picture)
    draw.rectangle(box, fill="white")
    draw.ellipse(box, fill=(200, 40, 60))
    return _png(picture), [text]


def _rotated(dice: random.Random) -> Made:
    text = uri(dice)
    turned = code(text, 5).rotate(
        dice.uniform(0, 360), Image.Resampling.BICUBIC, expand=True, fillcolor=255
    )
    return _png(turned), [text]


def _tilt(dice: random.Random) -> Made:
    text = uri(dice)
    return _png(_tilted(code(text, 6, 8), dice.choice([-1, 1]) * dice.uniform(25, 45))), [text]


def _blurred(dice: random.Random) -> Made:
    text = uri(dice)
    return _png(code(text, 6).filter(ImageFilter.GaussianBlur(6 * dice.uniform(0.25, 0.6)))), [text]


def _jpeg(quality: int, scale: int) -> Callable[[random.Random], Made]:
    def make(dice: random.Random) -> Made:
        text = uri(dice)
        return _saved(code(text, scale), "JPEG", quality=quality), [text]

    return make


def _one_pixel(dice: random.Random) -> Made:
    text = uri(dice)
    return _png(code(text, 1)), [text]


def _low_contrast(dice: random.Random) -> Made:
    text, middle = uri(dice), dice.randrange(60, 190)
    return _png(_noisy(dice, code(text, 5, dark=middle - 14, light=middle + 14), 3)), [text]


def _colour(dice: random.Random) -> Made:
    text = uri(dice)
    dark = (dice.randrange(90), dice.randrange(90), dice.randrange(120))
    light = tuple(dice.randrange(190, 256) for _ in range(3))
    return _png(ImageOps.colorize(code(text), dark, light)), [text]


def _dots(dice: random.Random) -> Made:
    """Round modules; in half of them the finders are drawn as usual."""
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
    return _png(picture), [text]


def _glare(dice: random.Random) -> Made:
    text = uri(dice)
    picture = _lit(code(text, 6, dark=30, light=220), 0.3)
    glow = Image.new("L", picture.size, 0)
    x, y = (dice.randrange(picture.width) for _ in range(2))
    ImageDraw.Draw(glow).ellipse((x - 60, y - 60, x + 60, y + 60), fill=150)
    return _png(ImageChops.add(picture, glow.filter(ImageFilter.GaussianBlur(40)))), [text]


def _fraction(dice: random.Random) -> Made:
    text = uri(dice)
    large = code(text, 8)
    side = int(large.width / 8 * dice.uniform(1.6, 3.4))
    return _png(large.resize((side, side), Image.Resampling.BILINEAR)), [text]


def _screenshot(size: tuple[int, int], scale: int, dark: bool = False, border: int = 4):
    def make(dice: random.Random) -> Made:
        text = uri(dice)
        return _png(_on_page(dice, code(text, scale, border), size, dark)), [text]

    return make


def _tiny_in_4k(dice: random.Random) -> Made:
    text = uri(dice)
    large = code(text, 8)
    side = int(large.width / 8 * dice.uniform(1.3, 2))
    small = large.resize((side, side), Image.Resampling.BOX)
    return _png(_on_page(dice, small, _UHD, dark=False)), [text]


def _photo(dark: bool) -> Callable[[random.Random], Made]:
    def make(dice: random.Random) -> Made:
        text = uri(dice)
        picture = ImageOps.invert(code(text, 4)) if dark else code(text, 4)
        return _photographed(dice, _on_page(dice, picture, (800, 600), dark, 40)), [text]

    return make


def _four(dice: random.Random) -> Made:
    """Four codes of four sizes, one of them small and one blurred."""
    texts = [uri(dice) for _ in range(4)]
    page = _page(dice, (1400, 1100), dark=False)
    for number, text in enumerate(texts):
        picture = code(text, (2, 3, 4, 5)[number])
        if number == dice.randrange(1, 4):
            picture = picture.filter(ImageFilter.GaussianBlur(1))
        place = (80 + 680 * (number % 2), 60 + 530 * (number // 2))
        page.paste(picture, place)
    return _png(page), texts


def _close_together(dice: random.Random) -> Made:
    """Six codes in a grid, with the two modules between them that a hurried page leaves."""
    texts = [uri(dice) for _ in range(6)]
    codes = [code(text, 3, 1) for text in texts]
    side = max(each.width for each in codes)
    page = Image.new("L", (3 * side + 40, 2 * side + 40), 255)
    for number, each in enumerate(codes):
        page.paste(each, (20 + side * (number % 3), 20 + side * (number // 3)))
    return _png(page), texts


def _export(dice: random.Random) -> Made:
    text = migration(dice)
    return _png(code(text, 3)), [text]


def _export_on_phone(dice: random.Random) -> Made:
    """An export on a phone's dark screen, made small by a messenger."""
    text = migration(dice)
    large = code(text, 6)
    side = int(large.width / 6 * dice.uniform(1.9, 2.5))
    small = large.resize((side, side), Image.Resampling.BICUBIC)
    page = _on_page(dice, small, (side + 120, side * 2 + 120), dark=True)
    return _saved(page, "JPEG", quality=70), [text]


def _transparent(dice: random.Random) -> Made:
    text = uri(dice)
    grey = 255 if dice.random() < 0.3 else 0
    picture = Image.new("RGBA", code(text).size, (0, 0, 0, 0))
    picture.paste((grey, grey, grey, 255), mask=ImageOps.invert(code(text)))
    return _png(picture), [text]


def _dark_page_near_text(dice: random.Random) -> Made:
    """A code with no quiet zone of its own, whose page's text comes within a few pixels."""
    text = uri(dice)
    picture = code(text, dice.choice([3, 4]), 0)
    return _png(_on_page(dice, picture, (1280, 800), dark=True, margin=12)), [text]


def _stained(dice: random.Random) -> Made:
    """A print with stains over a few of its modules."""
    text = uri(dice)
    picture = _noisy(dice, code(text, 6), 30)
    draw = ImageDraw.Draw(picture)
    for _ in range(4):
        x, y = (dice.randrange(90, picture.width - 90) for _ in range(2))
        draw.ellipse((x, y, x + 16, y + 16), fill=dice.choice([0, 255]))
    return _png(picture), [text]


CLASSES: dict[str, Callable[[random.Random], Made]] = {
    "plain": _plain,
    "inverted": _inverted,
    "inverted, grey": _inverted_grey,
    "with a logo": _logo,
    "rotated": _rotated,
    "tilted 25 to 45 degrees": _tilt,
    "blurred by up to 0.6 modules": _blurred,
    "JPEG, quality 20": _jpeg(20, 4),
    "JPEG, quality 10, 2 px a module": _jpeg(10, 2),
    "1 px a module": _one_pixel,
    "low contrast": _low_contrast,
    "in colour": _colour,
    "dots for modules": _dots,
    "glare": _glare,
    "1.6 to 3.4 px a module": _fraction,
    "screenshot, full HD": _screenshot(_FULL_HD, 2),
    "screenshot, dark, full HD": _screenshot(_FULL_HD, 3, dark=True),
    "tiny in a 4K screenshot": _tiny_in_4k,
    "photographed screen": _photo(dark=False),
    "photographed dark screen": _photo(dark=True),
    "four in one picture": _four,
    "six close together": _close_together,
    "export of ten accounts": _export,
    "export on a phone, made small": _export_on_phone,
    "transparent": _transparent,
    "dark page, no quiet zone": _dark_page_near_text,
    "stained print": _stained,
}
