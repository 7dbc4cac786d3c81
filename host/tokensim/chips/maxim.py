"""The time registers of Maxim's clock chips, 00h to 06h: DS1307, DS1338 and DS3231 alike.

From "Clock and Calendar" in their data sheets. On START the time is copied to buffers for reading;
a write of the seconds restarts the countdown chain at the acknowledge of that byte.
"""

from abc import abstractmethod

from tokensim.chips.rtc_base import SECOND, RtcBase, days_since_2000, from_bcd, to_bcd

TIME_REGISTERS = 7
HOURS_12, HOURS_PM, CENTURY = 0x40, 0x20, 0x80


class MaximClock(RtcBase):
    """The base of their models, with `REGISTERS` registers, after which 00h follows again."""

    REGISTERS: int
    TIME_MASKS: bytes  # the bits of 00h to 06h that exist; the others read 0
    _KEPT = (*RtcBase._KEPT, "_hours_12")

    def lose_power(self) -> None:
        """Remove main supply and battery, and restore what `vcc` says at the same moment.

        The time becomes 01/01/00 00:00:00, the day of the week 1.
        """
        super().lose_power()
        self._storage = bytearray(self.REGISTERS)
        self._hours_12 = False
        self._latch = bytes(TIME_REGISTERS)

    def _read_register(self, register: int) -> int:
        return self._storage[register]

    @abstractmethod
    def _write_register(self, register: int, value: int) -> None:
        """Handle a byte written to a register other than those of the time."""

    # -- the I2C face ------------------------------------------------------------------

    def start(self) -> None:
        """Handle a START or repeated START: copy the time to the buffers for reading."""
        self._latch = self._time_registers()

    def write(self, data: bytes) -> None:
        """Handle the bytes written after the address; the first sets the register pointer.

        Raises ValueError for a pointer beyond the last register, which the data sheets
        leave open.
        """
        if not data:
            return
        if data[0] >= self.REGISTERS:
            raise ValueError(f"{type(self).__name__} has no register {data[0]:#04x}")
        self._pointer = data[0]
        time = bytearray(self._time_registers())
        touched = set()
        for value in data[1:]:
            if self._pointer < TIME_REGISTERS:
                time[self._pointer] = value & self.TIME_MASKS[self._pointer]
                touched.add(self._pointer)
            else:
                self._write_register(self._pointer, value)
            self._pointer = (self._pointer + 1) % self.REGISTERS
        if touched:
            self._write_time(bytes(time), new_second=0 in touched)

    def read(self, n: int) -> bytes:
        """Return n bytes from the pointer on; at 00h the time is copied again."""
        out = bytearray()
        for _ in range(n):
            if self._pointer < TIME_REGISTERS:
                out.append(self._latch[self._pointer])
            else:
                out.append(self._read_register(self._pointer))
            self._pointer = (self._pointer + 1) % self.REGISTERS
            if self._pointer == 0:
                self._latch = self._time_registers()
        return bytes(out)

    # -- registers 00h to 06h ----------------------------------------------------------

    def _time_registers(self) -> bytes:
        """Return the present values of the seven time registers."""
        now, weekday, century = self._moment()
        if self._illogical is not None:
            return self._illogical
        if self._hours_12:
            hours = HOURS_12 | to_bcd((now.hour + 11) % 12 + 1)
            hours |= HOURS_PM if now.hour >= 12 else 0
        else:
            hours = to_bcd(now.hour)
        return bytes((
            to_bcd(now.second), to_bcd(now.minute), hours, weekday + 1, to_bcd(now.day),
            to_bcd(now.month) | (CENTURY if century else 0), to_bcd(now.year - 2000),
        ))  # fmt: skip

    def _write_time(self, registers: bytes, new_second: bool) -> None:
        """Set the time to these registers; writing the seconds restarts the countdown chain."""
        self._rebase(self._settle())
        phase = 0 if new_second else self._chip % SECOND
        self._chip -= self._chip % SECOND - phase
        if self._set_time(registers, phase):
            self._hours_12 = bool(registers[2] & HOURS_12)

    def _decode(self, registers: bytes) -> tuple[int, int, int]:
        hours = registers[2]
        if hours & HOURS_12:
            hour = from_bcd(hours & 0x1F, 1, 12) % 12 + (12 if hours & HOURS_PM else 0)
        else:
            hour = from_bcd(hours & 0x3F, 0, 23)
        weekday = from_bcd(registers[3], 1, 7) - 1
        century = bool(registers[5] & CENTURY)
        days = days_since_2000(century, registers[6], registers[5] & 0x1F, registers[4])
        seconds = from_bcd(registers[0], 0, 59) + 60 * from_bcd(registers[1], 0, 59) + 3600 * hour
        return days, seconds, weekday
