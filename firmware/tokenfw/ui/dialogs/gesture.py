"""The gesture that opens the PIN pad after wrong PINs: four holds, each let go when it is due.

Somebody who reads the screen makes it at once; whatever presses the button in a pocket does
not: a hold takes three seconds, and must end soon after that. Every other press restarts it,
and from the second one on delays the next try, longer each time. A pure state
machine on ticks_ms values.
"""

from time import ticks_diff

HOLDS = 4
HOLD_MS = 3000
IN_TIME_MS = 1200
WAITS = (0, 0, 5, 10, 20, 40, 80, 160, 320, 600)  # seconds after so many misses in a row


class Gesture:
    """`down` says that a button is down already, which was pressed for something else."""

    def __init__(self, down):
        self.made = 0  # holds
        self.missed = False
        self._before = down
        self._down = False
        self._began = 0  # ticks_ms since which it is down
        self._said = False  # that it is to be let go

    @property
    def over(self):
        """Whether it was made, or missed."""
        return self.missed or self.made == HOLDS

    def due(self, now_ms):
        """Return whether the button is to be let go now."""
        return self._down and ticks_diff(now_ms, self._began) >= HOLD_MS

    def poll(self, now_ms, down):
        """Take whether a button is down; return whether there is something new to show."""
        if self._before:
            self._before = down
            return False
        if down == self._down:
            if self._said or not self.due(now_ms):
                return False
            self._said = True
            return True
        self._down = down
        if down:
            self._began, self._said = now_ms, False
        elif HOLD_MS <= ticks_diff(now_ms, self._began) < HOLD_MS + IN_TIME_MS:
            self.made += 1
        else:
            self.missed = True
        return True


def wait_after(misses):
    """Return how many seconds the next try waits after so many misses in a row."""
    return WAITS[min(misses, len(WAITS) - 1)]
