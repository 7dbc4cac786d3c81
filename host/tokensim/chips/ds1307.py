"""DS1307 and DS1338 real-time clocks at register level, from Maxim's data sheets (rev 3/15).

Not modelled: the square wave, and that the chips do not answer below their minimum supply.
"""

import random

from tokensim.chips.maxim import TIME_REGISTERS, MaximClock
from tokensim.chips.rtc_base import SECOND

CONTROL = 0x07
CH = 0x80  # of the seconds: clock halt
OUT, OSF, SQWE, RS = 0x80, 0x20, 0x10, 0x03  # of the control register

START_UP = SECOND // 2  # of the crystal; "usually less than one second"


class DS1307(MaximClock):
    """A DS1307 on its first power-up: 01/01/00 00:00:00, halted; noise in its memory."""

    ADDRESS = 0x68
    REGISTERS = 0x40
    TIME_MASKS = bytes((0xFF, 0x7F, 0x7F, 0x07, 0x3F, 0x1F, 0xFF))
    CENTURIES = 1
    CONTROL_BITS = OUT | SQWE | RS  # the others read 0
    CONTROL_AT_POWER_UP = RS
    _KEPT = (*MaximClock._KEPT, "_oscillates_at")

    def lose_power(self) -> None:
        """Remove main supply and battery, and restore them at the same moment."""
        super().lose_power()
        noise = random.Random(self.REGISTERS)  # noqa: S311 - not a secret
        self._storage = bytearray(noise.randbytes(self.REGISTERS))
        self._storage[CONTROL] = self.CONTROL_AT_POWER_UP
        self._running = False
        self._oscillates_at = self._anchor  # the crystal oscillates from then on

    # -- the oscillator ----------------------------------------------------------------

    def _time_at(self, physical: int) -> int:
        return super()._time_at(max(physical, self._oscillates_at))

    def _rebase(self, physical: int) -> None:
        super()._rebase(max(physical, self._oscillates_at))

    def _halt(self, halted: bool) -> None:
        """Apply a value of CH at the time of the anchor."""
        if self._running and halted:
            self._running = False
            self._storage[CONTROL] |= OSF & self.CONTROL_BITS
        elif not self._running and not halted:
            self._oscillates_at = self._anchor = self._now() + START_UP
            self._running = True

    # -- the registers -----------------------------------------------------------------

    def _time_registers(self) -> bytes:
        registers = super()._time_registers()
        return bytes([registers[0] | (0 if self._running else CH)]) + registers[1:]

    def _write_time(self, registers: bytes, new_second: bool) -> None:
        time = bytes([registers[0] & ~CH & 0xFF]) + registers[1:TIME_REGISTERS]
        super()._write_time(time, new_second)
        self._halt(bool(registers[0] & CH))

    def _write_register(self, register: int, value: int) -> None:
        if register == CONTROL:
            flag = self._storage[CONTROL] & value & OSF  # can be written to 0 only
            value = (value & ~OSF | flag) & self.CONTROL_BITS
        self._storage[register] = value


class DS1338(DS1307):
    """A DS1338: with an oscillator-stop flag, set when power first comes and by CH."""

    CONTROL_BITS = OUT | OSF | SQWE | RS
    CONTROL_AT_POWER_UP = OUT | OSF | SQWE | RS
