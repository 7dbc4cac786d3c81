"""The gesture that opens the PIN pad after wrong PINs: four holds, each released on request.

It keeps accidental presses, as in a pocket, from using up attempts: a hold takes three seconds,
and must end soon after that, when the screen says so. Any other press is a miss: the gesture
starts again, and from the second miss in a row on after a delay, longer each time. A pure state
machine on ticks_ms values.
"""

from time import ticks_diff

HOLDS = 4
HOLD_MS = 3000
IN_TIME_MS = 1200
WAITS = (0, 0, 5, 10, 20, 40, 80, 160, 320, 600)  # seconds, by the number of misses in a row


class Gesture:
    """One attempt at the gesture. `made` counts the holds; `missed` is whether it failed.

    With `down` a button is down already, for something else: that press is ignored.
    """

    def __init__(self, down):
        self.made = 0  # holds
        self.missed = False
        self._before = down
        self._down = False
        self._began = 0  # ticks_ms of the beginning of the press
        self._said = False  # whether poll() has reported that it is due

    @property
    def over(self):
        """Whether it was completed, or missed."""
        return self.missed or self.made == HOLDS

    def due(self, now_ms):
        """Return whether to release the button now."""
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
    """Return the delay of the next attempt in seconds after so many misses in a row."""
    return WAITS[min(misses, len(WAITS) - 1)]
