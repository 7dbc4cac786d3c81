"""time on the simulated board: its ticks wrap at 2**30 and its epoch is 2000, as on the ESP32."""

import sys

import tasks
from _simulator import call

_MASK = (1 << 30) - 1
_HALF = 1 << 29


def ticks_us():
    """Return microseconds since the start, wrapped."""
    return int.from_bytes(call(b"t"), "little") & _MASK


def ticks_ms():
    """Return milliseconds since the start, wrapped."""
    return int.from_bytes(call(b"t"), "little") // 1000 & _MASK


def ticks_diff(later, earlier):
    """Return `later` minus `earlier`, which may have wrapped."""
    return ((later - earlier + _HALF) & _MASK) - _HALF


def ticks_add(ticks, delta):
    """Return `ticks` plus `delta`, wrapped."""
    return (ticks + delta) & _MASK


def sleep_ms(duration):
    """Sleep."""
    call(b"w", max(0, duration).to_bytes(4, "little") + b"\0")


def sleep(duration):
    """Sleep for seconds."""
    sleep_ms(int(duration * 1000))


def time():
    """Return the seconds since the start, as if that had been in 2000: there is no clock."""
    return int.from_bytes(call(b"t"), "little") // 1000000


sys.modules["_asyncio"] = tasks  # before asyncio looks for its own
