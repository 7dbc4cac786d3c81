"""Calendar arithmetic in UTC, so that nothing depends on the port's epoch (2000 on the board).

Unix time: seconds since 1970-01-01T00:00:00Z, no leap seconds. The calendar is
the proleptic Gregorian one.
"""

DAY = 86400


def to_unix(year, month, day, hour=0, minute=0, second=0):
    """Return the Unix time of a UTC date; raise ValueError for a date that does not exist."""
    if not 1 <= month <= 12 or not 1 <= day <= days_in_month(year, month):
        raise ValueError("there is no such date")
    if not (0 <= hour < 24 and 0 <= minute < 60 and 0 <= second < 60):
        raise ValueError("there is no such time of day")
    return _days(year, month, day) * DAY + hour * 3600 + minute * 60 + second


def from_unix(unix_time):
    """Return (year, month, day, hour, minute, second) in UTC of a Unix time."""
    days, seconds = divmod(unix_time, DAY)
    # A year is at least 365 days: the first guess is late by less than the span's leap days.
    year = 1970 + days // 366
    while _days(year + 1, 1, 1) <= days:
        year += 1
    days -= _days(year, 1, 1)
    month = 1
    while days >= days_in_month(year, month):
        days -= days_in_month(year, month)
        month += 1
    return year, month, days + 1, seconds // 3600, seconds // 60 % 60, seconds % 60


def text(unix_time):
    """Return a Unix time as `2026-11-24 01:20:15`."""
    return "%04d-%02d-%02d %02d:%02d:%02d" % from_unix(unix_time)


def weekday(unix_time):
    """Return the ISO weekday of a Unix time: 1 is Monday, 7 is Sunday."""
    return (unix_time // DAY + 3) % 7 + 1


def days_in_month(year, month):
    """Return the number of days of a month (1 to 12) of a year."""
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31


def _days(year, month, day):
    """Days from 1970-01-01: whole years with their leap days, then months, then days."""
    last = year - 1
    leap_days = last // 4 - last // 100 + last // 400 - 477
    days = (year - 1970) * 365 + leap_days
    for before in range(1, month):
        days += days_in_month(year, before)
    return days + day - 1
