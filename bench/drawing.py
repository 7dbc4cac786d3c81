"""The elements of difficult pictures: codes, pages of text, light, noise and a camera."""

import io
import math
import random
from typing import TypeAlias

import segno
from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

FULL_HD, UHD = (1920, 1080), (3840, 2160)
_WORDS = "the account of every member is kept safe by a second factor scan this code now".split()  # noqa: SIM905

Made: TypeAlias = "tuple[bytes, list[str]]"  # a picture file and what its codes say


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
    inner = (len(rows) * scale, len(rows) * scale)
    place = (border * scale, border * scale)
    ground.paste(picture.resize(inner, Image.Resampling.NEAREST), place)
    return ground


def png(picture: Image.Image) -> bytes:
    return saved(picture, "PNG", compress_level=1)


def saved(picture: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def text_page(
    dice: random.Random, size: tuple[int, int], dark: bool, lines: int = 30
) -> Image.Image:
    """Return a page of text, light or dark."""
    page = Image.new("L", size, 32 if dark else 250)
    draw = ImageDraw.Draw(page)
    step = size[1] // (lines + 1)
    font = ImageFont.load_default(max(9, int(step * 0.7)))
    for line in range(lines):
        words = " ".join(dice.choices(_WORDS, k=max(3, size[0] // (step * 4))))
        draw.text((step, step // 2 + line * step), words, 205 if dark else 45, font=font)
    return page


def on_page(
    dice: random.Random, picture: Image.Image, size: tuple[int, int], dark: bool, margin: int = 24
) -> Image.Image:
    """Put a picture at a random place on a page of text, with a margin of `margin` pixels."""
    page = text_page(dice, size, dark)
    left = dice.randrange(margin, size[0] - picture.width - margin)
    top = dice.randrange(margin, size[1] - picture.height - margin)
    clearing = (left - margin, top - margin, left + picture.width + margin)
    page.paste(32 if dark else 250, (*clearing, top + picture.height + margin))
    page.paste(picture, (left, top))
    return page


def noisy(dice: random.Random, picture: Image.Image, strength: int) -> Image.Image:
    noise = Image.frombytes("L", picture.size, dice.randbytes(picture.width * picture.height))
    noise = noise.point([value * 2 * strength // 255 for value in range(256)])
    return ImageChops.add(picture, noise, 1, -strength)


def lit(picture: Image.Image, dark_side: float) -> Image.Image:
    """Return the picture lit from the left, with `dark_side` of the light at its right edge."""
    ramp = Image.linear_gradient("L").rotate(90).resize(picture.size)
    light = ramp.point([int(255 * (dark_side + (1 - dark_side) * v / 255)) for v in range(256)])
    return ImageChops.multiply(picture, light)


def tilted(picture: Image.Image, degrees: float, ground: int = 255) -> Image.Image:
    """Return the picture rotated about its vertical axis, seen from 2.2 widths away."""
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


def photographed(dice: random.Random, screen: Image.Image) -> bytes:
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
    photo = tilted(photo, dice.uniform(-18, 18), 60)
    photo = lit(photo, dice.uniform(0.5, 0.8)).filter(ImageFilter.GaussianBlur(1.2))
    return saved(noisy(dice, photo, 18), "JPEG", quality=75)
