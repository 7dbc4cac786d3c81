"""Files that are to do harm to who reads them as a picture, made anew each time.

Cut short, of another kind than they say, small as a file and huge in memory, and PDF
documents that never end. CORPUS names each and makes it.
"""

import io
import random
import struct
import zlib
from collections.abc import Callable

import segno
from PIL import Image

TEXT = "otpauth://totp/Example:alice?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Example"


def good(kind: str) -> bytes:
    """A picture with a code, as a good file."""
    file, code = io.BytesIO(), io.BytesIO()
    segno.make(TEXT, micro=False).save(code, kind="png", scale=4)
    Image.open(code).convert("RGB").save(file, kind)
    return file.getvalue()


def cut(kind: str, part: float) -> Callable[[], bytes]:
    return lambda: (data := good(kind))[: int(len(data) * part)]


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def packed(block: bytes, count: int) -> bytes:
    """Return `count` blocks as zlib packs them (RFC 1950): each as the first, packed once."""
    packer = zlib.compressobj(9)
    head = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)
    one = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)
    total = 1
    for _ in range(count):
        total = zlib.adler32(block, total)
    return head + one * (count - 1) + b"\x03\x00" + struct.pack(">I", total)


def png(width: int, height: int, depth: int = 8, colour: int = 0, body: bytes = b"") -> bytes:
    """A PNG that says it is so large, with `body` for its compressed pixels."""
    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return b"".join(
        (b"\x89PNG\r\n\x1a\n", chunk(b"IHDR", head), chunk(b"IDAT", body), chunk(b"IEND", b""))
    )


def png_bomb(side: int, colour: int, channels: int) -> bytes:
    """A PNG of `side` pixels squared, all the same, whose file is about a thousandth of it."""
    rows = 100
    assert side % rows == 0
    body = packed(bytes(rows * (1 + side * channels)), side // rows)
    return png(side, side, 8, colour, body)


def png_text_bomb() -> bytes:
    """A small PNG with comments of 200 MB."""
    comment = b"c\0\0" + packed(bytes(1_000_000), 50)
    data = good("PNG")
    return data[:33] + chunk(b"zTXt", comment) * 4 + data[33:]


def gif_of_many_frames() -> bytes:
    frames = [Image.new("P", (2500, 2500), number) for number in range(100)]
    file = io.BytesIO()
    frames[0].save(file, "GIF", save_all=True, append_images=frames[1:])
    return file.getvalue()


def tiff_loop() -> bytes:
    """A TIFF whose directory is followed by itself."""
    entries = ((256, 4, 9), (257, 4, 9), (258, 3, 8), (259, 3, 1), (262, 3, 1), (273, 4, 200),
               (278, 4, 9), (279, 4, 81))  # fmt: skip
    body = struct.pack("<H", len(entries))
    body += b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in entries)
    data = b"II*\0" + struct.pack("<I", 8) + body + struct.pack("<I", 8)
    return data.ljust(200, b"\0") + bytes(81)


def pdf(*objects: bytes, trailer: bytes = b"") -> bytes:
    """A PDF document of these objects, the first one being its catalogue."""
    data, places = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    count = len(objects) + 1
    return data + (
        b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<</Size %d/Root 1 0 R%s>>\n"
        b"startxref\n%d\n%%%%EOF" % (count, table, count, trailer, len(data))
    )


def stream(body: bytes, extra: bytes = b"") -> bytes:
    return b"<<%s/Length %d>>stream\n%s\nendstream" % (extra, len(body), body)


CATALOGUE = b"<</Type/Catalog/Pages 2 0 R>>"
ONE_PAGE = b"<</Type/Pages/Kids[3 0 R]/Count 1>>"


def pdf_page(content: bytes, box: bytes = b"0 0 600 800", resources: bytes = b"", *more: bytes):
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[%s]/Contents 4 0 R/Resources<<%s>>>>"
    return pdf(CATALOGUE, ONE_PAGE, page % (box, resources), content, *more)


def pdf_stream_bomb() -> bytes:
    """A page of two gigabytes of drawing, compressed twice."""
    twice = zlib.compress(packed(b"0 0 m 9 9 l S\n" * 70_000, 300), 9)
    return pdf_page(stream(twice, b"/Filter[/FlateDecode/FlateDecode]"))


def pdf_heavy_drawing() -> bytes:
    """A page that asks for a hundred million strokes across all of it."""
    body = packed(b"9 w 0 0 m 600 800 l 0 800 l 600 0 l B*\n" * 20_000, 100)
    return pdf_page(stream(body, b"/Filter/FlateDecode"))


def pdf_form_tower() -> bytes:
    """Forms that draw ten others each, ten levels high: ten thousand million drawings."""
    depth = 10
    forms = []
    for level in range(depth):
        body = b"/F Do " * 10 if level < depth - 1 else b"0 0 9 9 re f"
        resources = b"/Resources<</XObject<</F %d 0 R>>>>" % (6 + level)
        forms.append(stream(body, b"/Type/XObject/Subtype/Form/BBox[0 0 600 800]" + resources))
    return pdf_page(stream(b"/F Do"), b"0 0 600 800", b"/XObject<</F 5 0 R>>", *forms)


def pdf_huge_image() -> bytes:
    """An image of 60000 pixels squared on a page."""
    body = packed(bytes(60_000), 2000)
    extra = (
        b"/Type/XObject/Subtype/Image/Width 60000/Height 60000/ColorSpace/DeviceGray"
        b"/BitsPerComponent 8/Filter/FlateDecode"
    )
    return pdf_page(
        stream(b"600 0 0 800 0 0 cm /I Do"), b"0 0 600 800", b"/XObject<</I 5 0 R>>",
        stream(body, extra),
    )  # fmt: skip


def pdf_many_pages() -> bytes:
    """Three thousand pages of noise."""
    kids = b" ".join(b"3 0 R" for _ in range(3000))
    body = b"0 0 9 9 re f " * 500
    return pdf(
        CATALOGUE, b"<</Type/Pages/Count 3000/Kids[%s]>>" % kids,
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R>>", stream(body),
    )  # fmt: skip


def pdf_with_password() -> bytes:
    keys = b"/O<%s>/U<%s>" % (b"ab" * 32, b"cd" * 32)
    return pdf(
        CATALOGUE, ONE_PAGE, b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>",
        b"<</Filter/Standard/V 1/R 2/P -4%s>>" % keys,
        trailer=b"/Encrypt 4 0 R/ID[<0011><0011>]",
    )  # fmt: skip


def noise(size: int) -> bytes:
    return random.Random(3).randbytes(size)


CORPUS: dict[str, Callable[[], bytes]] = {
    **{
        f"{kind}, cut at {part}": cut(kind, part)
        for kind in ("PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF", "PDF")
        for part in (0.02, 0.3, 0.8)
    },
    "noise": lambda: noise(5000),
    "PNG's beginning, then noise": lambda: b"\x89PNG\r\n\x1a\n" + noise(5000),
    "JPEG's beginning, then noise": lambda: b"\xff\xd8\xff\xe0" + noise(5000),
    "GIF's beginning, then noise": lambda: b"GIF89a" + noise(5000),
    "WebP's beginning, then noise": lambda: b"RIFF\x88\x13\0\0WEBPVP8L" + noise(5000),
    "TIFF's beginning, then noise": lambda: b"II*\0\x08\0\0\0" + noise(5000),
    "BMP's beginning, then noise": lambda: b"BM" + noise(5000),
    "PDF's beginning, then noise": lambda: b"%PDF-1.7\n" + noise(5000),
    "PNG with a body of JPEG": lambda: good("PNG")[:40] + good("JPEG"),
    "EPS, which is a program": lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n{}loop\n",
    "ZIP": lambda: b"PK\3\4" + noise(500),
    "program": lambda: b"\x7fELF\2\1\1" + noise(500),
    "PNG, 100 megapixels": lambda: png_bomb(10_000, 0, 1),
    "PNG, 79 megapixels with transparency": lambda: png_bomb(8900, 6, 4),
    "PNG that says 4 gigapixels": lambda: png(65_535, 65_535, body=zlib.compress(bytes(99))),
    "PNG that says 2^62 pixels": lambda: png(2**31 - 1, 2**31 - 1, body=zlib.compress(bytes(99))),
    "PNG of no pixels": lambda: png(0, 0),
    "PNG with 200 MB of comments": png_text_bomb,
    "BMP that says 2 gigapixels": lambda: b"BM" + struct.pack(
        "<IIIIiiHHIIIIII", 999, 0, 54, 40, 46_000, 46_000, 1, 24, 0, 0, 0, 0, 0, 0) + bytes(900),
    "GIF of a hundred large frames": gif_of_many_frames,
    "TIFF that goes round": tiff_loop,
    "PDF without pages": lambda: pdf(CATALOGUE, b"<</Type/Pages/Kids[]/Count 0>>"),
    "PDF whose pages are itself": lambda: pdf(CATALOGUE, b"<</Type/Pages/Kids[2 0 R]/Count 9>>"),
    "PDF that says 10^9 pages": lambda: pdf(
        CATALOGUE, b"<</Type/Pages/Kids[3 0 R]/Count 1000000000>>", b"<</Type/Page/Parent 2 0 R>>"),
    "PDF of a sheet of a million inches": lambda: pdf_page(stream(b""), b"0 0 72000000 72000000"),
    "PDF of a sheet of no width": lambda: pdf_page(stream(b""), b"0 0 0 800"),
    "PDF of a sheet as thin as a hair": lambda: pdf_page(stream(b""), b"0 0 0.001 99999999"),
    "PDF of gigabytes, compressed twice": pdf_stream_bomb,
    "PDF of millions of strokes": pdf_heavy_drawing,
    "PDF of forms in forms": pdf_form_tower,
    "PDF with an image of 3.6 gigapixels": pdf_huge_image,
    "PDF of three thousand pages": pdf_many_pages,
    "PDF with a password": pdf_with_password,
}  # fmt: skip
