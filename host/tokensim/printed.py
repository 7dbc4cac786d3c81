"""What the OLED shows, as the commands print it: a terminal may be too narrow for half blocks."""

import shutil
import sys

from tokensim import picture


def as_printed(pixels: picture.Pixels) -> str:
    """Return the picture for standard output; where that is no terminal, `picture.as_text`."""
    if not sys.stdout.isatty():
        return picture.as_text(pixels)
    return picture.for_width(pixels, shutil.get_terminal_size().columns)
