"""The token's clock: Unix time from the RTC chip, or the reason why there is none.

UTC only, whole seconds, in integers. A correction of up to ten seconds in all
since somebody last confirmed one passes silently; more must be confirmed,
for who sets a token's clock at will can harvest tomorrow's codes.
"""

import asyncio
import time

from otpcore import utc
from otpcore.errors import ClockFault, TimeUnknown

EARLIEST = 1767225600  # 2026-01-01: no token of ours was set before
LATEST = utc.to_unix(2099, 12, 31, 23, 59, 59)  # what every chip holds
SILENT_MAX = 10  # seconds, added up in absolute value

_GUARD = "clock_corrected"  # the setting that holds the sum


class Clock:
    """`rtc` is a clock chip's driver; `vault` keeps the sum of corrections."""

    def __init__(self, rtc, vault):
        self._rtc = rtc
        self._vault = vault
        self._last = None  # the second that was read last
        self._edge = None  # ticks_ms at which a new second was first seen

    def now(self):
        """Return the Unix time; raise TimeUnknown with what is wrong, or ClockFault."""
        try:
            year, month, day, hour, minute, second, lost = self._rtc.read()
        except OSError:
            raise ClockFault("the clock chip does not answer")
        except ValueError:
            raise TimeUnknown("the clock chip holds no date")
        if lost:
            raise TimeUnknown("the clock chip had stopped")
        try:
            now = utc.to_unix(year, month, day, hour, minute, second)
        except ValueError:
            raise TimeUnknown("the clock chip holds no date")
        if now < EARLIEST:
            raise TimeUnknown("the clock was never set")
        if now > LATEST:
            raise TimeUnknown("the clock is past 2099")
        if self._last is not None and now == self._last + 1:
            self._edge = time.ticks_ms()
        self._last = now
        return now

    def until_next_second(self):
        """Return in how many ms to look again so as to see the next second begin, within 10 ms."""
        if self._edge is None:
            return 10
        left = 1000 - time.ticks_diff(time.ticks_ms(), self._edge)
        if not -1000 <= left <= 1000:  # long ago; after six days ticks_diff is negative
            self._edge = None
            return 10
        return max(5, left - 10)

    def needs_confirmation(self, unix_time):
        """Tell whether setting the clock to `unix_time` now wants somebody's word."""
        try:
            correction = abs(unix_time - self.now())
        except TimeUnknown:
            return True
        return self._vault.setting(_GUARD, 0) + correction > SILENT_MAX

    async def set(self, unix_time, received, confirmed):
        """Set the clock; `unix_time` (seconds) was true at `received` (ticks_ms).

        Waits for the next whole second, since writing the seconds begins one. A silent
        correction is on record before it is made: a power cut in between saves none.
        Raises ClockFault when the chip cannot hold the time or does not answer.
        """
        if not confirmed:
            self._count(self._vault.setting(_GUARD, 0) + abs(unix_time - self.now()))
        late = time.ticks_diff(time.ticks_ms(), received)
        if late > 50:
            await asyncio.sleep_ms(1000 - late % 1000)
            unix_time += (time.ticks_diff(time.ticks_ms(), received) + 500) // 1000
        try:
            self._rtc.prepare(*utc.from_unix(unix_time))
            self._rtc.start()
        except ValueError:
            raise ClockFault("the clock chip holds the years 2000 to 2099 only")
        except OSError:
            raise ClockFault("the clock chip does not answer")
        self._last = self._edge = None
        if confirmed:
            self._count(0)
        return unix_time

    def _count(self, total):
        """Store the sum of the corrections, in seconds, if it is another one."""
        if total != self._vault.setting(_GUARD, 0):
            self._vault.set_setting(_GUARD, total)
