"""From the bytes of a picture file to its codes, in this process.

Only for trusted bytes, and in the process that may be sacrificed; all others
use reader.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from PIL import Image

from tokenctl.errors import NoQRCode, NotAPicture
from tokenctl.language import _
from tokenctl.pictures.codes import Code
from tokenctl.pictures.pages import pages
from tokenctl.pictures.passes import glance, look_closely
from tokenctl.pictures.structured_append import Sets

PATIENCE = 5.0  # seconds of the processor, for one file
_KEPT_MAX = 100_000_000  # pixels of pages that are to be looked at closely


@dataclass(frozen=True)
class Decoded:
    """The distinct codes in a file, from top to bottom and from the first page to the last.

    `looked_at` is the number of pages searched if time ran out, otherwise None.
    """

    codes: list[Code]
    looked_at: int | None = None

    @property
    def texts(self) -> list[str]:
        """The texts that are complete in this file."""
        return [code.text for code, _ in Sets().take(self.codes)]


def decode(data: bytes, clock: Callable[[], float] = time.process_time) -> Decoded:
    """Return the content of the codes in the picture file `data`.

    Raises NotAPicture if it cannot be read, NoQRCode if there is no code.
    """
    end = clock() + PATIENCE
    try:
        decoded = _decode(data, lambda: clock() <= end)
    except MemoryError:
        raise NotAPicture(_("the picture needs too much memory; crop it to the code")) from None
    if not decoded.codes:
        pages = decoded.looked_at
        if pages is None:
            raise NoQRCode(
                _("no QR code could be read in the picture; try a sharper or larger one")
            )
        raise NoQRCode(
            _(
                "no QR code could be read on the first {pages} pages; try a sharper or larger one"
            ).format(pages=pages)
        )
    return decoded


def _decode(data: bytes, patient: Callable[[], bool]) -> Decoded:
    """Glance at all pages, then look closely at those where nothing was found."""
    seen: list[list[Code]] = []
    blank: list[tuple[int, Image.Image, Iterator[Image.Image]]] = []
    pixels = 0
    looked_at = None
    for page in pages(data):
        if seen and not patient():
            looked_at = len(seen)
            break
        first = next(page, None)
        seen.append([] if first is None else glance(first, patient))
        if first is not None and not seen[-1]:
            pixels += first.width * first.height
            if not blank or pixels <= _KEPT_MAX:
                blank.append((len(seen) - 1, first, page))
    for number, first, others in blank:
        if not patient():  # to find where to look takes its time, too
            break
        seen[number] = _look_closely(first, others, patient)
    codes = dict.fromkeys(code for page in seen for code in page)
    return Decoded(list(codes), looked_at)


def _look_closely(
    first: Image.Image, others: Iterator[Image.Image], patient: Callable[[], bool]
) -> list[Code]:
    found = look_closely(first, patient)
    while not found and patient():
        rendering = next(others, None)
        if rendering is None:
            break
        found = glance(rendering, patient) or look_closely(rendering, patient)
    return found
