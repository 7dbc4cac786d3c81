"""The real-time clock PCF8563 (NXP, rev. 11), and compatible ones (BM8563, HYM8563).

Registers 02..08 hold the time in BCD, 24 hours; they are frozen during a read, so that one
burst is coherent (section 8.5). Unused bits may read as 1. VL means that the supply was too low
for the time to be right, STOP that the clock was left stopped. Bus errors are OSError.
"""

from micropython import const

from tokenfw.drivers import calendar
from tokenfw.drivers.calendar import from_bcd, to_bcd

_CONTROL_1 = const(0x00)
_SECONDS = const(0x02)
_TIMER = const(0x0F)  # 00 follows it

_TEST1 = const(0x80)  # register 00: counts pulses on a pin instead of seconds
_STOP = const(0x20)  # register 00: holds the divider chain (section 8.10)
_VL = const(0x80)  # register 02: the integrity of the time is not guaranteed
_CENTURY = const(0x80)  # register 07: toggles when the year goes from 99 to 00

# The first second ends 0.507813 to 0.507935 s after STOP is released (section 8.10).
_RELEASE_US = const(492126)


class PCF8563:
    """The chip on the bus `i2c` (as machine.I2C), which runs at `frequency` Hz.

    `about`, and what a clock chip's driver has: see tokenfw.drivers. prepare() stops the clock.
    """

    def __init__(self, i2c, about, frequency):
        self.NAME, self._address, _, self.ACCURACY, self.AGING_STEP = about
        self._i2c = i2c
        self._all = bytearray(9)
        self._new = bytearray(7)
        self._byte = bytearray(1)
        self.START_US = _RELEASE_US - 27000000 // frequency  # STOP ends with the third byte

    @staticmethod
    def found(i2c, address):
        """Return whether the chip at `address` is one, without writing to it.

        After register 0F 00 follows again. Raises OSError if no chip answers.
        """
        first, again = bytearray(16), bytearray(17)
        for _ in range(2):  # a second may end between the two reads
            i2c.readfrom_mem_into(address, _CONTROL_1, first)
            i2c.readfrom_mem_into(address, _TIMER, again)
            if calendar.same_again(first[:_TIMER], again[1 : _TIMER + 1]):
                return True
        return False

    def read(self):
        """Return (year, month, day, hour, minute, second, lost).

        `lost`: the supply was too low, or the clock was stopped, so the time is invalid. The
        year is 2000 to 2199 (century bit). Raises ValueError if the registers hold no date,
        OSError if the chip does not answer.
        """
        now = self._all
        self._i2c.readfrom_mem_into(self._address, _CONTROL_1, now)
        lost = bool(now[2] & _VL or now[0] & (_STOP | _TEST1))
        second = from_bcd(now[2] & 0x7F)
        minute = from_bcd(now[3] & 0x7F)
        hour = from_bcd(now[4] & 0x3F)
        day = from_bcd(now[5] & 0x3F)
        month = from_bcd(now[7] & 0x1F)
        year = 2000 + from_bcd(now[8])
        if now[7] & _CENTURY:
            year += 100
        calendar.check(year, month, day, hour, minute, second)
        return year, month, day, hour, minute, second, lost

    def prepare(self, year, month, day, hour, minute, second):
        """Stop the clock, and write the time from which start() will continue.

        Writing the seconds clears VL; until start(), STOP marks the time as invalid. Raises
        ValueError outside 2000 to 2099 and for a date that does not exist.
        """
        calendar.check_settable(year, month, day, hour, minute, second)
        new = self._new
        new[0] = to_bcd(second)
        new[1] = to_bcd(minute)
        new[2] = to_bcd(hour)
        new[3] = to_bcd(day)
        new[4] = calendar.weekday(year, month, day) % 7  # Sunday is 0 (table 14)
        new[5] = to_bcd(month)
        new[6] = to_bcd(year - 2000)
        self._write_control(_STOP)
        self._i2c.writeto_mem(self._address, _SECONDS, new)

    def start(self):
        """Release the clock, START_US microseconds into the second that was written."""
        self._write_control(0)

    def _write_control(self, value):
        self._byte[0] = value
        self._i2c.writeto_mem(self._address, _CONTROL_1, self._byte)
