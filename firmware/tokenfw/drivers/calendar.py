"""The calendar as clock chips keep it: BCD registers, and a leap year every four years.

Shared by the clock chips' drivers. Years are 2000 to 2199, weekdays 1 (Monday) to 7.
ValueError means that a register's value, or a date or time, does not exist.
"""

from micropython import const

_HOUR_12 = const(0x40)  # twelve-hour mode, in which bit 5 says PM
_HOUR_PM = const(0x20)

_MONTH_DAYS = b"\x1f\x1d\x1f\x1e\x1f\x1e\x1f\x1f\x1e\x1f\x1e\x1f"


def to_bcd(value):
    """Return 0 to 99 as a BCD byte."""
    return value // 10 << 4 | value % 10


def from_bcd(value):
    """Return the number, 0 to 99, in a BCD byte; raise ValueError."""
    if value & 0x0F > 9 or value >> 4 > 9:
        raise ValueError("the clock chip holds no decimal digits")
    return (value >> 4) * 10 + (value & 0x0F)


def hour(register):
    """Return the hour, 0 to 23, of Maxim's register 02 in either mode; raise ValueError."""
    if not register & _HOUR_12:
        return from_bcd(register)
    twelve = from_bcd(register & 0x1F)
    if not 1 <= twelve <= 12:
        raise ValueError("the clock chip holds no time of day")
    return twelve % 12 + (12 if register & _HOUR_PM else 0)


def check(year, month, day, hour, minute, second):
    """Raise ValueError unless a clock chip's calendar has this date and time."""
    if not (0 <= hour <= 23 and 0 <= minute <= 59 and 0 <= second <= 59):
        raise ValueError("there is no such time of day")
    if not 1 <= month <= 12 or not 1 <= day <= _MONTH_DAYS[month - 1]:
        raise ValueError("there is no such date")
    if month == 2 and day == 29 and year % 4:
        raise ValueError("there is no such date")


def check_settable(year, month, day, hour, minute, second):
    """Raise ValueError unless all clock chips can be set to this moment: 2000 to 2099."""
    if not 2000 <= year <= 2099:
        raise ValueError("the clock chip knows the years 2000 to 2099")
    check(year, month, day, hour, minute, second)


def weekday(year, month, day):
    """Return the weekday of a date of 2000 to 2099; 1 January 2000 was a Saturday."""
    days = (year - 2000) * 365 + (year - 2000 + 3) // 4 + day - 1
    for passed in range(1, month):
        days += _MONTH_DAYS[passed - 1]
        if passed == 2 and year % 4:
            days -= 1
    return (days + 5) % 7 + 1


def same_again(first, again):
    """Return whether two readings of registers, by different addresses, are of the same ones.

    All equal bytes do not count: a blank memory reads the same at every address.
    """
    return first == again and first != bytes(first[:1]) * len(first)
