"""How a token's ticks relate to the computer's time, from messages there and back.

A request that left at t1 (computer) and had come at t2 (token) says that the offset is at
most t2 - t1; an answer that left at t3 (token) and had come at t4 (computer), that it is at
least t3 - t4: whatever the link did to either, no message comes before it was sent. The
least of the first and the greatest of the second over all probes bound the offset, and the
middle is taken; delays that both ways share cancel there.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from tokenctl.language import _

RATE = 100e-6  # by how much the two clocks' rates may differ
_US = 1_000_000


class Contradiction(ValueError):
    """Messages came before they were sent: one of the two clocks was changed meanwhile."""


@dataclass(frozen=True)
class Probe:
    """One exchange: `sent` and `arrived` in the computer's seconds, the others in the token's us.

    The token's have their wraps counted in.
    """

    sent: float
    received: int
    answered: int
    arrived: float


@dataclass(frozen=True)
class TickOffset:
    """At the computer's time `at` (s) the token's ticks are `ticks`, within `uncertainty` us."""

    at: float
    ticks: float
    uncertainty: float

    def ticks_at(self, seconds: float) -> float:
        """Return the ticks (us) at a time of the computer, which is not far from `at`."""
        return self.ticks + (seconds - self.at) * _US

    def time_at(self, ticks: float) -> float:
        """Return the computer's time (s) at which the ticks have this value."""
        return self.at + (ticks - self.ticks) / _US

    def uncertainty_at(self, seconds: float) -> float:
        """Return how well (us) the ticks at a time of the computer are known."""
        return self.uncertainty + abs(seconds - self.at) * RATE * _US


def intersect(probes: Sequence[Probe]) -> TickOffset:
    """Return the offset that all probes allow; raise Contradiction if there is none.

    It holds for the middle of the time they took, during which the two clocks drifted apart by
    at most RATE.
    """
    start, end = min(each.sent for each in probes), max(each.arrived for each in probes)
    middle = (start + end) / 2

    def apart(moment: float) -> float:
        return abs(moment - middle) * RATE * _US

    # A count of whole us says that up to one more has passed.
    upper = min(p.received + 1 - (p.sent - middle) * _US + apart(p.sent) for p in probes)
    lower = max(p.answered - (p.arrived - middle) * _US - apart(p.arrived) for p in probes)
    if lower > upper:
        raise Contradiction(_("the timings of the token and of the computer contradict each other"))
    return TickOffset(middle, (lower + upper) / 2, (upper - lower) / 2)


def unwrapped(ticks: int, near: int, bits: int) -> int:
    """Return the count that `ticks` stands for, which wraps at 2**bits, nearest to `near`."""
    period = 1 << bits
    return near + (ticks - near + period // 2) % period - period // 2
