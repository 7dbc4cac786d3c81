"""The token's clock: Unix time from the RTC chip, or the reason why there is none.

UTC only, whole seconds, in integers. There is no time, and so no code, after the chip
lost it, after a set that was interrupted, and when it went back past the mark: the day
last seen, kept in the vault. If the chip stops answering, the processor keeps
the time until the power goes. Setting it is the business of `clock.setting`.
"""

import asyncio
import os
import time

from micropython import const

from otpcore import utc
from otpcore.errors import ClockFault, TimeUnknown, WireError
from otpcore.settings import CLOCK_DAY
from tokenfw.clock.history import History
from tokenfw.clock.second import SecondEdge, Timeline

EARLIEST = utc.to_unix(2020, 1, 1)  # no token of ours was set before
LATEST = utc.to_unix(2099, 12, 31, 23, 59, 59)  # what every chip holds

_BACK_MAX = const(60)  # seconds before the mark's day that are no fault yet
_KEEP_MS = const(60000)
_KNOWN_US = const(12000)  # so narrow an edge can be waited for
_EXACT_US = const(8000)  # two looks at the chip, and what a second or two add
_BUSY_US = const(15000)  # for so long nothing else runs
_AWAKE_MS = const(3)  # before an edge may come
_SEARCH_MS = const(5000)
LOOK_MS = 3  # between two looks at the chip, while one of its seconds is waited for
_WATCH_MS = const(1200)  # a second and what a late look misses of it
_LATELY_MS = const(1500)


class Clock:
    """`rtc` is a clock chip's driver; `vault` keeps the mark and the history."""

    def __init__(self, rtc, vault):
        self._rtc = rtc
        self._vault = vault
        self.history = History(vault, rtc)
        self.run = int.from_bytes(os.urandom(2), "big")  # tells this run's ticks from another's
        self.setting = False  # a set is under way, and knows what it does
        self.kept = None  # a Timeline that somebody uses: it is kept right over the wraps
        self._edge = SecondEdge()
        self._seen = None  # ticks_ms at which an edge was waited for and seen last
        self._watching = False
        self._stand_in = None  # a Timeline that goes on where the chip stopped answering
        self._chip_is_wrong = False  # it could not be set
        self.without_chip = False  # whether the time last given was counted by the processor

    @property
    def chip(self):
        """The driver of the clock chip."""
        return self._rtc

    def now(self):
        """Return the Unix time; raise TimeUnknown with what is wrong, or ClockFault."""
        try:
            if not self._chip_is_wrong:
                unix = self._read()
                self.without_chip = False
                return unix + (self.history.drift_correction(unix) + 500000) // 1000000
        except OSError:
            self._edge.forget()
        except TimeUnknown:
            self._edge.forget()
            self._stand_in = None
            self.without_chip = False
            raise
        self.without_chip = self._stand_in is not None
        if self._stand_in is None:
            raise ClockFault("no_answer")
        return self._stand_in.now()

    def _read(self):
        """Return the chip's second, unless there is reason to doubt it; note where it began."""
        before = time.ticks_us()
        try:
            year, month, day, hour, minute, second, lost = self._rtc.read()
            after = time.ticks_us()
            unix = utc.to_unix(year, month, day, hour, minute, second)
        except ValueError:
            raise TimeUnknown("no_date")
        if lost and self.history.last is not None:
            raise TimeUnknown("stopped")
        if lost or unix < EARLIEST:
            raise TimeUnknown("never_set")
        if unix > LATEST:
            raise TimeUnknown("past_2099")
        if self.history.underway and not self.setting:
            raise TimeUnknown("interrupted")
        if unix < self._vault.setting(CLOCK_DAY) * utc.DAY - _BACK_MAX:
            raise TimeUnknown("went_back")
        self._edge.saw(unix, before, after)
        return unix

    # the mark, and the stand-in

    async def keep(self):
        """Once a minute, for ever: carry tick counters over their wraps, and update the mark."""
        while True:
            self.look()
            await asyncio.sleep_ms(_KEEP_MS)

    def look(self):
        """Record the time: for the stand-in, and once a day in flash."""
        if self.kept is not None:
            self.kept.now()
        try:
            unix = self.now()
        except (TimeUnknown, ClockFault):
            return
        if self.without_chip or self.setting:
            return
        self._stand_in = Timeline(unix, self._edge.middle())
        if unix // utc.DAY > self._vault.setting(CLOCK_DAY):
            try:
                self._vault.change_settings(self.with_mark(unix))
            except WireError:
                pass  # a vault that takes nothing says so elsewhere
            except MemoryError:
                pass  # there may be enough in a minute

    def with_mark(self, unix):
        """Return the settings that hold the mark of a time."""
        return {CLOCK_DAY: unix // utc.DAY}

    # the second's edge

    def until_next_second(self, lead=10):
        """Return in how many ms to look again: `lead` ms before the next second can begin.

        While its beginning is not known, or has come so near, in some ms.
        """
        left = self._until_next()
        if left is None:
            return 10
        return max(5, left // 1000 - lead)

    def _until_next(self):
        """Return in how many us the next second begins, None if that is not known well."""
        if self.without_chip:
            return self._stand_in.until_next()
        return self._edge.until_next() if self._edge.width <= _KNOWN_US else None

    def knows_edge(self):
        """Return whether the beginning of the next second can be waited for."""
        return self._until_next() is not None

    def busy_wait(self, unix=None):
        """Poll until the second `unix`, or the next one, begins; return whether it did.

        Nothing else runs meanwhile, for up to 15 ms: the edge must be near.
        """
        started = time.ticks_us()
        now = self.now()
        if unix is None:
            unix = now + 1
        while now < unix and time.ticks_diff(time.ticks_us(), started) < _BUSY_US:
            now = self.now()
        if now == unix:
            self._seen = time.ticks_ms()
        return now == unix

    def sees_edge(self):
        """Look at the chip; tell whether it is known by now where its seconds begin.

        A second must have been seen to begin lately: one that only should have, proves nothing.
        """
        last = self._edge.unix
        self.now()
        if self.without_chip:
            return True
        if last is not None and self._edge.unix == last + 1:
            self._seen = time.ticks_ms()
        if self._seen is None or self._edge.width > _EXACT_US:
            return False
        return 0 <= time.ticks_diff(time.ticks_ms(), self._seen) < _LATELY_MS

    def watch(self):
        """Begin to look for where a second begins, for somebody who will ask for it soon."""
        if not self._watching:
            self._watching = True
            asyncio.create_task(self._watch())

    async def _watch(self):
        begun = time.ticks_ms()
        try:
            while not self.setting and not self.sees_edge():
                if time.ticks_diff(time.ticks_ms(), begun) > _WATCH_MS:
                    break
                await asyncio.sleep_ms(LOOK_MS)
        except (TimeUnknown, ClockFault):
            pass
        finally:
            self._watching = False

    def second(self):
        """Return (unix, ticks_us of its beginning, uncertainty in us), as well as it is known now.

        Raises as now().
        """
        self.now()
        if self.without_chip:
            return self._stand_in.unix, self._stand_in.ticks, 0
        return self._edge.unix, self._edge.middle(), self._edge.width // 2

    async def edge(self):
        """Return what second() does, once it is known exactly.

        Takes a second or two unless one was seen to begin just now. Raises TimeUnknown, and
        ClockFault when the chip stands still or does not answer.
        """
        begun = time.ticks_ms()
        while not self.sees_edge():
            if time.ticks_diff(time.ticks_ms(), begun) > _SEARCH_MS:
                break
            left = self._until_next()
            if left is None:
                await asyncio.sleep_ms(LOOK_MS)
                continue
            await asyncio.sleep_ms(max(0, left // 1000 - _AWAKE_MS))
            self.busy_wait()
        if not self.without_chip and self._edge.width > 3 * _KNOWN_US:
            raise ClockFault("stands_still")
        return self.second()

    # for a set

    async def begins(self, unix, ticks):
        """Look at the chip where its second `unix` should begin; return as edge()."""
        self._edge.forget()
        left = time.ticks_diff(ticks, time.ticks_us())
        if left > 0:
            await asyncio.sleep_ms(max(0, left // 1000 - _AWAKE_MS))
            self.busy_wait(unix)
        return await self.edge()

    def began(self, unix, ticks, width):
        """The chip was started with the second `unix` at `ticks`, give or take `width` / 2 us."""
        self._edge.unix, self._edge.width = unix, width
        self._edge.ticks = time.ticks_add(ticks, -(width // 2))
        self._seen = time.ticks_ms()

    def stand_in(self, timeline):
        """Note that the chip cannot be set: `timeline` keeps the time until the power goes."""
        self._stand_in = timeline
        self._chip_is_wrong = True

    def chip_is_set(self, timeline):
        """Note that the chip was set to the time of `timeline`, and shows it."""
        self._stand_in = timeline
        self._chip_is_wrong = False
