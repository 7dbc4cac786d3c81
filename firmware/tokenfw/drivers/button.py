"""A push button, polled: contact bounce goes in, one event at a time comes out.

A pure state machine on ticks_ms values, which wrap. Poll it every 5 to 20 ms. A
level counts once it has been the same for DEBOUNCE_MS. A button that is held when
the machine starts gives nothing until it has been released once.
"""

from time import ticks_diff

from micropython import const

DOWN = const(1)  # pressed
SHORT = const(2)  # released before LONG was given
LONG = const(3)  # held for LONG_MS; given while held
HOLD = const(4)  # held for HOLD_MS; given while held, after LONG

DEBOUNCE_MS = const(20)
LONG_MS = const(800)
HOLD_MS = const(3000)

_UP = const(0)


class Button:
    """The button behind `read`, a callable that returns true while it is pressed."""

    def __init__(self, read):
        self._read = read
        self._given = HOLD  # the last event of this press, or _UP; HOLD: no more comes of it
        self._pressed = True  # the debounced level
        self._level = True  # the level at the last poll
        self._since = 0  # ticks_ms when it became that level

    def poll(self, now_ms):
        """Return None, or the event that is due at `now_ms` (ticks_ms): DOWN, SHORT, LONG, HOLD."""
        level = bool(self._read())
        if level != self._level:
            self._level = level
            self._since = now_ms
        if level == self._pressed:
            return self._held(now_ms) if level else None
        if ticks_diff(now_ms, self._since) < DEBOUNCE_MS:
            return None
        self._pressed = level
        if level:
            self._down_at = self._since
            self._given = DOWN
            return DOWN
        given = self._given
        self._given = _UP
        return SHORT if given == DOWN else None

    def _held(self, now_ms):
        """Return LONG or HOLD when it is due. Time is not looked at once HOLD was given."""
        if self._given == HOLD:
            return None
        due = LONG_MS if self._given == DOWN else HOLD_MS
        if ticks_diff(now_ms, self._down_at) < due:
            return None
        self._given += 2 if self._given == DOWN else 1
        return self._given
