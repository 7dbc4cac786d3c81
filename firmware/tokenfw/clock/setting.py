"""One set of the clock: how far it moves, whether that passes, and the chip started at an edge.

All that goes to the flash is there before the chip is touched: the sum of silent
corrections, and an entry of the log that says that a set is under way. It says so until
the chip was read back, so that a power cut in between leaves a clock that knows no time.

The correction of the drift is the token's own finding from its log, and needs no press: with
software it takes no more than 20 ppm off the rate, as the guard lets anybody do, and an aging
register reaches 13 ppm.
"""

import asyncio
import time

from micropython import const

from otpcore import utc
from otpcore.clock_log import CALIBRATED, CONFIRMED, FIRST, NO_CHIP, UNDERWAY, Entry
from otpcore.errors import BadRequest, ClockFault, TimeUnknown, TooEarly
from tokenfw.clock.clock import EARLIEST, LATEST, LOOK_MS
from tokenfw.clock.guard import Guard
from tokenfw.clock.history import measured

_AHEAD_US = const(30000)  # the chip is started at an edge that is at least so far ahead
_AWAKE_US = const(12000)  # before it: a sleep may last up to 10 ms longer
_LATE_MAX = const(2000)  # us after which another second is waited for
_TRIES = const(5)
_SETTLE_US = const(6000)  # after the moment at which a second must not begin, known to 4 ms
_WRONG_US = const(50000)  # the chip is not what it was set to
_S = const(1000000)  # us
_TENTH = const(100)  # us: the log's unit
_RATE = const(50)  # us a second that the processor, too, may count wrong while somebody thinks
_SOFTWARE_MAX = const(20000)  # ppb
_AGING_LEAST, _AGING_MOST = -128, 127
_SURE = const(300)  # ppb: a drift that is known as well may be corrected
_SPAN = const(86400)  # seconds that it must have been measured over: warm days and cool nights


class Setting:
    """Sets `clock` to the time of `target`, a Timeline known to `uncertainty` us."""

    def __init__(self, clock, vault, target, uncertainty):
        self._clock = clock
        self._vault = vault
        self._target = clock.kept = target
        self._uncertainty = uncertainty
        self._begun = time.ticks_ms()
        self._guard = Guard(vault)
        self.offset = None  # by how many us the clock is to be moved; None: it shows no time
        self._slack = 0  # us that `offset` may be wrong, besides `uncertainty`
        self._old = None  # ticks at which one of the chip's seconds began, once that is known
        self._now = None
        self._silent = 0  # ms: the sum of silent corrections before this one
        self._correction = 0  # ppb, from now on
        self._calibrated = False

    async def measure(self, exactly):
        """Find out by how much the clock is to be moved, `exactly` or as well as one look tells."""
        if not EARLIEST <= self._target.now() < LATEST - 60:
            raise BadRequest("clock_range")
        self._correction = self._clock.history.correction
        try:
            self._compare()
            if exactly or self.needs_confirmation():
                await self._clock.edge()
                self._compare()
        except (TimeUnknown, ClockFault):
            self.offset = None

    def _compare(self):
        """Compare the chip, as well as it is known now, with the target."""
        clock = self._clock
        unix, ticks, self._slack = clock.second()
        self._target.now()
        self._now = unix
        self.offset = self._target.ahead_of(unix, ticks)
        if not clock.without_chip:
            self.offset -= clock.history.drift_correction(unix)
            if clock.sees_edge():
                self._old = ticks

    def needs_confirmation(self):
        """Return whether it needs confirmation."""
        return self.offset is None or not self._guard.allows(self._most(), self._now)

    def _most(self):
        """Return by how many us the clock may be moved at most."""
        return abs(self.offset or 0) + self._slack

    def calibrate(self):
        """Have the chip's drift corrected from now on; TooEarly when it is not known well."""
        history = self._clock.history
        entry = self._entry(0)
        found = measured(history.entries + [entry])
        if found is None:
            raise TooEarly("not_measured")
        if found.span < _SPAN or found.uncertainty > _SURE:
            days = max(_SPAN, found.span * found.uncertainty // _SURE) // 86400 + 1
            raise TooEarly("not_sure", days)
        self._correction = _nearest(found.rate, self._clock.chip.AGING_STEP)
        self._calibrated = True

    def _entry(self, flags):
        if self._calibrated:
            flags |= CALIBRATED
        if self.offset is None:
            flags |= FIRST
        offset = ((self.offset or 0) + _TENTH // 2) // _TENTH
        waited = time.ticks_diff(time.ticks_ms(), self._begun) // 1000
        uncertainty = self._uncertainty + self._slack + waited * _RATE
        uncertainty = (uncertainty + _TENTH - 1) // _TENTH
        return Entry(self._target.now(), offset, uncertainty, self._correction, flags)

    async def carry_out(self, confirmed):
        """Set the clock; return the Unix time that was set. ClockFault when the chip takes none."""
        clock = self._clock
        clock.setting = True
        try:
            await self._vault.settled()
            flags = CONFIRMED if confirmed else 0
            self._record(flags)
            try:
                unix = await self._set_chip()
            except OSError:
                flags |= UNDERWAY | NO_CHIP  # a chip that comes back is not believed
                await self._vault.settled()
                self._vault.change_settings(clock.history.with_last(self._entry(flags)))
                unix = self._target.now()
                clock.stand_in(self._target)
                return unix
            entry = self._entry(flags)
            entry.time = unix
            settings = clock.history.with_last(entry)
            if not confirmed:
                settings.update(self._guard.with_silent(self.offset, self._silent))
            await self._vault.settled()
            self._vault.change_settings(settings)
            clock.chip_is_set(self._target)
            return unix
        finally:
            clock.setting = False

    def _record(self, flags):
        """Write down that the clock is about to be set."""
        entry = self._entry(flags | UNDERWAY)
        settings = self._clock.history.with_entry(entry)
        if flags & CONFIRMED:
            settings.update(self._guard.with_confirmed(entry.time))
            settings.update(self._clock.with_mark(entry.time))
        else:
            self._silent = self._guard.corrected
            settings.update(self._guard.with_silent(self._most(), self._silent))
        self._vault.change_settings(settings)

    # the chip

    async def _set_chip(self):
        """Set the chip at an edge, and look whether it shows that; return the Unix time."""
        chip = self._clock.chip
        self._set_aging(chip)
        if self.offset is None:  # it may have stood still, and takes up to a second to start
            chip.prepare(*utc.from_unix(self._target.now()))
            await asyncio.sleep_ms(1000)
        for _ in range(_TRIES):
            unix = await self._start(chip)
            if unix is not None:
                break
        else:
            if self._unsure():
                raise ClockFault("stands_still")
            raise ClockFault("too_busy")
        self._check(chip, unix)
        try:
            shown, ticks = await self._shown(unix)
        except TimeUnknown:
            raise ClockFault("not_kept")
        if self._clock.without_chip:
            raise OSError
        if abs(self._target.ahead_of(shown, ticks)) > _WRONG_US:
            raise ClockFault("not_kept")
        return unix

    async def _start(self, chip):
        """Start the chip with the next second; return it, or None when its edge was missed.

        So it is when by then it is not known where the chip's own seconds begin.
        """
        target = self._target
        unix = target.now() + 1
        due = time.ticks_add(target.begin(unix), chip.START_US)
        while time.ticks_diff(due, time.ticks_us()) < _AHEAD_US:
            unix += 1
            due = time.ticks_add(due, _S)
        date = utc.from_unix(unix)
        if not await self._until(time.ticks_add(due, -_AWAKE_US)):
            return None
        chip.prepare(*date)
        left = time.ticks_diff(due, time.ticks_us()) // 1000
        if left > 1:
            time.sleep_ms(left - 1)
        late = time.ticks_diff(time.ticks_us(), due)
        while late < 0:
            late = time.ticks_diff(time.ticks_us(), due)
        if late > _LATE_MAX:
            return None
        chip.start()
        width = time.ticks_diff(time.ticks_us(), due) - late
        self._clock.began(unix, time.ticks_add(target.begin(unix), late), width)
        return unix

    async def _until(self, awake):
        """Wait until the ticks are `awake`; tell whether the offset is known exactly by then."""
        clock = self._clock
        while self._unsure():
            if time.ticks_diff(awake, time.ticks_us()) <= 0:
                return False
            if clock.sees_edge():
                self._compare()
            else:
                await asyncio.sleep_ms(LOOK_MS)
        left = time.ticks_diff(awake, time.ticks_us())
        await asyncio.sleep_ms(max(0, left // 1000))
        return True

    def _unsure(self):
        """Return whether the chip has a time, and nobody has seen yet where its seconds begin."""
        return self.offset is not None and self._slack > 0 and self._old is None

    async def _shown(self, unix):
        """Look at the chip where one of its old seconds would have begun; return (unix, ticks).

        One of which that is not known is looked at where its next one has to begin.
        """
        begun = self._target.begin(unix)
        if self._old is None:
            return (await self._clock.begins(unix + 1, time.ticks_add(begun, _S)))[:2]
        apart = time.ticks_diff(self._old, begun) % _S
        if apart < _S - _WRONG_US:
            left = apart + _SETTLE_US - time.ticks_diff(time.ticks_us(), begun)
            await asyncio.sleep_ms(max(0, left // 1000))
        return self._clock.second()[:2]

    def _check(self, chip, unix):
        """Read the chip back at once: ClockFault when it has another time than was written."""
        try:
            shown = chip.read()
        except ValueError:
            shown = None
        wanted = (utc.from_unix(unix) + (False,), utc.from_unix(unix + 1) + (False,))
        if shown not in wanted:
            raise ClockFault("not_held")

    def _set_aging(self, chip):
        step = chip.AGING_STEP
        if step:
            aging = max(_AGING_LEAST, min(_AGING_MOST, self._correction // step))
            if chip.aging() != aging:
                chip.set_aging(aging)


def _nearest(rate, step):
    """Return the correction (ppb) that a chip can make, or software, nearest to a rate."""
    if not step:
        return max(-_SOFTWARE_MAX, min(_SOFTWARE_MAX, (rate + 5) // 10 * 10))
    return max(_AGING_LEAST, min(_AGING_MOST, (rate + step // 2) // step)) * step
