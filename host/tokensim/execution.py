"""The firmware as it runs: its interpreter, and the reply that it waits for.

It either computes, and owes the board a request, or waits for the reply to one, which falls due
at a certain time.
"""

from collections.abc import Callable
from dataclasses import dataclass
from errno import EINTR

from tokensim.interpreter import Interpreter
from tokensim.requests import Reply
from tokensim.timebase import RealTime, SimulatedTime

_LOOKS = 16  # at time and pins, in simulated time, before the next request: nothing happens there


@dataclass
class _Pending:
    """A request that waits for its reply until `due`, or from `earliest` on for input."""

    due: int
    reply: Reply
    earliest: int | None = None


class Execution:
    """`begin` starts an interpreter; `interpreter` is None while none runs.

    `levels` returns the levels of its pins at a time (physical ns), a bit each: Requests.levels().

    `computed_at` is when (physical ns) a board would have computed what led to the last request.
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

    def start(self) -> None:
        """Start the firmware; the ticks that it sees begin now."""
        self._started = self._time.now()
        self.interpreter = self._begin()

    def stop(self) -> None:
        """End it, whatever it is doing."""
        if self.interpreter is not None:
            self.interpreter.kill()
        self.interpreter = self._pending = None

    @property
    def computing(self) -> bool:
        """Whether it owes a request."""
        return self.interpreter is not None and self._pending is None

    def unread(self) -> int:
        """Return how many bytes of input it has not read."""
        return self.interpreter.unread() if self.interpreter is not None else 0

    def spend(self, duration: int) -> None:
        """It has computed what takes a board so long (ns)."""
        if isinstance(self._time, SimulatedTime):
            self._time.move_to(self._time.now() + duration)
        else:
            self.computed_at = self._replied + duration

    def reply_at(self, due: int, reply: Reply, earliest: int | None = None) -> None:
        """Have its request answered at `due`, or as soon as there is input from `earliest` on."""
        self._pending = _Pending(due, reply, earliest)

    def deliver(self, now: int) -> None:
        """Give it the reply that is due, if one is."""
        pending = self._pending
        if pending is None:
            return
        if pending.earliest is not None and now >= pending.earliest and self.unread():
            self._reply(Reply(b"\1"))
        elif now >= pending.due:
            self._reply(pending.reply)

    def moments(self) -> list[int]:
        """Return when (physical ns) its reply falls due."""
        if self._pending is None:
            return []
        moments = [self._pending.due]
        if self._pending.earliest is not None and self.unread():
            moments.append(self._pending.earliest)
        return moments

    def interrupt(self) -> None:
        """Raise KeyboardInterrupt in it; who waits for a reply gets EINTR instead."""
        if self._pending is not None:
            self._reply(Reply(error=EINTR))
        elif self.interpreter is not None:
            self.interpreter.interrupt()

    def _reply(self, reply: Reply) -> None:
        """Let it go on."""
        if self.interpreter is None:
            return
        self._pending = None
        now = self._time.now()
        looks, levels = (_LOOKS, self._levels(now)) if self._time.simulated else (0, 0)
        self._replied = now
        since = (now - self._started) // 1000
        self.interpreter.reply(reply.payload, reply.error, since, looks, levels)
