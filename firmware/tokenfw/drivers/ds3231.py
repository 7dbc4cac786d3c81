"""The DS3231 real-time clock (Maxim data sheet 19-5170, rev. 10).

Registers 00..06 hold the time in BCD. They are copied for the reader at the I2C
START, so that one burst is coherent (page 12); a write of the seconds restarts
the countdown chain, so that a burst write starts the second at its third byte.
The oscillator-stop flag says that the time may be wrong. Bus errors are OSError.
"""

from micropython import const

_SECONDS = const(0x00)
_CONTROL = const(0x0E)
_STATUS = const(0x0F)
_AGING = const(0x10)

_HOUR_12 = const(0x40)  # register 02: twelve-hour mode, then bit 5 says PM
_HOUR_PM = const(0x20)
_CENTURY = const(0x80)  # register 05: toggles when the year goes from 99 to 00
_EOSC = const(0x80)  # register 0E: 1 stops the oscillator on battery
_CONV = const(0x20)  # register 0E: 1 asks for a temperature conversion
_OSF = const(0x80)  # register 0F: the oscillator is or was stopped
_BSY = const(0x04)  # register 0F: a conversion is under way

_MONTH_DAYS = b"\x1f\x1d\x1f\x1e\x1f\x1e\x1f\x1f\x1e\x1f\x1e\x1f"


class DS3231:
    """The chip on the bus `i2c` (as machine.I2C) at `address`.

    Setting it takes two steps: prepare(), then start() so many microseconds after the
    second begins as START_US says (below zero: before it).
    """

    NAME = "DS3231"
    ACCURACY = 5000  # parts per billion: the DS3231M's, which looks the same (page 1 of each)
    AGING_STEP = 100  # parts per billion, typically, at 25 degrees (page 15)
    START_US = -68  # 27 bits at 400 kHz from START to the acknowledge of the seconds

    def __init__(self, i2c, address=0x68):
        self._i2c = i2c
        self._address = address
        self._time = bytearray(7)
        self._new = bytearray(7)
        self._byte = bytearray(1)

    def read(self):
        """Return (year, month, day, hour, minute, second, lost).

        `lost` is the oscillator-stop flag (register 0F, bit 7): the time is then worth
        nothing. The year is 2000 to 2199 (century bit). Raises ValueError when the
        registers hold no date, OSError when the chip does not answer.
        """
        now = self._time
        self._i2c.readfrom_mem_into(self._address, _SECONDS, now)
        lost = bool(self._read_byte(_STATUS) & _OSF)
        second = _from_bcd(now[0])
        minute = _from_bcd(now[1])
        hour = _hour(now[2])
        day = _from_bcd(now[4])
        month = _from_bcd(now[5] & ~_CENTURY)
        year = 2000 + _from_bcd(now[6])
        if now[5] & _CENTURY:
            year += 100
        if second > 59 or minute > 59:
            raise ValueError("the clock chip holds no time of day")
        _check_date(year, month, day)
        return year, month, day, hour, minute, second, lost

    def prepare(self, year, month, day, hour, minute, second):
        """Take the time that start() will write.

        Raises ValueError outside 2000 to 2099 and for a date that does not exist.
        """
        if not 2000 <= year <= 2099:
            raise ValueError("the clock chip knows the years 2000 to 2099")
        if not (0 <= hour <= 23 and 0 <= minute <= 59 and 0 <= second <= 59):
            raise ValueError("there is no such time of day")
        _check_date(year, month, day)
        new = self._new
        new[0] = _to_bcd(second)
        new[1] = _to_bcd(minute)
        new[2] = _to_bcd(hour)  # bit 6 is 0: 24 hours
        new[3] = _weekday(year, month, day)
        new[4] = _to_bcd(day)
        new[5] = _to_bcd(month)
        new[6] = _to_bcd(year - 2000)

    def start(self):
        """Write the time in one burst, which begins its second; clear the oscillator-stop flag."""
        self._i2c.writeto_mem(self._address, _SECONDS, self._new)
        self._keep_running()

    def _keep_running(self):
        """Have the oscillator run on battery, then say that the time holds (OSF to 0)."""
        control = self._read_byte(_CONTROL)
        if control & _EOSC:
            self._write_byte(_CONTROL, control & ~(_EOSC | _CONV))
        status = self._read_byte(_STATUS)
        if status & _OSF:
            self._write_byte(_STATUS, status & ~_OSF)

    def aging(self):
        """Return the aging offset, -128 to 127 steps of AGING_STEP; above zero slows."""
        value = self._read_byte(_AGING)
        return value - 256 if value > 127 else value

    def set_aging(self, steps):
        """Set the aging offset; ValueError outside -128 to 127.

        It counts from the next temperature conversion on, which is asked for, unless one
        is under way (page 14): then from the one after it, within 64 s.
        """
        if not -128 <= steps <= 127:
            raise ValueError("the aging offset is -128 to 127")
        self._write_byte(_AGING, steps & 0xFF)
        if not self._read_byte(_STATUS) & _BSY:
            self._write_byte(_CONTROL, self._read_byte(_CONTROL) | _CONV)

    def _read_byte(self, register):
        self._i2c.readfrom_mem_into(self._address, register, self._byte)
        return self._byte[0]

    def _write_byte(self, register, value):
        self._byte[0] = value
        self._i2c.writeto_mem(self._address, register, self._byte)


def _to_bcd(value):
    return value // 10 << 4 | value % 10


def _from_bcd(value):
    if value & 0x0F > 9 or value >> 4 > 9:
        raise ValueError("the clock chip holds no decimal digits")
    return (value >> 4) * 10 + (value & 0x0F)


def _hour(register):
    """Return the hour of register 02 in either mode (data sheet, figure 1)."""
    if not register & _HOUR_12:
        hour = _from_bcd(register)
        if hour > 23:
            raise ValueError("the clock chip holds no time of day")
        return hour
    hour = _from_bcd(register & 0x1F)
    if not 1 <= hour <= 12:
        raise ValueError("the clock chip holds no time of day")
    hour %= 12
    return hour + 12 if register & _HOUR_PM else hour


def _check_date(year, month, day):
    """Raise ValueError unless the date exists; the chip's leap years are those of year % 4."""
    if not 1 <= month <= 12 or not 1 <= day <= _MONTH_DAYS[month - 1]:
        raise ValueError("there is no such date")
    if month == 2 and day == 29 and year % 4:
        raise ValueError("there is no such date")


def _weekday(year, month, day):
    """Return 1 (Monday) to 7 (Sunday) for a date of 2000 to 2099; 1 January 2000 was Saturday."""
    days = (year - 2000) * 365 + (year - 2000 + 3) // 4 + day - 1
    for passed in range(1, month):
        days += _MONTH_DAYS[passed - 1]
        if passed == 2 and year % 4:
            days -= 1
    return (days + 5) % 7 + 1
