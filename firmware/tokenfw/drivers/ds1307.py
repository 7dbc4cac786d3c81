"""The real-time clocks DS1307 and DS1338 (Maxim's data sheets, rev. 3/15).

Registers 00..06 hold the time in BCD, copied for the reader at the I2C START; a write
of the seconds restarts the divider chain ("Clock and Calendar"). Bit 7 of the seconds
halts the clock. The DS1338 also has a flag for an oscillator that had stopped, where the
DS1307 always reads 0 (register 07, bit 5). No register tells the two apart for certain.
Bus errors are OSError.
"""

from micropython import const

from tokenfw.drivers import calendar
from tokenfw.drivers.calendar import from_bcd, to_bcd

_SECONDS = const(0x00)
_CONTROL = const(0x07)
_MEMORY = const(0x12)  # a register that a DS3231 has, too
_AFTER = const(0x2E)  # bytes from there through 3F, after which 00 follows

_HALT = const(0x80)  # register 00: CH, 1 stops the oscillator
_OSF = const(0x20)  # register 07, DS1338: the oscillator is or was stopped


class DS1307:
    """Either chip on the bus `i2c` (as machine.I2C), which runs at `frequency` Hz.

    `about`, and what a clock chip's driver has: see tokenfw.drivers.
    """

    def __init__(self, i2c, about, frequency):
        self.NAME, self._address, _, self.ACCURACY, self.AGING_STEP = about
        self._i2c = i2c
        self._time = bytearray(8)
        self._new = bytearray(7)
        self._byte = bytearray(1)
        self.START_US = -27000000 // frequency  # from START to the acknowledge of the seconds

    @staticmethod
    def found(i2c, address):
        """Return whether the chip at `address` is one of them, without writing to it.

        After its 64 registers the first follows again. Raises OSError if no chip answers.
        """
        first, again = bytearray(7), bytearray(_AFTER + 7)
        for _ in range(2):  # a second may end between the two reads
            i2c.readfrom_mem_into(address, _SECONDS, first)
            i2c.readfrom_mem_into(address, _MEMORY, again)
            if calendar.same_again(first, again[_AFTER:]):
                return True
        return False

    def read(self):
        """Return (year, month, day, hour, minute, second, lost).

        `lost`: the clock is halted, or a DS1338's oscillator had stopped, so the time is
        invalid. The year is 2000 to 2099, after which 2000 follows. Raises ValueError if the
        registers hold no date, OSError if the chip does not answer.
        """
        now = self._time
        self._i2c.readfrom_mem_into(self._address, _SECONDS, now)
        lost = bool(now[0] & _HALT or now[7] & _OSF)
        second = from_bcd(now[0] & ~_HALT)
        minute = from_bcd(now[1])
        hour = calendar.hour(now[2])
        day = from_bcd(now[4])
        month = from_bcd(now[5])
        year = 2000 + from_bcd(now[6])
        calendar.check(year, month, day, hour, minute, second)
        return year, month, day, hour, minute, second, lost

    def prepare(self, year, month, day, hour, minute, second):
        """Take the time that start() will write, and start a halted oscillator.

        That may take a second, during which a DS1307 has no flag for an invalid time: so it is
        set to 1 January 2000, when no token can have been set. Raises ValueError outside 2000
        to 2099 and for a date that does not exist.
        """
        calendar.check_settable(year, month, day, hour, minute, second)
        self._i2c.readfrom_mem_into(self._address, _SECONDS, self._byte)
        if self._byte[0] & _HALT:
            self._fill(2000, 1, 1, 0, 0, 0)
            self._i2c.writeto_mem(self._address, _SECONDS, self._new)
        self._fill(year, month, day, hour, minute, second)

    def _fill(self, year, month, day, hour, minute, second):
        new = self._new
        new[0] = to_bcd(second)  # bit 7 is 0: the oscillator runs
        new[1] = to_bcd(minute)
        new[2] = to_bcd(hour)  # bit 6 is 0: 24 hours
        new[3] = calendar.weekday(year, month, day)
        new[4] = to_bcd(day)
        new[5] = to_bcd(month)
        new[6] = to_bcd(year - 2000)

    def start(self):
        """Write the time in one burst, which starts its second; clear the DS1338's flag."""
        self._i2c.writeto_mem(self._address, _SECONDS, self._new)
        self._i2c.readfrom_mem_into(self._address, _CONTROL, self._byte)
        if self._byte[0] & _OSF:
            self._byte[0] &= ~_OSF  # the other bits are the square wave's
            self._i2c.writeto_mem(self._address, _CONTROL, self._byte)
