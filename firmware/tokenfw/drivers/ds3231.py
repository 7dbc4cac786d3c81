"""The real-time clocks DS3231 (Maxim 19-5170, rev. 10) and DS3231M (19-5312).

No register tells the two apart.
Registers 00..06 hold the time in BCD. They are copied for the reader at the I2C
START, so that one burst is coherent (page 12); a write of the seconds restarts
the countdown chain, so that a burst write starts the second at its third byte.
The oscillator-stop flag means that the time may be wrong. Bus errors are OSError.
"""

from micropython import const

from tokenfw.drivers import calendar
from tokenfw.drivers.calendar import from_bcd, to_bcd

_SECONDS = const(0x00)
_CONTROL = const(0x0E)
_STATUS = const(0x0F)
_AGING = const(0x10)
_LAST = const(0x12)  # 00 follows it

_CENTURY = const(0x80)  # register 05: toggles when the year goes from 99 to 00
_EOSC = const(0x80)  # register 0E: 1 stops the oscillator on battery
_CONV = const(0x20)  # register 0E: 1 asks for a temperature conversion
_OSF = const(0x80)  # register 0F: the oscillator is or was stopped
_BSY = const(0x04)  # register 0F: a conversion is under way


class DS3231:
    """Either chip on the bus `i2c` (as machine.I2C), which runs at `frequency` Hz.

    `about`, and what a clock chip's driver has: see tokenfw.drivers.
    """

    def __init__(self, i2c, about, frequency):
        self.NAME, self._address, _, self.ACCURACY, self.AGING_STEP = about
        self._i2c = i2c
        self._time = bytearray(7)
        self._new = bytearray(7)
        self._byte = bytearray(1)
        self.START_US = -27000000 // frequency  # from START to the acknowledge of the seconds

    @staticmethod
    def found(i2c, address):
        """Return whether the chip at `address` is one of them, without writing to it.

        After register 12 00 follows again (page 11), where a DS1307 has memory. Raises
        OSError if no chip answers.
        """
        first, again = bytearray(14), bytearray(15)
        for _ in range(2):  # a second may end between the two reads
            i2c.readfrom_mem_into(address, _SECONDS, first)
            i2c.readfrom_mem_into(address, _LAST, again)
            if calendar.same_again(first, again[1:]):
                return True
        return False

    def read(self):
        """Return (year, month, day, hour, minute, second, lost).

        `lost` is the oscillator-stop flag (register 0F, bit 7): the time is invalid. The year
        is 2000 to 2199 (century bit). Raises ValueError if the registers hold no date, OSError
        if the chip does not answer.
        """
        now = self._time
        self._i2c.readfrom_mem_into(self._address, _SECONDS, now)
        lost = bool(self._read_byte(_STATUS) & _OSF)
        second = from_bcd(now[0])
        minute = from_bcd(now[1])
        hour = calendar.hour(now[2])
        day = from_bcd(now[4])
        month = from_bcd(now[5] & ~_CENTURY)
        year = 2000 + from_bcd(now[6])
        if now[5] & _CENTURY:
            year += 100
        calendar.check(year, month, day, hour, minute, second)
        return year, month, day, hour, minute, second, lost

    def prepare(self, year, month, day, hour, minute, second):
        """Take the time that start() will write.

        Raises ValueError outside 2000 to 2099 and for a date that does not exist.
        """
        calendar.check_settable(year, month, day, hour, minute, second)
        new = self._new
        new[0] = to_bcd(second)
        new[1] = to_bcd(minute)
        new[2] = to_bcd(hour)  # bit 6 is 0: 24 hours
        new[3] = calendar.weekday(year, month, day)
        new[4] = to_bcd(day)
        new[5] = to_bcd(month)
        new[6] = to_bcd(year - 2000)

    def start(self):
        """Write the time in one burst, which starts its second; clear the oscillator-stop flag."""
        self._i2c.writeto_mem(self._address, _SECONDS, self._new)
        self._keep_running()

    def _keep_running(self):
        """Enable the oscillator on battery, then clear OSF: the time is valid."""
        control = self._read_byte(_CONTROL)
        if control & _EOSC:
            self._write_byte(_CONTROL, control & ~(_EOSC | _CONV))
        status = self._read_byte(_STATUS)
        if status & _OSF:
            self._write_byte(_STATUS, status & ~_OSF)

    def aging(self):
        """Return the aging offset, -128 to 127 steps of AGING_STEP; positive slows the clock."""
        value = self._read_byte(_AGING)
        return value - 256 if value > 127 else value

    def set_aging(self, steps):
        """Set the aging offset; raise ValueError outside -128 to 127.

        It takes effect at the next temperature conversion, which is started here, unless one
        is in progress (page 14): then at the one after it, within 64 s.
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
