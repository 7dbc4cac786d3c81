"""The process that reads the clipboard: `python -P -m tokenctl.capture.clipboard_worker`.

A line of JSON goes to standard output: null where there is no clipboard, else the
text and the names of files in it; after the line comes a picture as a PNG file, if
there is one. Pictures there are compressed by strangers: this process has the
limits of the one that decodes picture files, and may die of them.
"""

import json
import struct
import sys
import zlib
from collections.abc import Callable
from typing import TypeVar

import copykitten

from tokenctl.capture.clipboard import UNAVAILABLE
from tokenctl.pictures.worker import limit

_TEXT_MAX = 1024 * 1024  # characters; beyond it, it is no list of URIs
_Any = TypeVar("_Any")


def main() -> None:
    """Print what the clipboard holds."""
    limit()
    output = sys.stdout.buffer
    try:
        text = _of(copykitten.paste, "")
        paths = [str(path) for path in _of(copykitten.paste_paths, [])]
        image = _of(copykitten.paste_image, None)
    except ConnectionError:
        output.write(b"null\n")
        return
    output.write(json.dumps({"text": text[:_TEXT_MAX], "paths": paths}).encode() + b"\n")
    if image is not None:
        pixels, width, height = image
        output.write(png(bytes(pixels), width, height))


def _of(paste: Callable[[], _Any], nothing: _Any) -> _Any:
    """Return the content of one kind, or `nothing`; raise ConnectionError without a clipboard."""
    try:
        return paste()
    except copykitten.CopykittenError as error:
        if UNAVAILABLE in str(error):
            raise ConnectionError from None
        return nothing


def png(pixels: bytes, width: int, height: int) -> bytes:
    """Return a PNG file of pixels in RGBA (PNG specification, sections 5 and 11.2)."""
    rows = range(0, len(pixels), 4 * width)
    lines = b"".join(b"\0" + pixels[row : row + 4 * width] for row in rows)
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)),
        (b"IDAT", zlib.compress(lines, 1)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


if __name__ == "__main__":
    main()
