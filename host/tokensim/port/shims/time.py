"""time on the simulated board, with the epoch of the ESP32: 2000. There is no clock."""

from _simulator import call, microseconds, wait
from _strict import integer, module, positional
from _ticks import ticks_add, ticks_cpu, ticks_diff, ticks_ms, ticks_us  # noqa: F401

_NAMES = (
    "gmtime localtime mktime sleep sleep_ms sleep_us"
    " ticks_add ticks_cpu ticks_diff ticks_ms ticks_us time time_ns"
)
_DAY = 86400  # seconds
_TO_2000 = 730425  # days from 0000-03-01, from which the months are counted


@positional(1)
def sleep_ms(duration):
    """Sleep for so many milliseconds."""
    duration = max(0, integer(duration))
    if not wait(duration, False):
        call(b"w", duration.to_bytes(4, "little") + b"\0")


@positional(1)
def sleep(duration):
    """Sleep for seconds."""
    if not isinstance(duration, (int, float)):
        raise TypeError("can't convert %s to float" % type(duration).__name__)
    sleep_ms(int(duration * 1000))


@positional(1)
def sleep_us(duration):
    """Sleep for microseconds."""
    call(b"W", max(0, integer(duration)).to_bytes(4, "little"))


@positional(0)
def time():
    """Return the seconds since the start, which counts as 2000-01-01."""
    return microseconds() // 1000000


@positional(0)
def time_ns():
    """Return the same in nanoseconds."""
    return microseconds() * 1000


@positional(0, 1)
def gmtime(seconds=None):
    """Return (year, month, day, hour, minute, second, weekday, day of the year)."""
    seconds = time() if seconds is None else integer(seconds)
    days, left = divmod(seconds, _DAY)
    year, month, day = _date(days)
    return (
        year, month, day, left // 3600, left // 60 % 60, left % 60,
        (days + 5) % 7, days - _days(year, 1, 1) + 1,
    )  # fmt: skip


localtime = gmtime


@positional(1)
def mktime(parts):
    """Return the seconds since 2000 of a date and time, as an unsigned 32-bit number."""
    if len(parts) not in (8, 9):
        raise TypeError("mktime needs a tuple of length 8 or 9 (%d given)" % len(parts))
    year, month, day, hour, minute, second = parts[:6]
    days = _days(year + (month - 1) // 12, (month - 1) % 12 + 1, day)
    return (days * _DAY + hour * 3600 + minute * 60 + second) & 0xFFFFFFFF


def _days(year, month, day):
    """Return the days since 2000-01-01, computed with years that begin in March."""
    year, month = (year, month - 3) if month > 2 else (year - 1, month + 9)
    leap = year // 4 - year // 100 + year // 400
    return year * 365 + leap + (153 * month + 2) // 5 + day - 1 - _TO_2000


def _date(days):
    year = 2000 + days // 366
    while _days(year + 1, 1, 1) <= days:
        year += 1
    while _days(year, 1, 1) > days:
        year -= 1
    month = 12
    while _days(year, month, 1) > days:
        month -= 1
    return year, month, days - _days(year, month, 1) + 1


MODULE = module(_NAMES, globals())
