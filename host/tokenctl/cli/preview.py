"""A camera's picture in the terminal: half blocks in greys, two pixels a character.

Mirrored, as a looking glass is: what is held before the camera moves as the hand does. A
terminal without colours gets characters that are the denser the lighter.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from itertools import groupby

from rich.color import Color
from rich.console import Console, ConsoleOptions, RenderResult
from rich.live import Live
from rich.segment import Segment
from rich.style import Style

from tokenctl.capture.camera import Frame

COLUMNS = 72  # at most
_LEVELS = 16  # of grey
_RAMP = " .:-=+*#%@"
_INTERVAL = 0.1  # seconds between two pictures
_ROWS_LEFT = 6  # for what is said above it


class Picture:
    """A frame as rich draws it: `rows` of greys from 0 to 255, twice as many as lines."""

    def __init__(self, rows: list[bytes]) -> None:
        self._rows = rows

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        coloured = console.color_system is not None
        for above, below in zip(self._rows[::2], self._rows[1::2], strict=False):
            pixels = zip(above, below, strict=True)
            if coloured:
                levels = ((_level(top), _level(bottom)) for top, bottom in pixels)
                for pair, alike in groupby(levels):
                    yield Segment("\u2580" * len(list(alike)), _style(*pair))
            else:
                yield Segment("".join(_RAMP[sum(pair) * len(_RAMP) // 512] for pair in pixels))
            yield Segment.line()


def scaled(frame: Frame, columns: int, lines: int) -> list[bytes]:
    """Return rows of greys, mirrored, that fit so many columns and lines of characters."""
    width = max(1, min(columns, 2 * lines * frame.width // frame.height, frame.width))
    height = max(1, min(width * frame.height // frame.width, frame.height)) & ~1 or 2
    across = [frame.width - 1 - x * frame.width // width for x in range(width)]
    rows: list[bytes] = []
    for y in range(height):
        start = y * frame.height // height * frame.width
        row = frame.grey[start : start + frame.width]
        rows.append(bytes(row[x] for x in across))
    return rows


@contextmanager
def preview(
    console: Console, clock: Callable[[], float] = time.monotonic
) -> Iterator[Callable[[Frame], None]]:
    """Give what shows a frame, in place of the one before; nothing where no terminal is."""
    if not console.is_interactive:
        yield lambda frame: None
        return
    shown_at: list[float] = []
    with Live(console=console, auto_refresh=False, transient=True) as live:

        def show(frame: Frame) -> None:
            now = clock()
            if shown_at and now - shown_at[-1] < _INTERVAL:
                return
            shown_at[:] = [now]
            columns, lines = min(COLUMNS, console.width), max(1, console.height - _ROWS_LEFT)
            live.update(Picture(scaled(frame, columns, lines)), refresh=True)

        yield show


def _level(grey: int) -> int:
    return grey * _LEVELS // 256


@cache
def _style(top: int, bottom: int) -> Style:
    return Style(color=_grey(top), bgcolor=_grey(bottom))


def _grey(level: int) -> Color:
    value = level * 255 // (_LEVELS - 1)
    return Color.from_rgb(value, value, value)
