"""Help in the reader's language: click passes English, which is translated here.

The texts stay where click wants them, in docstrings and in `help=`, and are looked up when they
are printed. A catalogue has them as `inspect.cleandoc` leaves them (tools/catalogue.py).
"""

import inspect
import shutil
from collections.abc import Iterable

import click

from tokenctl.language import _

_NARROW, _NARROWEST = 52, 16  # columns


class HelpFormatter(click.HelpFormatter):
    """click's formatter, whose texts go through the catalogue, and fit a narrow terminal, too."""

    def __init__(
        self, indent_increment: int = 2, width: int | None = None, max_width: int | None = None
    ) -> None:
        columns = shutil.get_terminal_size().columns
        if width is None and columns < _NARROW:  # click itself takes no fewer
            width = max(_NARROWEST, columns - 2)
        super().__init__(indent_increment, width, max_width)

    def write_text(self, text: str) -> None:
        """Write the help of a command."""
        super().write_text(_(text))

    def write_dl(
        self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2
    ) -> None:
        """Write commands or options, each with its help."""
        if self.width < _NARROW - 2:
            col_max = 2  # each option on a line of its own
        super().write_dl([(name, _translated(text)) for name, text in rows], col_max, col_spacing)


def _translated(text: str) -> str:
    """Return the help of an option; what click adds behind it is translated by click."""
    own, gap, added = text.rpartition("  [")
    return _(inspect.cleandoc(own)) + gap + added if gap else _(inspect.cleandoc(text))


def install() -> None:
    """Make every command of this process print its help this way."""
    click.Context.formatter_class = HelpFormatter
