"""DS3231 real-time clock at register level, after Maxim's data sheet 19-5170 (rev 10).

The chip sees the world as physical time in integer nanoseconds, handed in as a
callable. Its own time is one integer, counted from that by an exact rule, so
that nothing adds up over a year. I2C face: `start()`, `write()`, `read()`.
Not modelled: alarm matches (the registers are storage) and the square wave.
"""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

SECOND = 1_000_000_000
DAY = 86_400 * SECOND
UNIX_2000 = 946_684_800 * SECOND
CENTURY_DAYS = 36_525  # 00 to 99 with every fourth year a leap year, as the chip counts

TIME_REGISTERS = 7
CONTROL, STATUS, AGING, TEMPERATURE = 0x0E, 0x0F, 0x10, 0x11
REGISTERS = 0x13
TIME_MASKS = bytes((0x7F, 0x7F, 0x7F, 0x07, 0x3F, 0x9F, 0xFF))  # the other bits read 0

EOSC, CONV = 0x80, 0x20
OSF, EN32KHZ, BSY, ALARM_FLAGS = 0x80, 0x08, 0x04, 0x03
HOURS_12, HOURS_PM, CENTURY = 0x40, 0x20, 0x80

CONVERSION_PERIOD = 64 * SECOND  # the chip measures its temperature on its own this often
CONVERSION_TIME = 125_000_000  # typical; 200 ms at most
RATE_ONE = 10**12
RATE_PER_PPM = RATE_ONE // 10**6
RATE_PER_AGING_STEP = RATE_PER_PPM // 10  # "typically about 0.1 ppm per LSB at +25 C"


class DS3231:
    """A DS3231 on its first power-up: 01/01/00 00:00:00, oscillator-stop flag set.

    `now` returns physical time in integer nanoseconds, from any origin. `vcc`
    says whether the main supply is there; without it the battery carries on.
    """

    ADDRESS = 0x68

    def __init__(self, now: Callable[[], int]):
        self._now = now
        self._ppm = 0.0
        self._vcc = True
        self.lose_power()

    # -- supply and crystal ------------------------------------------------------------

    def lose_power(self) -> None:
        """Take main supply and battery away and give back what `vcc` says, at this moment.

        All registers go to their power-on values. On the battery alone the
        oscillator first stands still: it waits for Vcc ("Power Control").
        """
        self._pointer = 0
        self._storage = bytearray(REGISTERS)
        self._storage[CONTROL] = 0x1C
        self._storage[STATUS] = OSF | EN32KHZ
        self._storage[TEMPERATURE] = 25
        self._powered_at = self._anchor = self._now()
        self._chip = 0  # ns since 2000-01-01 00:00:00 at the anchor; never wrapped
        self._aging = 0  # the offset the oscillator runs with, in steps
        self._aging_due: int | None = None
        self._conversion_end: int | None = None
        self._running = self._vcc
        self._day_shift = 0
        self._hours_12 = False
        self._illogical: bytes | None = None
        self._latch = bytes(TIME_REGISTERS)

    @property
    def vcc(self) -> bool:
        """Whether the main supply is present (False: battery mode, where EOSC counts)."""
        return self._vcc

    @vcc.setter
    def vcc(self, present: bool) -> None:
        self._vcc = present
        self._update_oscillator()

    @property
    def ppm(self) -> float:
        """Crystal error in parts per million, positive = fast; a change counts from now on."""
        return self._ppm

    @ppm.setter
    def ppm(self, value: float) -> None:
        self._rebase(self._settle())
        self._ppm = value

    def shift(self, nanoseconds: int) -> None:
        """Move the chip's time, as if set wrong; whole seconds leave the second's phase alone."""
        self._settle()
        self._chip += nanoseconds

    def unix_ns(self) -> int:
        """Return the time the chip believes in, as Unix nanoseconds UTC (century bit: 21xx).

        Raises ValueError while the registers hold a date that does not exist.
        """
        if self._illogical is not None:
            raise ValueError(f"no such time in the registers: {self._illogical.hex(' ')}")
        return UNIX_2000 + self._time_at(self._settle()) % (2 * CENTURY_DAYS * DAY)

    # -- the I2C face ------------------------------------------------------------------

    def start(self) -> None:
        """START or repeated START: the time goes to the buffers that reads are served from."""
        self._latch = self._time_registers()

    def write(self, data: bytes) -> None:
        """Take the bytes after the address; the first sets the register pointer.

        Raises ValueError for a pointer beyond 12h, which the data sheet leaves open.
        """
        if not data:
            return
        if data[0] >= REGISTERS:
            raise ValueError(f"DS3231 has no register {data[0]:#04x}")
        self._pointer = data[0]
        time = bytearray(self._time_registers())
        touched = set()
        for value in data[1:]:
            if self._pointer < TIME_REGISTERS:
                time[self._pointer] = value & TIME_MASKS[self._pointer]
                touched.add(self._pointer)
            else:
                self._write_register(self._pointer, value)
            self._pointer = (self._pointer + 1) % REGISTERS
        if touched:
            self._set_time(bytes(time), new_second=0 in touched)

    def read(self, n: int) -> bytes:
        """Return n bytes from the pointer on; after 12h comes 00h, with the time latched anew."""
        out = bytearray()
        for _ in range(n):
            if self._pointer < TIME_REGISTERS:
                out.append(self._latch[self._pointer])
            else:
                out.append(self._read_register(self._pointer))
            self._pointer = (self._pointer + 1) % REGISTERS
            if self._pointer == 0:
                self._latch = self._time_registers()
        return bytes(out)

    # -- persistence -------------------------------------------------------------------

    _KEPT = (
        "_ppm", "_vcc", "_pointer", "_powered_at", "_anchor", "_chip", "_aging", "_aging_due",
        "_conversion_end", "_running", "_day_shift", "_hours_12",
    )  # fmt: skip

    def dump(self) -> dict[str, Any]:
        """Return the state as a dictionary that JSON can carry."""
        self._settle()
        state = {name.lstrip("_"): getattr(self, name) for name in self._KEPT}
        state["storage"] = self._storage.hex()
        state["illogical"] = None if self._illogical is None else self._illogical.hex()
        return state

    def restore(self, state: dict[str, Any]) -> None:
        """Take over a `dump()`; `now` must have the same origin. The time between has passed.

        Raises KeyError if the dictionary is not a whole dump; the chip is then as before.
        """
        kept = {name: state[name.lstrip("_")] for name in self._KEPT}
        storage, illogical = bytearray.fromhex(state["storage"]), state["illogical"]
        self.__dict__.update(kept)
        self._storage = storage
        self._illogical = None if illogical is None else bytes.fromhex(illogical)
        self._latch = self._time_registers()

    # -- the oscillator ----------------------------------------------------------------

    def _time_at(self, physical: int) -> int:
        """Chip time (ns since 2000) at a physical time not before the anchor."""
        if not self._running:
            return self._chip
        elapsed = physical - self._anchor
        rate = round(self._ppm * RATE_PER_PPM) - self._aging * RATE_PER_AGING_STEP
        return self._chip + elapsed + elapsed * rate // RATE_ONE

    def _rebase(self, physical: int) -> None:
        """Start a new straight line of chip time over physical time, without a jump."""
        self._chip, self._anchor = self._time_at(physical), physical

    def _settle(self) -> int:
        """Let happen what was due since the last access; return the physical time."""
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
        in_cycle = (now - self._powered_at) % CONVERSION_PERIOD
        return self._conversion_end is not None or (in_cycle >= CONVERSION_PERIOD - CONVERSION_TIME)

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
                self._conversion_end = now + CONVERSION_TIME
                if self._aging_due is not None:
                    self._aging_due = min(self._aging_due, self._conversion_end)
            self._update_oscillator()
        elif register == STATUS:
            clear_only = old & value & (OSF | ALARM_FLAGS)
            self._storage[STATUS] = clear_only | value & EN32KHZ
            self._update_oscillator()
        elif register == AGING:
            self._storage[AGING] = value
            periods = (now - self._powered_at) // CONVERSION_PERIOD + 1
            self._aging_due = self._powered_at + periods * CONVERSION_PERIOD
            if self._conversion_end is not None:
                self._aging_due = min(self._aging_due, self._conversion_end)
        elif register < CONTROL:
            self._storage[register] = value

    # -- registers 00h to 06h ----------------------------------------------------------

    def _time_registers(self) -> bytes:
        """The seven time registers as they stand now."""
        chip = self._time_at(self._settle())
        if self._illogical is not None:
            return self._illogical
        days, rest = divmod(chip // SECOND, 86_400)
        hour, rest = divmod(rest, 3600)
        minute, second = divmod(rest, 60)
        today = date(2000, 1, 1) + timedelta(days % CENTURY_DAYS)
        century = CENTURY if days // CENTURY_DAYS % 2 else 0
        if self._hours_12:
            hours = HOURS_12 | (HOURS_PM if hour >= 12 else 0) | _to_bcd((hour + 11) % 12 + 1)
        else:
            hours = _to_bcd(hour)
        day_of_week = (days + self._day_shift) % 7 + 1
        return bytes((
            _to_bcd(second), _to_bcd(minute), hours, day_of_week, _to_bcd(today.day),
            _to_bcd(today.month) | century, _to_bcd(today.year - 2000),
        ))  # fmt: skip

    def _set_time(self, registers: bytes, new_second: bool) -> None:
        """Take the registers as the time now; writing seconds resets the countdown chain.

        "Illogical time and date entries result in undefined operation": here the
        calendar then stands still until the registers hold a possible date again.
        """
        self._rebase(self._settle())
        phase = 0 if new_second else self._chip % SECOND
        self._chip -= self._chip % SECOND - phase
        try:
            days, seconds = _decode(registers)
        except ValueError:
            self._illogical = registers
            return
        self._illogical = None
        self._chip = (days * 86_400 + seconds) * SECOND + phase
        self._day_shift = (registers[3] - 1 - days) % 7
        self._hours_12 = bool(registers[2] & HOURS_12)


def _to_bcd(number: int) -> int:
    return number // 10 << 4 | number % 10


def _from_bcd(value: int, low: int, high: int) -> int:
    """Decode two BCD digits; raise ValueError if they are not digits or out of range."""
    number = (value >> 4) * 10 + (value & 0x0F)
    if value & 0x0F > 9 or value >> 4 > 9 or not low <= number <= high:
        raise ValueError(f"illogical register value {value:#04x}")
    return number


def _decode(registers: bytes) -> tuple[int, int]:
    """Return days since 2000-01-01 and seconds of the day; ValueError if there is no such time."""
    hours = registers[2]
    if hours & HOURS_12:
        hour = _from_bcd(hours & 0x1F, 1, 12) % 12 + (12 if hours & HOURS_PM else 0)
    else:
        hour = _from_bcd(hours & 0x3F, 0, 23)
    _from_bcd(registers[3], 1, 7)
    century, month = registers[5] & CENTURY, _from_bcd(registers[5] & 0x1F, 1, 12)
    day, year = _from_bcd(registers[4], 1, 31), _from_bcd(registers[6], 0, 99)
    days = (date(2000 + year, month, day) - date(2000, 1, 1)).days
    seconds = _from_bcd(registers[0], 0, 59) + 60 * _from_bcd(registers[1], 0, 59) + 3600 * hour
    return days + (CENTURY_DAYS if century else 0), seconds
