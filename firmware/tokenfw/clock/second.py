"""Seconds in the processor's ticks: where the clock chip's begin, and counting on from there.

Ticks are time.ticks_us(), which wrap after 18 minutes: nothing here is valid after
more than _APART seconds without an update.
"""

import time

from micropython import const

_S = const(1000000)  # microseconds
_RATE = const(200)  # us a second that chip and processor may run apart
_APART = const(400)  # seconds, over which the ticks can be told apart


class SecondEdge:
    """When the chip's second `unix` began: at `ticks`, or up to `width` us later.

    Each reading of the chip narrows it: a second that shows has begun, and the next has
    not. `unix` is None while nothing is known.
    """

    def __init__(self):
        self.unix = None
        self.ticks = time.ticks_us()
        self.width = _S

    def forget(self):
        """Note that the chip was set, or does not answer."""
        self.unix = None
        self.width = _S

    def saw(self, unix, before, after):
        """Note that the chip, read between two moments (ticks_us), showed the second `unix`."""
        low = time.ticks_add(before, -_S)
        width = time.ticks_diff(after, low)
        if self.unix is not None and 0 <= unix - self.unix <= _APART:
            passed = unix - self.unix
            apart = passed * _RATE
            old = time.ticks_diff(time.ticks_add(self.ticks, passed * _S - apart), low)
            old_width = self.width + 2 * apart
            first, last = max(0, old), min(width, old + old_width)
            if first <= last:
                low, width = time.ticks_add(low, first), last - first
        self.unix, self.ticks, self.width = unix, low, width

    def until_next(self):
        """Return in how many us the next second begins at the earliest, below zero if it may have.

        None if nothing is known.
        """
        if self.unix is None:
            return None
        passed = time.ticks_diff(time.ticks_us(), self.ticks)
        if not -_S < passed < _APART * _S:
            return None
        return _S - passed

    def middle(self):
        """Return the ticks at which `unix` began, known to half of `width`."""
        return time.ticks_add(self.ticks, self.width // 2)


class Timeline:
    """Unix time counted on by the ticks: the second `unix` began, or begins, at `ticks`.

    Has to be asked once in _APART seconds, and then keeps right over the wraps.
    """

    def __init__(self, unix, ticks):
        self.unix = unix
        self.ticks = ticks

    def now(self):
        """Return the Unix time."""
        passed = time.ticks_diff(time.ticks_us(), self.ticks) // _S
        self.unix += passed
        self.ticks = time.ticks_add(self.ticks, passed * _S)
        return self.unix

    def begin(self, unix):
        """Return the ticks at which a second near by begins."""
        return time.ticks_add(self.ticks, (unix - self.unix) * _S)

    def ahead_of(self, unix, ticks):
        """Return by how many us it is ahead of a clock whose second `unix` began at `ticks`."""
        return (self.unix - unix) * _S + time.ticks_diff(ticks, self.ticks)

    def until_next(self):
        """Return in how many us the next second begins."""
        return time.ticks_diff(self.begin(self.now() + 1), time.ticks_us())
