"""Physical time for the simulator, in integer nanoseconds: real, or simulated, which jumps."""

import time


class RealTime:
    """The computer's time. Its origin is the Unix epoch, so that an RTC continues between runs."""

    simulated = False

    def __init__(self) -> None:
        self._offset = time.time_ns() - time.monotonic_ns()

    def now(self) -> int:
        """Return the physical time."""
        return time.monotonic_ns() + self._offset


class SimulatedTime:
    """Time that stands still until it is moved: a year takes no real time."""

    simulated = True

    def __init__(self, start: int) -> None:
        self._now = start

    def now(self) -> int:
        """Return the physical time."""
        return self._now

    def move_to(self, moment: int) -> None:
        """Advance to `moment`; an earlier one is ignored."""
        self._now = max(self._now, moment)
