"""Passes over one page of a picture, cheap ones first, until its codes are read.

zxing-cpp sees most codes at the first look, inverted and rotated ones too. What
it misses is looked at again in ways that paid off on difficult pictures: with
another binarizer, patches cut out (see regions), enlarged, made smaller,
sharpened, and with the dots of a drawn code run together.
"""

from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

import zxingcpp
from PIL import Image, ImageDraw, ImageFilter

from tokenctl.pictures.codes import Code, code_of
from tokenctl.pictures.cropping import cut_out
from tokenctl.pictures.regions import regions

_LOCAL, _GLOBAL = zxingcpp.Binarizer.LocalAverage, zxingcpp.Binarizer.GlobalHistogram
_ENLARGED_MAX = 4_000_000  # pixels; larger pictures have no codes too small to see
_TRIPLED_MAX = 1_000_000
_MIDDLE = 128  # a level of grey, below which a module is dark

Codes: TypeAlias = "dict[Code, zxingcpp.Barcode]"


def glance(grey: Image.Image, patient: Callable[[], bool] = lambda: True) -> list[Code]:
    """Return the distinct codes in an eight-bit grey picture, in reading order.

    If there is one, others that a glance misses are searched for. `patient` is
    asked before each look after the first.
    """
    found = _read(grey, _LOCAL, _GLOBAL)
    if not found:
        return []
    more = _beside(_without(grey, found), patient)
    return _in_reading_order(found) + [code for code in more if code not in found]


def look_closely(grey: Image.Image, patient: Callable[[], bool] = lambda: True) -> list[Code]:
    """Return the codes as `glance` does, for a picture in which that found nothing."""
    for look in _looks(grey):
        if not patient():
            break
        found = _read(look(), _LOCAL, _GLOBAL)
        if found:
            return _in_reading_order(found)
    return []


def _beside(rest: Image.Image, patient: Callable[[], bool]) -> list[Code]:
    """Return what is found in patches of a picture whose known codes were painted over."""
    codes: dict[Code, None] = {}
    for patch in regions(rest):
        if not patient():
            break
        for look in (patch, _scaled(patch, 2)):
            codes |= dict.fromkeys(_read(look, _LOCAL))
    return list(codes)


def _without(grey: Image.Image, found: Codes) -> Image.Image:
    """Return a copy in which the codes that were found are painted over."""
    rest = grey.copy()
    draw = ImageDraw.Draw(rest)
    for code in found.values():
        draw.polygon(_corners(code), fill=255)
    return rest


def _looks(grey: Image.Image) -> Iterator[Callable[[], Image.Image]]:
    """Yield ways to look at the picture again, cheap ones first."""
    pixels = grey.width * grey.height
    for patch in cut_out(grey):
        yield lambda patch=patch: patch
    for patch in regions(grey):
        yield lambda patch=patch: patch
    if pixels <= _ENLARGED_MAX:
        yield lambda: _scaled(grey, 2)
    if pixels <= _TRIPLED_MAX:
        yield lambda: _scaled(grey, 3)
    half = _scaled(grey, 1 / 2)
    yield lambda: half
    base = grey if pixels <= _ENLARGED_MAX else half
    for radius in (1, 2, 4):
        yield lambda radius=radius: base.filter(ImageFilter.UnsharpMask(radius, 300, 0))
        yield lambda radius=radius: base.filter(ImageFilter.GaussianBlur(radius))


def _scaled(grey: Image.Image, factor: float) -> Image.Image:
    size = (max(1, int(grey.width * factor)), max(1, int(grey.height * factor)))
    return grey.resize(size, Image.Resampling.BICUBIC)


def _read(grey: Image.Image, *binarizers: zxingcpp.Binarizer) -> Codes:
    found: Codes = {}
    for binarizer in binarizers:
        for code in zxingcpp.read_barcodes(
            grey,
            formats=zxingcpp.BarcodeFormat.QRCode,  # pyrefly: ignore[bad-argument-type]
            text_mode=zxingcpp.TextMode.Plain,
            binarizer=binarizer,
        ):
            if code.text:
                found.setdefault(_code(code), code)
    return found


def _code(read: zxingcpp.Barcode) -> Code:
    """Return the content of a code from its modules, given as an image of one pixel each."""
    image: Any = read.to_image(add_quiet_zones=False)  # a buffer, which its stub does not say
    extra: Any = read.extra
    levels: Any = memoryview(image).tolist()
    rows = [bytes(level < _MIDDLE for level in row) for row in levels]
    return code_of(read.text, read.bytes, rows, read.ec_level, int(extra.get("DataMask", -1)))


def _corners(code: zxingcpp.Barcode) -> list[tuple[int, int]]:
    at = code.position
    corners = (at.top_left, at.top_right, at.bottom_right, at.bottom_left)
    return [(each.x, each.y) for each in corners]


def _in_reading_order(codes: Codes) -> list[Code]:
    """Return the codes by rows; a row is what begins above the middle of its topmost code."""
    boxes: list[tuple[int, int, int, Code]] = []
    for code, read in codes.items():
        lefts, tops = zip(*_corners(read), strict=True)
        boxes.append((min(tops), max(tops), min(lefts), code))
    ordered: list[Code] = []
    boxes.sort(key=lambda box: box[:3])
    while boxes:
        middle = (boxes[0][0] + boxes[0][1]) // 2
        row = [box for box in boxes if box[0] <= middle]
        boxes = boxes[len(row) :]
        ordered += [code for _, _, _, code in sorted(row, key=lambda box: box[2])]
    return ordered
