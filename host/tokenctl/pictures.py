"""QR codes in a picture.

Pillow loads it, zxing-cpp reads it. What the first look misses is tried again
in ways that paid off on real pictures: another binarizer, twice the size, and
for a transparent picture a black ground in place of the white one. Inverted
and rotated codes are zxing's own business.
"""

import io
import warnings
from collections.abc import Iterator

import zxingcpp
from PIL import Image, ImageOps

from tokenctl.errors import NoQRCode, NotAPicture

PIXELS_MAX = 80_000_000  # a camera's largest, and below Pillow's own limit
_ENLARGED_MAX = 4_000_000  # pixels; larger pictures have no codes too small to see

# Named, so that no decoder is reached that starts a program (EPS does).
_FORMATS = ("PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF", "PPM")
_WHITE, _BLACK = 255, 0

_SIGNATURES = (
    (0, b"%PDF", "this is a PDF document; take a screenshot of the code and use that"),
    (4, b"ftyphei", "this is a HEIC picture, which cannot be read; save it as JPEG or PNG"),
    (4, b"ftypmif1", "this is a HEIC picture, which cannot be read; save it as JPEG or PNG"),
    (0, b"<svg", "this is an SVG drawing, which cannot be read; save it as PNG"),
    (0, b"<?xml", "this is an XML file or an SVG drawing; save the picture as PNG"),
)


def read_codes(data: bytes) -> list[str]:
    """Return the distinct texts of the QR codes in the picture `data`, from top to bottom.

    Raises NotAPicture when it cannot be read, NoQRCode when there is none.
    """
    picture = _load(data)
    for ground in (_WHITE, _BLACK) if _is_transparent(picture) else (_WHITE,):
        for texts in _looks(_grey(picture, ground)):
            if texts:
                return texts
    raise NoQRCode("the picture shows no QR code that can be read; try a sharper or larger one")


def is_picture(data: bytes) -> bool:
    """Return whether `data` begins like a picture, if only one that cannot be read."""
    if _unreadable(data):
        return True
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            Image.open(io.BytesIO(data), formats=_FORMATS).close()
    except Exception:
        return False
    return True


def _load(data: bytes) -> Image.Image:
    clause = _unreadable(data)
    if clause:
        raise NotAPicture(clause)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            picture = Image.open(io.BytesIO(data), formats=_FORMATS)
        except Image.DecompressionBombError:
            raise _too_large() from None
        except Exception:  # Pillow's plug-ins raise whatever a damaged file leads them to
            raise NotAPicture("this is no picture that can be read; PNG and JPEG are") from None
        if picture.width * picture.height > PIXELS_MAX:
            raise _too_large()
        try:
            picture.load()
        except Exception:
            raise NotAPicture("the picture is damaged or cut short") from None
        return _upright(picture)


def _unreadable(data: bytes) -> str | None:
    """Return the clause for a kind of picture that Pillow does not read."""
    for place, signature, clause in _SIGNATURES:
        if data[place : place + len(signature)] == signature:
            return clause
    return None


def _too_large() -> NotAPicture:
    return NotAPicture(
        f"the picture has more than {PIXELS_MAX // 1_000_000} million pixels, which is the limit; "
        "cut the code out of it"
    )


def _upright(picture: Image.Image) -> Image.Image:
    try:
        return ImageOps.exif_transpose(picture)
    except Exception:  # bad EXIF data; the pixels are good
        return picture


def _is_transparent(picture: Image.Image) -> bool:
    return picture.mode in ("LA", "PA", "RGBA", "La", "RGBa") or "transparency" in picture.info


def _grey(picture: Image.Image, ground: int) -> Image.Image:
    """Return the picture in eight-bit grey, what is transparent in the grey of `ground`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if _is_transparent(picture):
            below = Image.new("RGBA", picture.size, (ground, ground, ground, 255))
            return Image.alpha_composite(below, picture.convert("RGBA")).convert("L")
        if picture.mode.startswith("I"):  # 16 bits, which convert() would clip
            return picture.convert("I").point(lambda grey: grey * (1 / 256)).convert("L")
        return picture.convert("L")


def _looks(grey: Image.Image) -> Iterator[list[str]]:
    """Yield the texts of each look at the picture, cheap looks first."""
    # Each of the two finds codes that the other misses, also in the same picture.
    yield _read(grey, zxingcpp.Binarizer.LocalAverage, zxingcpp.Binarizer.GlobalHistogram)
    if grey.width * grey.height <= _ENLARGED_MAX:
        twice = grey.resize((grey.width * 2, grey.height * 2), Image.Resampling.BICUBIC)
        yield _read(twice, zxingcpp.Binarizer.LocalAverage)


def _read(grey: Image.Image, *binarizers: zxingcpp.Binarizer) -> list[str]:
    found: dict[str, zxingcpp.Barcode] = {}
    for binarizer in binarizers:
        for code in zxingcpp.read_barcodes(
            grey,
            formats=zxingcpp.BarcodeFormat.QRCode,  # pyright: ignore[reportArgumentType]
            text_mode=zxingcpp.TextMode.Plain,
            binarizer=binarizer,
        ):
            if code.text:
                found.setdefault(code.text, code)
    return _in_reading_order(found)


def _in_reading_order(codes: dict[str, zxingcpp.Barcode]) -> list[str]:
    """Return the texts by rows; a row is what begins above the middle of its topmost code."""
    boxes: list[tuple[int, int, int, str]] = []
    for text, code in codes.items():
        at = code.position
        corners = (at.top_left, at.top_right, at.bottom_left, at.bottom_right)
        tops, lefts = [each.y for each in corners], [each.x for each in corners]
        boxes.append((min(tops), max(tops), min(lefts), text))
    ordered: list[str] = []
    boxes.sort()
    while boxes:
        middle = (boxes[0][0] + boxes[0][1]) // 2
        row = [box for box in boxes if box[0] <= middle]
        boxes = boxes[len(row) :]
        ordered += [text for _, _, _, text in sorted(row, key=lambda box: box[2])]
    return ordered
