"""The running firmware: its interpreter, and the reply that it waits for.

It either computes until it sends its next request, or waits for the reply to a request, which is
due at a certain time.
"""

from collections.abc import Callable
from dataclasses import dataclass
from errno import EINTR

from tokensim.board.requests import Reply
from tokensim.board.timebase import RealTime, SimulatedTime
from tokensim.port.interpreter import Interpreter

_LOOKS = 16  # reads of time and pins that it may do without a request, in simulated time
_QUIET_US = 500_000_000  # the longest time without a request, which fits 31 bits


@dataclass
class _Pending:
    """The reply to a request, due at `due`, or from `earliest` on as soon as there is input."""

    due: int
    reply: Reply
    earliest: int | None = None


class Execution:
    """Runs the firmware; `begin` starts an interpreter, `interpreter` is None while none runs.

    `levels(now)` returns the levels of its pins at a time (physical ns), a bit each: see
    Requests.levels(). `computed_at` is when (physical ns) a board would have sent the last
    request, given what it had to compute.
    """

    def __init__(
        self,
        time: RealTime | SimulatedTime,
        begin: Callable[[], Interpreter],
        levels: Callable[[int], int],
    ) -> None:
        self._time = time
        self._begin = begin
        self._levels = levels
        self.interpreter: Interpreter | None = None
        self._pending: _Pending | None = None
        self._started = 0
        self._replied = self.computed_at = 0

    def start(self) -> Interpreter:
        """Start the firmware, and return its interpreter; its ticks start at 0 now."""
        self._started = self._time.now()
        self.interpreter = self._begin()
        return self.interpreter

    def running(self) -> Interpreter:
        """Return the interpreter of a firmware that runs."""
        assert self.interpreter is not None  # noqa: S101 (for the type checker)
        return self.interpreter

    def stop(self) -> None:
        """Kill it."""
        if self.interpreter is not None:
            self.interpreter.kill()
        self.interpreter = self._pending = None

    @property
    def computing(self) -> bool:
        """Whether it is computing, rather than waiting for a reply."""
        return self.interpreter is not None and self._pending is None

    def unread(self) -> int:
        """Return how many bytes of input it has not read."""
        return self.interpreter.pipes.unread() if self.interpreter is not None else 0

    def spend(self, duration: int) -> None:
        """Account for computing that would take a board so long (ns)."""
        if isinstance(self._time, SimulatedTime):
            self._time.move_to(self._time.now() + duration)
        else:
            self.computed_at = self._replied + duration

    def reply_at(self, due: int, reply: Reply, earliest: int | None = None) -> None:
        """Answer its request at `due`, or from `earliest` on as soon as there is input."""
        self._pending = _Pending(due, reply, earliest)

    def deliver(self, now: int, next_event: Callable[[], int]) -> None:
        """Send it the reply, if that is due.

        `next_event()` is when (physical ns) something happens next that is not its own doing.
        """
        pending = self._pending
        if pending is None:
            return
        if pending.earliest is not None and now >= pending.earliest and self.unread():
            self._reply(Reply(b"\1"), next_event())
        elif now >= pending.due:
            self._reply(pending.reply, next_event())

    def moments(self) -> list[int]:
        """Return the times (physical ns) at which its reply may be due."""
        if self._pending is None:
            return []
        moments = [self._pending.due]
        if self._pending.earliest is not None and self.unread():
            moments.append(self._pending.earliest)
        return moments

    def interrupt(self) -> None:
        """Raise KeyboardInterrupt in it; if it waits for a reply it gets EINTR instead."""
        if self._pending is not None:
            self._reply(Reply(error=EINTR), self._time.now())
        elif self.interpreter is not None:
            self.interpreter.interrupt()

    def _reply(self, reply: Reply, next_event: int) -> None:
        """Send it a reply, so that it continues; it may wait by itself until the next event."""
        if self.interpreter is None:
            return
        self._pending = None
        now = self._time.now()
        looks, levels = (_LOOKS, self._levels(now)) if self._time.simulated else (0, 0)
        self._replied = now
        since = (now - self._started) // 1000
        quiet = min(max(0, next_event - now) // 1000, _QUIET_US)
        self.interpreter.pipes.reply(reply.payload, reply.error, since, looks, levels, quiet)
