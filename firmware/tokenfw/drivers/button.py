"""A push button, polled and debounced; gives one event at a time.

A pure state machine on ticks_ms values, which wrap. Poll it every 5 to 20 ms. A
level counts once it has been stable for DEBOUNCE_MS. A button that is held at the
start gives no event until it has been released. Only while `doubles` is set is a
SHORT delayed by DOUBLE_MS, in case a second press follows.
"""

from time import ticks_diff

from micropython import const

DOWN = const(1)  # pressed
SHORT = const(2)  # released before LONG
LONG = const(3)  # held for LONG_MS; given while held
HOLD = const(4)  # held for HOLD_MS; given while held, after LONG
DOUBLE = const(5)  # pressed again within DOUBLE_MS; neither press gives a further event

DEBOUNCE_MS = const(20)
LONG_MS = const(800)
HOLD_MS = const(3000)
DOUBLE_MS = const(250)  # from the release to the second press

_UP = const(0)


class Button:
    """The button that `read()` reads: it returns true while pressed."""

    def __init__(self, read):
        self._read = read
        self._given = HOLD  # the last event of this press, or _UP; HOLD: it gives no further one
        self._pressed = True  # the debounced level
        self._level = True  # the level at the last poll
        self._since = 0  # ticks_ms when it became that level
        self._released = 0  # ticks_ms of the end of the press
        self._waits = False  # whether a SHORT is held back in case of a second press
        self.doubles = False  # whether two presses give a DOUBLE

    @property
    def down(self):
        """Whether it was pressed at the last poll(), or is not debounced yet."""
        return self._pressed or self._level

    def poll(self, now_ms):
        """Return None, or the event that is due at `now_ms` (ticks_ms)."""
        level = bool(self._read())
        if level != self._level:
            self._level = level
            self._since = now_ms
        if level == self._pressed:
            return self._held(now_ms) if level else self._single(now_ms)
        if ticks_diff(now_ms, self._since) < DEBOUNCE_MS:
            return None
        if level and self._waits:
            self._waits = False
            if not self.doubles or ticks_diff(self._since, self._released) > DOUBLE_MS:
                return SHORT  # of the first press; the next poll gives this one
            self._pressed, self._given = True, HOLD
            return DOUBLE
        self._pressed = level
        if level:
            self._down_at = self._since
            self._given = DOWN
            return DOWN
        given = self._given
        self._given = _UP
        if given == DOWN and self.doubles:
            self._waits, self._released = True, self._since
            return None
        return SHORT if given == DOWN else None

    def _single(self, now_ms):
        """Return SHORT if one is held back, and no second press can follow any more."""
        if not self._waits or (self.doubles and ticks_diff(now_ms, self._released) <= DOUBLE_MS):
            return None
        self._waits = False
        return SHORT

    def _held(self, now_ms):
        """Return LONG or HOLD when it is due. After HOLD ticks may wrap without effect."""
        if self._given == HOLD:
            return None
        due = LONG_MS if self._given == DOWN else HOLD_MS
        if ticks_diff(now_ms, self._down_at) < due:
            return None
        self._given += 2 if self._given == DOWN else 1
        return self._given
