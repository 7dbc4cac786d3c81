"""Time for the simulator, in integer nanoseconds: the machine's own, or one that only jumps."""

import time


class RealTime:
    """Runs by itself. Its origin is the Unix epoch, so that an RTC chip goes on between runs."""

    simulated = False

    def __init__(self) -> None:
        self._offset = time.time_ns() - time.monotonic_ns()

    def now(self) -> int:
        """Return the physical time."""
        return time.monotonic_ns() + self._offset


class SimulatedTime:
    """Stands still until it is moved: what takes a year takes no time."""

    simulated = True

    def __init__(self, start: int) -> None:
        self._now = start

    def now(self) -> int:
        """Return the physical time."""
        return self._now

    def move_to(self, moment: int) -> None:
        """Go forward to `moment`; never back."""
        self._now = max(self._now, moment)
