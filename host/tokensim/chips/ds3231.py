"""DS3231 and DS3231M real-time clocks at register level, from Maxim's data sheets.

These are 19-5170 (rev 10) and 19-5312. Not modelled: alarm matches (the registers are
storage), the square wave, and that a DS3231M on its battery measures its temperature only
every 10 s.
"""

from tokensim.chips.maxim import MaximClock
from tokensim.chips.rtc_base import RATE_PER_PPM, SECOND

CONTROL, STATUS, AGING, TEMPERATURE = 0x0E, 0x0F, 0x10, 0x11

EOSC, CONV = 0x80, 0x20
OSF, EN32KHZ, BSY, ALARM_FLAGS = 0x80, 0x08, 0x04, 0x03


class DS3231(MaximClock):
    """A DS3231 on its first power-up: 01/01/00 00:00:00, oscillator-stop flag set."""

    ADDRESS = 0x68
    REGISTERS = 0x13
    TIME_MASKS = bytes((0x7F, 0x7F, 0x7F, 0x07, 0x3F, 0x9F, 0xFF))
    CONVERSION_PERIOD = 64 * SECOND  # between its own measurements of the temperature
    CONVERSION_TIME = 125_000_000  # typical; 200 ms at most
    RATE_PER_AGING_STEP = RATE_PER_PPM // 10  # "typically about 0.1 ppm per LSB at +25 C"
    _KEPT = (*MaximClock._KEPT, "_powered_at", "_aging", "_aging_due", "_conversion_end")

    # -- supply and crystal ------------------------------------------------------------

    def lose_power(self) -> None:
        """Remove main supply and battery, and restore what `vcc` says at the same moment.

        All registers get their power-on values. On the battery alone the oscillator does not
        start: it waits for Vcc ("Power Control").
        """
        super().lose_power()
        self._storage[CONTROL] = 0x1C
        self._storage[STATUS] = OSF | EN32KHZ
        self._storage[TEMPERATURE] = 25
        self._powered_at = self._anchor
        self._aging = 0  # the offset the oscillator runs with, in steps
        self._aging_due: int | None = None
        self._conversion_end: int | None = None
        self._running = self._vcc

    def _supply_changed(self) -> None:
        self._update_oscillator()

    # -- the oscillator ----------------------------------------------------------------

    def _rate(self) -> int:
        return super()._rate() - self._aging * self.RATE_PER_AGING_STEP

    def _settle(self) -> int:
        now = self._now()
        if self._conversion_end is not None and now >= self._conversion_end:
            self._conversion_end = None
        if self._aging_due is not None and now >= self._aging_due:
            self._rebase(self._aging_due)
            self._aging_due = None
            self._aging = int.from_bytes(self._storage[AGING : AGING + 1], "big", signed=True)
        return now

    def _update_oscillator(self) -> None:
        """Stop or start after a change of supply or EOSC ("Control Register", bit 7)."""
        self._rebase(self._settle())
        if self._vcc:
            self._running = True
        elif self._storage[CONTROL] & EOSC:
            self._running = False
        if not self._running:
            self._storage[STATUS] |= OSF

    def _busy(self, now: int) -> bool:
        period = self.CONVERSION_PERIOD
        converting = (now - self._powered_at) % period >= period - self.CONVERSION_TIME
        return self._conversion_end is not None or converting

    # -- registers 07h to 12h ----------------------------------------------------------

    def _read_register(self, register: int) -> int:
        now = self._settle()
        value = self._storage[register]
        if register == CONTROL and self._conversion_end is not None:
            value |= CONV
        if register == STATUS and self._busy(now):
            value |= BSY
        return value

    def _write_register(self, register: int, value: int) -> None:
        now = self._settle()
        old = self._storage[register]
        if register == CONTROL:
            self._storage[CONTROL] = value & ~CONV
            if value & CONV and not self._busy(now):
                self._conversion_end = now + self.CONVERSION_TIME
                if self._aging_due is not None:
                    self._aging_due = min(self._aging_due, self._conversion_end)
            self._update_oscillator()
        elif register == STATUS:
            clear_only = old & value & (OSF | ALARM_FLAGS)
            self._storage[STATUS] = clear_only | value & EN32KHZ
            self._update_oscillator()
        elif register == AGING:
            self._storage[AGING] = value
            periods = (now - self._powered_at) // self.CONVERSION_PERIOD + 1
            self._aging_due = self._powered_at + periods * self.CONVERSION_PERIOD
            if self._conversion_end is not None:
                self._aging_due = min(self._aging_due, self._conversion_end)
        elif register < CONTROL:
            self._storage[register] = value


class DS3231M(DS3231):
    """A DS3231M: the same registers, another oscillator."""

    CONVERSION_PERIOD = SECOND  # "once every second afterwards with Vcc power"
    CONVERSION_TIME = 10_000_000  # typical
    RATE_PER_AGING_STEP = RATE_PER_PPM * 12 // 100  # "typically represents a 0.12ppm change"
