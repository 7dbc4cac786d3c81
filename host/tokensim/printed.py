"""The OLED's picture as the commands print it: in braille if the terminal is too narrow."""

import shutil
import sys

from tokensim import picture


def as_printed(pixels: picture.Pixels) -> str:
    """Return the picture for standard output; if that is not a terminal, picture.as_text()."""
    if not sys.stdout.isatty():
        return picture.as_text(pixels)
    return picture.for_width(pixels, shutil.get_terminal_size().columns)
