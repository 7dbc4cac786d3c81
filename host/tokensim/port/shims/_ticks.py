"""The simulated board's ticks, which wrap at 2**30 as on the ESP32."""

from _simulator import microseconds
from _strict import integer
from micropython import const

_MASK = const((1 << 30) - 1)
_HALF = const(1 << 29)
_MISSING = object()


def ticks_us():
    """Return microseconds since the start, wrapped."""
    return microseconds() & _MASK


def ticks_ms():
    """Return milliseconds since the start, wrapped."""
    return microseconds() // 1000 & _MASK


def ticks_cpu():
    """Return the processor's cycle counter, wrapped."""
    return microseconds() * 160 & _MASK


def ticks_diff(later=_MISSING, earlier=_MISSING):
    """Return `later` minus `earlier`, which may have wrapped."""
    try:
        return ((later - earlier + _HALF) & _MASK) - _HALF
    except TypeError:
        _check(later, earlier)
        return ((_raw(later) - _raw(earlier) + _HALF) & _MASK) - _HALF


def ticks_add(ticks=_MISSING, delta=_MISSING):
    """Return `ticks` plus `delta`, wrapped; raise OverflowError unless |delta| is below 2**29."""
    try:
        if -_HALF < delta < _HALF and ticks is not True and ticks is not False:
            return (ticks + delta) & _MASK  # most of the time
    except TypeError:
        pass
    _check(ticks, delta)
    delta = integer(delta)
    if not -_HALF < delta < _HALF:
        raise OverflowError("ticks interval overflow")
    return (_raw(ticks) + delta) & _MASK


def _raw(value):
    """Return the ticks that the port would read from any object, which it does not check."""
    if value is None or value is False or value is True:
        return 3 if value is None else 15 if value else 7
    return int(value)


def _check(first, second):
    given = (first is not _MISSING) + (second is not _MISSING)
    if given < 2:
        raise TypeError("function takes 2 positional arguments but %d were given" % given)
