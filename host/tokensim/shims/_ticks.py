"""The simulated board's ticks, which wrap at 2**30 as on the ESP32."""

from _simulator import microseconds

_MASK = (1 << 30) - 1
_HALF = 1 << 29


def ticks_us():
    """Return microseconds since the start, wrapped."""
    return microseconds() & _MASK


def ticks_ms():
    """Return milliseconds since the start, wrapped."""
    return microseconds() // 1000 & _MASK


def ticks_diff(later, earlier):
    """Return `later` minus `earlier`, which may have wrapped."""
    return ((later - earlier + _HALF) & _MASK) - _HALF


def ticks_add(ticks, delta):
    """Return `ticks` plus `delta`, wrapped."""
    return (ticks + delta) & _MASK
