"""time on the simulated board, with the epoch of the ESP32: 2000."""

import sys

import _tasks
from _simulator import call, microseconds
from _ticks import ticks_add, ticks_diff, ticks_ms, ticks_us

__all__ = ("ticks_add", "ticks_diff", "ticks_ms", "ticks_us", "sleep", "sleep_ms", "time")


def sleep_ms(duration):
    """Sleep."""
    call(b"w", max(0, duration).to_bytes(4, "little") + b"\0")


def sleep(duration):
    """Sleep for seconds."""
    sleep_ms(int(duration * 1000))


def time():
    """Return the seconds since the start, as if that had been in 2000: there is no clock."""
    return microseconds() // 1000000


sys.modules["_asyncio"] = _tasks  # before asyncio looks for its own
