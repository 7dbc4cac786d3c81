"""QR codes in pictures of every kind that a user may have."""

import contextlib
import io
import itertools
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import segno
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageFilter, ImageOps
from unit.broken_pictures import CORPUS

from tokenctl.errors import NoQRCode, NotAPicture
from tokenctl.pictures import Reader, is_picture, pages, passes
from tokenctl.pictures.decoder import decode

SAMPLES = Path(__file__).parents[1] / "data" / "pictures"
TEXT = "otpauth://totp/Example:alice?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Example"


def read_codes(data: bytes) -> list[str]:
    return decode(data).texts


def code(text: str = TEXT, scale: int = 4, border: int = 4) -> Image.Image:
    file = io.BytesIO()
    segno.make(text, micro=False).save(file, kind="png", scale=scale, border=border)
    return Image.open(file).convert("RGB")


def saved(picture: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def pdf(*pictures: Image.Image, resolution: float = 100, sheet: tuple[int, int] = (850, 1100)):
    """A document with each picture at the middle of a page, at so many pixels an inch."""
    sheets: list[Image.Image] = []
    for picture in pictures:
        page = Image.new("L", sheet, 255)
        page.paste(picture, ((sheet[0] - picture.width) // 2, (sheet[1] - picture.height) // 2))
        sheets.append(page)
    return saved(sheets[0], "PDF", save_all=True, append_images=sheets[1:], resolution=resolution)


def transparent(modules: tuple[int, int, int]) -> Image.Image:
    """Modules of this colour on a ground that is not there."""
    picture = Image.new("RGBA", code().size, (0, 0, 0, 0))
    picture.paste((*modules, 255), mask=ImageOps.invert(code().convert("L")))
    return picture


def grey16() -> Image.Image:
    grey = code().convert("L")
    return Image.frombytes(
        "I;16", grey.size, b"".join(bytes((0, 40 + (value >> 1))) for value in grey.tobytes())
    )


def dark_page() -> Image.Image:
    page = Image.new("RGB", (600, 500), (30, 30, 30))
    page.paste(code(), (90, 60))
    return page


def shrunk(modules: float, method: Image.Resampling, blur: float) -> Image.Image:
    """The code with so many pixels a module, as a bad screenshot has it."""
    large = code(scale=8).convert("L")
    side = int(large.width / 8 * modules)
    return large.resize((side, side), method).filter(ImageFilter.GaussianBlur(blur))


def blurred_on_a_large_page() -> Image.Image:
    page = Image.new("L", (2400, 2000), 200)
    page.paste(shrunk(2, Image.Resampling.BILINEAR, 0.7), (100, 100))
    return page


PICTURES: dict[str, Callable[[], bytes]] = {
    "png": lambda: saved(code()),
    "black and white": lambda: saved(code().convert("1")),
    "palette": lambda: saved(code().convert("P")),
    "16 bits": lambda: saved(grey16()),
    "jpeg": lambda: saved(code(), "JPEG", quality=60),
    "jpeg in CMYK": lambda: saved(code().convert("CMYK"), "JPEG"),
    "jpeg with a second picture": lambda: saved(
        code(), "MPO", save_all=True, append_images=[code("other")]
    ),
    "tiff": lambda: saved(code(), "TIFF"),
    "bmp": lambda: saved(code(), "BMP"),
    "pdf": lambda: pdf(code()),
    # 45 modules of 8 px at 1200 px an inch: 8 mm across, which 144 dpi cannot show.
    "pdf, 8 mm across": lambda: pdf(code(scale=8), resolution=1200, sheet=(4000, 5000)),
    "gif": lambda: saved(code().convert("P"), "GIF"),
    "webp": lambda: saved(code(), "WEBP"),
    "transparent": lambda: saved(transparent((0, 0, 0))),
    "transparent, light modules": lambda: saved(transparent((255, 255, 255))),
    "transparent palette": lambda: saved(
        transparent((0, 0, 0)).quantize(4, method=Image.Quantize.FASTOCTREE)
    ),
    "inverted": lambda: saved(ImageOps.invert(code())),
    "rotated 90": lambda: saved(code().rotate(90)),
    "rotated 20": lambda: saved(code().rotate(20, expand=True, fillcolor="white")),
    "mirrored": lambda: saved(ImageOps.mirror(code())),
    "one pixel a module": lambda: saved(code(scale=1)),
    "on a dark page": lambda: saved(dark_page()),
    "too small at first sight": lambda: saved(shrunk(1.3, Image.Resampling.BOX, 0)),
    "blurred on a large page": lambda: saved(blurred_on_a_large_page()),
    "low contrast": lambda: saved(code().point([110 + grey // 8 for grey in range(256)] * 3)),
}


@pytest.mark.parametrize("kind", PICTURES)
def test_read(kind: str) -> None:
    assert read_codes(PICTURES[kind]()) == [TEXT]


def test_the_camera_says_which_side_is_up() -> None:
    row = Image.new("RGB", (400, 200), "white")
    row.paste(code("left"), (20, 20))
    row.paste(code("right"), (220, 20))
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90 degrees clockwise before it is shown
    data = saved(row.rotate(90, expand=True), "JPEG", exif=exif)
    assert read_codes(data) == ["left", "right"]


def test_several_codes_come_in_reading_order_each_once() -> None:
    page = Image.new("RGB", (1000, 900), "white")
    for text, place in {
        "one": (40, 60), "two, which is much longer than the first": (340, 20),
        "three": (700, 70), "four": (90, 500), "five": (600, 460),
    }.items():  # fmt: skip
        page.paste(code(text, scale=6), place)
    page.paste(code("one", scale=6), (320, 520))
    assert read_codes(saved(page)) == [
        "one", "two, which is much longer than the first", "three", "four", "five",
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["caf\u00e9", "\u6a61\U0001f600", "a\x1db", "<SOH>"])
def test_the_text_comes_as_it_was_written(text: str) -> None:
    assert read_codes(saved(code(text))) == [text]


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP", "TIFF"])
def test_every_frame_is_looked_at_and_each_text_comes_once(kind: str) -> None:
    frames = [code(text).resize((180, 180)) for text in ("one", "two", "two", "one", "three")]
    options = {"lossless": True} if kind == "WEBP" else {}
    data = saved(frames[0], kind, save_all=True, append_images=frames[1:], **options)
    assert read_codes(data) == ["one", "two", "three"]


def test_every_page_is_looked_at() -> None:
    assert read_codes(pdf(code("one"), code("two"), code("one"), code("three"))) == [
        "one", "two", "three",
    ]  # fmt: skip


@pytest.mark.slow
def test_a_page_without_a_code_is_passed_over() -> None:
    assert read_codes(pdf(Image.new("L", (9, 9), 255), code("two"))) == ["two"]


def test_what_there_was_no_time_for_is_said() -> None:
    ticks = iter(range(0, 10**6, 2))  # seconds of the processor's time, at each look at the clock
    decoded = decode(pdf(*(code(str(n)) for n in range(9))), lambda: float(next(ticks)))
    assert decoded.texts and decoded.looked_at is not None
    assert len(decoded.texts) == decoded.looked_at < 9
    ticks = iter(range(0, 10**6, 2))
    blank = [Image.new("L", (9, 9), 255)] * 9
    with pytest.raises(NoQRCode, match="no QR code could be read on the first [0-9] pages"):
        decode(pdf(*blank), lambda: float(next(ticks)))


def test_a_pdf_that_asks_for_a_password() -> None:
    with pytest.raises(NotAPicture, match="requires a password"):
        read_codes(CORPUS["PDF with a password"]())


def test_no_code() -> None:
    with pytest.raises(NoQRCode):
        read_codes((SAMPLES / "no-code.png").read_bytes())


def test_another_barcode_is_no_qr_code() -> None:
    stripes = Image.new("L", (300, 100), 255)
    for left in range(20, 280, 7):
        stripes.paste(0, (left, 10, left + 3, 90))
    with pytest.raises(NoQRCode):
        read_codes(saved(stripes))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "BMP", "TIFF"])
@pytest.mark.parametrize("part", [0.1, 0.5, 0.9])
def test_a_picture_cut_short(kind: str, part: float) -> None:
    noise = Image.frombytes("RGB", (200, 200), random.Random(1).randbytes(120_000))
    data = saved(noise, kind)
    with pytest.raises(NotAPicture):
        read_codes(data[: int(len(data) * part)])


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "not a picture"),
        (b"hello", "not a picture"),
        (bytes(1000), "not a picture"),
        (b"\x89PNG\r\n\x1a\n", "not a picture"),
        (b"\xff\xd8\xff\xe0", "not a picture"),
        (b"%PDF-1.7\n", "PDF document is damaged"),
        (b"\0\0\0\x18ftypavif\0\0\0\0", "AVIF"),
        (b"\0\0\0\x18ftypheic\0\0\0\0", "HEIC"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "SVG"),
        (b"<?xml version='1.0'?>\n<!-- drawn -->\n<svg/>", "SVG"),
        (b"<?xml version='1.0'?>\n<note/>", "not a picture"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "not a picture"),
    ],
)
def test_what_is_no_picture(data: bytes, words: str) -> None:
    with pytest.raises(NotAPicture, match=words):
        read_codes(data)


def hurried() -> Callable[[], float]:
    """A clock by which there is time for a glance only."""
    return itertools.count(0, 10**6).__next__


def test_when_time_is_up_no_page_is_looked_at_closely(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even for where to look, which for many pages would take as long again."""
    monkeypatch.setattr(passes, "cut_out", lambda grey: pytest.fail("looked closely"))
    with pytest.raises(NoQRCode):
        decode(pdf(*[Image.new("L", (90, 90), 255)] * 3), hurried())


@pytest.mark.slow
@pytest.mark.parametrize("count", [20, pytest.param(600, marks=pytest.mark.long)])
def test_damaged_pictures_are_refused_or_read_and_nothing_else(count: int) -> None:
    dice = random.Random(2)
    for original in (
        saved(code()),
        saved(code(), "JPEG"),
        saved(code().convert("P"), "GIF"),
        saved(code(), "WEBP", lossless=True),
        saved(code(), "TIFF", compression="tiff_lzw"),
        pdf(code()),
    ):
        for _ in range(count):
            data = bytearray(original)
            for _ in range(dice.randint(1, 6)):
                data[dice.randrange(len(data))] = dice.randrange(256)
            with contextlib.suppress(NotAPicture, NoQRCode):
                decode(bytes(data), hurried())


@given(
    st.sampled_from(
        [
            b"",
            b"\x89PNG\r\n\x1a\n",
            b"\xff\xd8\xff",
            b"GIF89a",
            b"BM",
            b"%PDF-1.7\n",
            b"RIFF\x40\0\0\0WEBPVP8 ",
            b"II*\0",
            b"P6 9 9 255\n",
        ]
    ),
    st.binary(max_size=300),
)
def test_any_bytes_are_refused_or_read_and_nothing_else(beginning: bytes, rest: bytes) -> None:
    with contextlib.suppress(NotAPicture, NoQRCode):
        decode(beginning + rest, hurried())


@pytest.mark.parametrize("side", [10_000, pytest.param(20_000, marks=pytest.mark.slow)])
def test_a_decompression_bomb(side: int) -> None:
    bomb = saved(Image.new("1", (side, side)))
    assert len(bomb) < 100_000
    with pytest.raises(NotAPicture, match="million pixels"):
        read_codes(bomb)


def test_the_limit_leaves_room_for_a_camera() -> None:
    assert pages.PIXELS_MAX >= 50_000_000


def test_is_picture() -> None:
    assert is_picture(saved(code(), "JPEG"))
    assert is_picture(b"%PDF-1.7")
    assert not is_picture(TEXT.encode())


def test_xml_is_a_picture_only_if_it_is_a_drawing() -> None:
    declaration = b'<?xml version="1.0"?>\n'
    comment = b"<!-- %s -->\n" % (b"licence " * 1000)
    assert is_picture(b"<svg/>") and is_picture(declaration + comment + b"<svg/>")
    assert not is_picture(declaration + b"<map/>")
    with Reader() as reader, pytest.raises(NotAPicture, match="SVG drawing"):
        reader.read(declaration + comment + b"<svg/>")


def test_the_samples_are_what_their_maker_makes(tmp_path: Path) -> None:
    script = tmp_path / "make.py"
    script.write_bytes((SAMPLES / "make.py").read_bytes())
    subprocess.run([sys.executable, str(script)], check=True)
    made = sorted(tmp_path.glob("*.png"))
    assert [each.name for each in made] == sorted(each.name for each in SAMPLES.glob("*.png"))
    for each in made:
        with Image.open(each) as new, Image.open(SAMPLES / each.name) as kept:
            assert (new.mode, new.size, new.tobytes()) == (kept.mode, kept.size, kept.tobytes())
