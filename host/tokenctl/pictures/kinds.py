"""What kind of picture a file is, by how it begins. Decodes nothing, so needs no caution."""

from tokenctl.language import _, marked

_READABLE = (
    (0, b"\x89PNG"),
    (0, b"\xff\xd8\xff"),  # JPEG
    (0, b"GIF8"),
    (0, b"BM"),
    (8, b"WEBP"),
    (0, b"II*\0"),  # TIFF, four ways
    (0, b"MM\0*"),
    (0, b"II+\0"),
    (0, b"MM\0+"),
    *((0, b"P%d" % number + space) for number in range(1, 7) for space in (b"\n", b" ")),  # PPM
)
_HEIC = marked("this is a HEIC picture, which is not supported; save it as JPEG or PNG")
_SVG = marked("this is an SVG drawing, which is not supported; save it as PNG")
_UNREADABLE = (
    *((4, b"ftyp" + brand, _HEIC) for brand in (b"hei", b"hev", b"mif1", b"msf1")),
    (
        4,
        b"ftypavi",
        marked("this is an AVIF picture, which is not supported; save it as JPEG or PNG"),
    ),
    (0, b"<svg", _SVG),
)

HEAD = 1024  # bytes are enough to tell


def is_picture(data: bytes) -> bool:
    """Return whether `data` begins like a picture, even one of a kind that cannot be read."""
    return bool(unreadable(data)) or _begins(data, _READABLE) or is_pdf(data)


def is_pdf(data: bytes) -> bool:
    """Return whether `data` begins like a PDF document; some have a few bytes in front."""
    return not _begins(data, _READABLE) and b"%PDF" in data[:HEAD]


def unreadable(data: bytes) -> str | None:
    """Return the clause for a kind of picture that cannot be read, None for any other."""
    for place, signature, clause in _UNREADABLE:
        if data[place : place + len(signature)] == signature:
            return _(clause)
    if data.startswith(b"<?xml") and b"<svg" in data[:HEAD]:  # other XML may be an app's export
        return _(_SVG)
    return None


def _begins(data: bytes, signatures: tuple[tuple[int, bytes], ...]) -> bool:
    return any(data[place : place + len(sign)] == sign for place, sign in signatures)
