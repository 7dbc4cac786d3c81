"""The pages of a picture file as eight-bit grey: one, each frame, or each page of a PDF.

It decodes untrusted files, so it runs in a process of its own (see reader).
"""

import hashlib
import io
import warnings
from collections.abc import Iterator

from PIL import Image

from tokenctl.errors import NotAPicture
from tokenctl.language import _
from tokenctl.pictures import file_type

PIXELS_MAX = 80_000_000  # a camera's largest, and below Pillow's own limit
_PDF_PIXELS_MAX = 40_000_000  # of a page; a larger sheet is rendered more coarsely
_DPI = (144, 288)  # below 144 a small code on A4 is lost

# Listed by name, so that no decoder is used that starts a program (EPS does).
_FORMATS = ("PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF", "PPM")
_ANIMATED = ("PNG", "GIF", "WEBP", "TIFF")  # a second picture in a JPEG is a preview
_WHITE, _BLACK = 255, 0
_ORIENTATION = 0x0112  # the EXIF tag: which side is up
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def pages(data: bytes) -> Iterator[Iterator[Image.Image]]:
    """Yield the pages, each as one or more renderings, the likeliest first.

    A frame that repeats an earlier one has none.
    Raises NotAPicture if the file, or any of its pages, cannot be read.
    """
    clause = file_type.unreadable(data)
    if clause:
        raise NotAPicture(clause)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield from _sheets(data) if file_type.is_pdf(data) else _frames(data)


def _frames(data: bytes) -> Iterator[Iterator[Image.Image]]:
    try:
        picture = Image.open(io.BytesIO(data), formats=_FORMATS)
    except Image.DecompressionBombError:
        raise _too_large() from None
    except Exception:  # Pillow's plug-ins raise whatever a damaged file leads them to
        raise NotAPicture(
            _("this is not a picture that can be read; PNG, JPEG and PDF are supported")
        ) from None
    seen: set[bytes] = set()
    number = 0
    while _seek(picture, number):
        if picture.width * picture.height > PIXELS_MAX:
            raise _too_large()
        try:
            picture.draft("L", picture.size)  # a JPEG need not be decoded in colour
            picture.load()
            renderings = [_grey(picture, ground) for ground in _grounds(picture)]
        except MemoryError:
            raise
        except Exception:
            raise NotAPicture(_("the picture is damaged or cut short")) from None
        digest = hashlib.sha256(renderings[0].tobytes()).digest()
        yield iter(() if digest in seen else renderings)
        seen.add(digest)
        number += 1


def _seek(picture: Image.Image, number: int) -> bool:
    """Go to a frame; return False if there is no such frame."""
    if number == 0:
        return True
    if picture.format not in _ANIMATED:
        return False
    try:
        picture.seek(number)
    except EOFError:
        return False
    except Image.DecompressionBombError:
        raise _too_large() from None
    except MemoryError:
        raise
    except Exception:
        raise NotAPicture(_("the picture is damaged or cut short")) from None
    return True


def _too_large() -> NotAPicture:
    return NotAPicture(
        _("the picture exceeds the limit of {millions} million pixels; crop it to the code").format(
            millions=PIXELS_MAX // 1000000
        )
    )


def _is_transparent(picture: Image.Image) -> bool:
    return picture.mode in ("LA", "PA", "RGBA", "La", "RGBa") or "transparency" in picture.info


def _grounds(picture: Image.Image) -> tuple[int, ...]:
    """Return the possible backgrounds: light modules on transparency are meant for a dark page."""
    return (_WHITE, _BLACK) if _is_transparent(picture) else (_WHITE,)


def _grey(picture: Image.Image, ground: int) -> Image.Image:
    """Return the picture upright in eight-bit grey, with transparency filled by `ground`."""
    if _is_transparent(picture):
        colours = picture if picture.mode in ("LA", "RGBA") else picture.convert("RGBA")
        below = Image.new("L", picture.size, ground)
        grey = Image.composite(colours.convert("L"), below, colours.getchannel("A"))
    elif picture.mode.startswith("I"):  # 16 bits, which convert() would clip
        grey = picture.convert("I").point(lambda level: level * (1 / 256)).convert("L")
    else:
        grey = picture.convert("L")
    try:
        turn = _TURNS.get(picture.getexif().get(_ORIENTATION, 1))
    except Exception:  # bad EXIF data; the pixels are good
        turn = None
    return grey if turn is None else grey.transpose(turn)


def _sheets(data: bytes) -> Iterator[Iterator[Image.Image]]:
    import pypdfium2  # takes its time to load, and few need it

    try:
        document = pypdfium2.PdfDocument(data)
        count = len(document)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower():
            raise NotAPicture(
                _(
                    "this PDF document requires a password; take a screenshot of the code "
                    "and use that"
                )
            ) from None
        raise NotAPicture(_("this PDF document is damaged or cut short")) from None
    if not count:
        raise NotAPicture(_("this PDF document has no pages"))
    for number in range(count):
        try:
            page = document[number]
        except pypdfium2.PdfiumError:
            raise NotAPicture(
                _("page {page} of this PDF document is damaged").format(page=number + 1)
            ) from None
        yield _renderings(page)


def _renderings(page) -> Iterator[Image.Image]:
    width, height = page.get_size()  # points, 72 to the inch
    largest = (_PDF_PIXELS_MAX / max(1.0, width * height)) ** 0.5
    for dpi in _DPI:
        scale = min(dpi / 72, largest)
        if scale * min(width, height) < 1:
            return
        yield page.render(scale=scale, grayscale=True).to_pil().convert("L")
        if scale == largest:
            return
