"""What all clock chips have: a crystal, and a calendar of two-digit years that it moves.

Physical time is an integer of nanoseconds, handed in as a callable. The chip's own time is
one integer, too, counted from that by an exact rule, so that nothing adds up over a year.
What differs from chip to chip, the registers before all, is not here.
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
    """The base of the models. `now` gives physical time in ns, from any origin.

    `vcc` says whether the main supply is there; without it the battery carries on. A model
    has `ADDRESS`, `start()`, `write()` and `read()`, as the bus takes it.
    """

    ADDRESS: int
    CENTURIES = 2  # how many its registers can tell apart
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
        """START or repeated START."""

    @abstractmethod
    def write(self, data: bytes) -> None:
        """Take the bytes after the address; the first sets the register pointer."""

    @abstractmethod
    def read(self, n: int) -> bytes:
        """Return n bytes from the pointer on."""

    # -- supply and crystal ------------------------------------------------------------

    def lose_power(self) -> None:
        """Take all supplies away and give back what `vcc` says, at this moment."""
        self._pointer = 0
        self._storage = bytearray()
        self._anchor = self._now()
        self._chip = 0  # ns since 2000-01-01 00:00:00 at the anchor; never wrapped
        self._running = True
        self._day_shift = 0  # the weekday register's distance from the days since 2000
        self._illogical: bytes | None = None  # time registers that hold no date

    @property
    def vcc(self) -> bool:
        """Whether the main supply is present."""
        return self._vcc

    @vcc.setter
    def vcc(self, present: bool) -> None:
        self._vcc = present
        self._supply_changed()

    def _supply_changed(self) -> None:  # noqa: B027 (most have nothing to do)
        """Do what the chip does when the main supply comes or goes."""

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
        """Return the time the chip believes in, as Unix nanoseconds UTC.

        Raises ValueError while the registers hold a date that does not exist.
        """
        if self._illogical is not None:
            raise ValueError(f"no such time in the registers: {self._illogical.hex(' ')}")
        return UNIX_2000 + self._time_at(self._settle()) % (self.CENTURIES * CENTURY_DAYS * DAY)

    # -- persistence -------------------------------------------------------------------

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
        for name, value in kept.items():
            setattr(self, name, value)
        self._storage = storage
        self._illogical = None if illogical is None else bytes.fromhex(illogical)
        self.start()

    # -- the count ---------------------------------------------------------------------

    def _rate(self) -> int:
        """How much the oscillator is fast, in parts of RATE_ONE."""
        return round(self._ppm * RATE_PER_PPM)

    def _time_at(self, physical: int) -> int:
        """Chip time (ns since 2000) at a physical time not before the anchor."""
        if not self._running:
            return self._chip
        elapsed = physical - self._anchor
        return self._chip + elapsed + elapsed * self._rate() // RATE_ONE

    def _rebase(self, physical: int) -> None:
        """Start a new straight line of chip time over physical time, without a jump."""
        self._chip, self._anchor = self._time_at(physical), physical

    def _settle(self) -> int:
        """Let happen what was due since the last access; return the physical time."""
        return self._now()

    # -- the calendar ------------------------------------------------------------------

    def _moment(self) -> tuple[datetime, int, int]:
        """Return the date and time of 2000 to 2099, the weekday register's count from 0 on,
        and in which century."""
        seconds = self._time_at(self._settle()) // SECOND
        days = seconds // 86_400
        within = seconds % (CENTURY_DAYS * 86_400)
        moment = datetime(2000, 1, 1) + timedelta(seconds=within)
        return moment, (days + self._day_shift) % 7, days // CENTURY_DAYS % self.CENTURIES

    @abstractmethod
    def _decode(self, registers: bytes) -> tuple[int, int, int]:
        """Return days since 2000, seconds of the day, and the weekday counted from 0 on.

        Raises ValueError if there is no such time.
        """

    def _set_time(self, registers: bytes, phase: int) -> bool:
        """Take the time registers, `phase` ns into their second; return whether they hold one.

        "Illogical time and date entries result in undefined operation" (Maxim): here the
        calendar then stands still until the registers hold a possible date again.
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
    """Decode two BCD digits; raise ValueError if they are not digits or out of range."""
    number = (value >> 4) * 10 + (value & 0x0F)
    if value & 0x0F > 9 or value >> 4 > 9 or not low <= number <= high:
        raise ValueError(f"illogical register value {value:#04x}")
    return number


def days_since_2000(century: bool, year: int, month: int, day: int) -> int:
    """Return the days since 2000-01-01 of a BCD date; ValueError if there is no such date."""
    when = date(2000 + from_bcd(year, 0, 99), from_bcd(month, 1, 12), from_bcd(day, 1, 31))
    return (when - date(2000, 1, 1)).days + (CENTURY_DAYS if century else 0)
