"""The common part of all clock chips: a crystal, and a calendar of two-digit years.

Physical time is an integer in nanoseconds, returned by a callable. The chip's own time is an
integer too, computed from it by an exact rule, so that no rounding errors add up over a year.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

SECOND = 1_000_000_000
DAY = 86_400 * SECOND
UNIX_2000 = 946_684_800 * SECOND
CENTURY_DAYS = 36_525  # 00 to 99 with every fourth year a leap year, as the chips count
RATE_ONE = 10**12
RATE_PER_PPM = RATE_ONE // 10**6


class RtcBase(ABC):
    """The base of the models. `now` returns physical time in ns, from any origin.

    `vcc` is whether the main supply is present; without it the chip runs on its battery. A model
    has `ADDRESS`, `start()`, `write()` and `read()`, as i2c.Device.
    """

    ADDRESS: int
    CENTURIES = 2  # that its registers can distinguish
    _KEPT: tuple[str, ...] = (
        "_ppm", "_vcc", "_pointer", "_anchor", "_chip", "_running", "_day_shift",
    )  # fmt: skip

    def __init__(self, now: Callable[[], int]):
        self._now = now
        self._ppm = 0.0
        self._vcc = True
        self.lose_power()

    # -- the I2C face ------------------------------------------------------------------

    @abstractmethod
    def start(self) -> None:
        """Handle a START or repeated START."""

    @abstractmethod
    def write(self, data: bytes) -> None:
        """Handle the bytes written after the address; the first sets the register pointer."""

    @abstractmethod
    def read(self, n: int) -> bytes:
        """Return n bytes from the pointer on."""

    # -- supply and crystal ------------------------------------------------------------

    def lose_power(self) -> None:
        """Remove all supplies, and restore what `vcc` says at the same moment."""
        self._pointer = 0
        self._storage = bytearray()
        self._anchor = self._now()
        self._chip = 0  # ns since 2000-01-01 00:00:00 at the anchor; never wrapped
        self._running = True
        self._day_shift = 0  # the weekday register's distance from the days since 2000
        self._illogical: bytes | None = None  # time registers, if they hold no valid date

    @property
    def vcc(self) -> bool:
        """Whether the main supply is present."""
        return self._vcc

    @vcc.setter
    def vcc(self, present: bool) -> None:
        self._vcc = present
        self._supply_changed()

    def _supply_changed(self) -> None:  # noqa: B027 (most have nothing to do)
        """Handle that the main supply was switched on or off."""

    @property
    def ppm(self) -> float:
        """The crystal's error in ppm, positive: fast; a change takes effect at once."""
        return self._ppm

    @ppm.setter
    def ppm(self, value: float) -> None:
        self._rebase(self._settle())
        self._ppm = value

    def shift(self, nanoseconds: int) -> None:
        """Move the chip's time, as if set wrong; whole seconds do not move the second's edge."""
        self._settle()
        self._chip += nanoseconds

    def unix_ns(self) -> int:
        """Return the chip's time as Unix nanoseconds UTC.

        Raises ValueError while the registers hold a date that does not exist.
        """
        if self._illogical is not None:
            raise ValueError(f"no such time in the registers: {self._illogical.hex(' ')}")
        return UNIX_2000 + self._time_at(self._settle()) % (self.CENTURIES * CENTURY_DAYS * DAY)

    # -- persistence -------------------------------------------------------------------

    def dump(self) -> dict[str, Any]:
        """Return the state as a dict of JSON types."""
        self._settle()
        state = {name.lstrip("_"): getattr(self, name) for name in self._KEPT}
        state["storage"] = self._storage.hex()
        state["illogical"] = None if self._illogical is None else self._illogical.hex()
        return state

    def restore(self, state: dict[str, Any]) -> None:
        """Restore a dump(); `now` must have the same origin, and the time since counts as passed.

        Raises KeyError if the dict is not a complete dump; the chip is then unchanged.
        """
        kept = {name: state[name.lstrip("_")] for name in self._KEPT}
        storage, illogical = bytearray.fromhex(state["storage"]), state["illogical"]
        for name, value in kept.items():
            setattr(self, name, value)
        self._storage = storage
        self._illogical = None if illogical is None else bytes.fromhex(illogical)
        self.start()

    # -- the count ---------------------------------------------------------------------

    def _rate(self) -> int:
        """Return by how much the oscillator is fast, in parts of RATE_ONE."""
        return round(self._ppm * RATE_PER_PPM)

    def _time_at(self, physical: int) -> int:
        """Return the chip time (ns since 2000) at a physical time not before the anchor."""
        if not self._running:
            return self._chip
        elapsed = physical - self._anchor
        return self._chip + elapsed + elapsed * self._rate() // RATE_ONE

    def _rebase(self, physical: int) -> None:
        """Move the anchor to a physical time, so that a new rate applies from there."""
        self._chip, self._anchor = self._time_at(physical), physical

    def _settle(self) -> int:
        """Process what has become due since the last access; return the physical time."""
        return self._now()

    # -- the calendar ------------------------------------------------------------------

    def _moment(self) -> tuple[datetime, int, int]:
        """Return the date and time in 2000 to 2099, the weekday from 0, and the century."""
        seconds = self._time_at(self._settle()) // SECOND
        days = seconds // 86_400
        within = seconds % (CENTURY_DAYS * 86_400)
        moment = datetime(2000, 1, 1) + timedelta(seconds=within)
        return moment, (days + self._day_shift) % 7, days // CENTURY_DAYS % self.CENTURIES

    @abstractmethod
    def _decode(self, registers: bytes) -> tuple[int, int, int]:
        """Return days since 2000, seconds of the day, and the weekday from 0.

        Raises ValueError if there is no such time.
        """

    def _set_time(self, registers: bytes, phase: int) -> bool:
        """Set the time to registers, `phase` ns into their second; return whether it is valid.

        "Illogical time and date entries result in undefined operation" (Maxim): here the
        calendar then stops until the registers hold a valid date again.
        """
        try:
            days, seconds, weekday = self._decode(registers)
        except ValueError:
            self._illogical = registers
            return False
        self._illogical = None
        self._chip = (days * 86_400 + seconds) * SECOND + phase
        self._day_shift = (weekday - days) % 7
        return True


def to_bcd(number: int) -> int:
    """Return 0 to 99 as two BCD digits."""
    return number // 10 << 4 | number % 10


def from_bcd(value: int, low: int, high: int) -> int:
    """Return the number in two BCD digits; raise ValueError if invalid or out of range."""
    number = (value >> 4) * 10 + (value & 0x0F)
    if value & 0x0F > 9 or value >> 4 > 9 or not low <= number <= high:
        raise ValueError(f"illogical register value {value:#04x}")
    return number


def days_since_2000(century: bool, year: int, month: int, day: int) -> int:
    """Return the days since 2000-01-01 of a BCD date; raise ValueError if it does not exist."""
    when = date(2000 + from_bcd(year, 0, 99), from_bcd(month, 1, 12), from_bcd(day, 1, 31))
    return (when - date(2000, 1, 1)).days + (CENTURY_DAYS if century else 0)
