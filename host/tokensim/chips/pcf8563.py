"""PCF8563 real-time clock at register level, from NXP's data sheet (rev 11).

Unused bits, and those of the control registers that "could be either logic 0 or logic 1",
read as 1 here, so that a driver that uses them as data fails. Not modelled: alarms and
timer (the registers are storage), CLKOUT, and the external clock of the test mode.
"""

from tokensim.chips.rtc_base import SECOND, RtcBase, days_since_2000, from_bcd, to_bcd

REGISTERS = 0x10
CONTROL_1, CONTROL_2, FIRST, LAST = 0x00, 0x01, 0x02, 0x08  # FIRST to LAST hold the time
ALARMS, CLKOUT, TIMER_CONTROL = range(0x09, 0x0D), 0x0D, 0x0E

TEST1, STOP, TESTC = 0x80, 0x20, 0x08
FLAGS = 0x0C  # AF and TF: "a logic AND is performed during a write access"
VL, CENTURY = 0x80, 0x80
# The bits that exist, by register (tables 4 and 5).
MASKS = bytes((
    0xA8, 0x1F, 0xFF, 0x7F, 0x3F, 0x3F, 0x07, 0x9F, 0xFF,
    0xFF, 0xBF, 0xBF, 0x87, 0x83, 0x83, 0xFF,
))  # fmt: skip

PRESCALER_HZ = 8192  # the clock of the stages that STOP holds (section 8.10)
FIRST_SECOND = 4160  # such clocks from the release to the first increment: 0.507813 s


class PCF8563(RtcBase):
    """A PCF8563 on its first power-up: VL set, and an undefined time, here 2000-01-01 00:00:00."""

    ADDRESS = 0x51
    _KEPT = (*RtcBase._KEPT, "_voltage_low")

    def lose_power(self) -> None:
        """Remove the supply, and restore it at the same moment (section 8.11, reset)."""
        super().lose_power()
        self._storage = bytearray(REGISTERS)
        self._storage[CONTROL_1] = TESTC
        for register in ALARMS:
            self._storage[register] = 0x80  # AE: off
        self._storage[CLKOUT] = 0x80
        self._storage[TIMER_CONTROL] = 0x03
        self._voltage_low = True
        self._day_shift = 6  # 1 January 2000 was a Saturday
        self._latch = bytes(LAST + 1 - FIRST)

    # -- the I2C face ------------------------------------------------------------------

    def start(self) -> None:
        """Handle a START: the time is frozen until the access is over (section 8.5)."""
        self._latch = self._time_registers()

    def write(self, data: bytes) -> None:
        """Handle the bytes written after the address; the first sets the register pointer.

        Raises ValueError for a pointer beyond 0Fh, which the data sheet leaves open.
        """
        if not data:
            return
        if data[0] >= REGISTERS:
            raise ValueError(f"PCF8563 has no register {data[0]:#04x}")
        self._pointer = data[0]
        time = bytearray(self._time_registers())
        touched = False
        for value in data[1:]:
            value &= MASKS[self._pointer]
            if FIRST <= self._pointer <= LAST:
                time[self._pointer - FIRST] = value
                touched = True
            else:
                self._write_register(self._pointer, value)
            self._pointer = (self._pointer + 1) % REGISTERS
        if touched:
            self._write_time(bytes(time))

    def read(self, n: int) -> bytes:
        """Return n bytes from the pointer on; after 0Fh 00h follows."""
        out = bytearray()
        for _ in range(n):
            if FIRST <= self._pointer <= LAST:
                value = self._latch[self._pointer - FIRST]
            else:
                value = self._storage[self._pointer]
            out.append(value | ~MASKS[self._pointer] & 0xFF)
            self._pointer = (self._pointer + 1) % REGISTERS
        return bytes(out)

    # -- the registers -----------------------------------------------------------------

    def _write_register(self, register: int, value: int) -> None:
        if register == CONTROL_2:
            value = value & ~FLAGS | value & self._storage[register] & FLAGS
        self._storage[register] = value
        if register == CONTROL_1:
            self._stop_or_release()

    def _stop_or_release(self) -> None:
        """Apply STOP, which holds all but the first two prescaler stages in reset (section 8.10).

        The test mode is treated the same, since its external clock is absent.
        """
        now = self._settle()
        self._rebase(now)
        if self._storage[CONTROL_1] & (STOP | TEST1):
            self._chip -= self._chip % SECOND
            self._running = False
        elif not self._running:
            edges = -(-now * PRESCALER_HZ // SECOND)  # the next one of the free-running stages
            first = (edges + FIRST_SECOND) * SECOND // PRESCALER_HZ
            self._chip += SECOND - (first - now)
            self._running = True

    def _time_registers(self) -> bytes:
        """Return the present values of the seven time registers."""
        now, weekday, century = self._moment()
        low = VL if self._voltage_low else 0
        if self._illogical is not None:
            return bytes([self._illogical[0] | low]) + self._illogical[1:]
        return bytes((
            to_bcd(now.second) | low, to_bcd(now.minute), to_bcd(now.hour), to_bcd(now.day),
            weekday, to_bcd(now.month) | (CENTURY if century else 0), to_bcd(now.year - 2000),
        ))  # fmt: skip

    def _write_time(self, registers: bytes) -> None:
        """Set the time to these registers; the prescaler runs on. VL can only be cleared."""
        self._voltage_low = self._voltage_low and bool(registers[0] & VL)
        self._rebase(self._settle())
        time = bytes([registers[0] & ~VL & 0xFF]) + registers[1:]
        self._set_time(time, self._chip % SECOND)

    def _decode(self, registers: bytes) -> tuple[int, int, int]:
        second, minute, hour, day, weekday, month, year = registers
        if weekday > 6:
            raise ValueError("illogical weekday")
        days = days_since_2000(bool(month & CENTURY), year, month & 0x1F, day)
        seconds = 60 * from_bcd(minute, 0, 59) + 3600 * from_bcd(hour, 0, 23)
        return days, seconds + from_bcd(second, 0, 59), weekday
