"""How small a heap may be for what was recorded: the least in which no allocation fails.

Such a heap is divided as an ESP32's: the stock image has a part of it at once, and MicroPython
takes the rest from ESP-IDF, an area as large as all before it each time. No record here says how
other chips divide theirs: where it is cut once more, a heap serves as a smaller one would.
"""

from collections.abc import Iterable, Sequence

from bench.heap32.allocator import ESP32, Chip, Event, NoRoom, replay
from tokensim.port.interpreter import BOARD

PREFIX = "chip: heap for "
STEP = 4096  # bytes: how finely sizes are tried
_TABLES = 1.024  # an area with its tables, for one without


def needed(lives: Iterable[Sequence[Event]]) -> int:
    """Return how many bytes of heap, a multiple of STEP, suffice for all of these lives.

    An ESP32's has to.
    """
    return max(_needed(life) for life in lives)


def chip(size: int) -> Chip:
    """Return a chip with a heap of so many bytes."""
    left = size - ESP32.first
    return Chip(ESP32.first, (left, max(0, left - int(ESP32.first * _TABLES)), 0))


def _needed(life: Sequence[Event]) -> int:
    low = max(moment.used for moment in replay(life)) // STEP  # it fails
    high = BOARD // STEP + 1  # it suffices
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if suffices(life, middle * STEP) else (middle, high)
    return high * STEP


def suffices(life: Sequence[Event], size: int) -> bool:
    """Return whether no allocation of a life fails in a heap of so many bytes."""
    try:
        replay(life, chip(size), strict=True)
    except NoRoom:
        return False
    return True


def named(accounts: int) -> str:
    """Return the name of the figure: the bytes of heap that suffice for so many accounts."""
    return f"{PREFIX}{accounts} accounts"
