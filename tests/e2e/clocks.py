"""What the tests of the clock share: the simulated physical time is the oracle."""

from e2e.conftest import presser

from tokenctl.device.models import Synchronised
from tokenctl.device.token import Token
from tokensim.link.adapter import Adapter
from tokensim.token import SimulatedToken

S = 10**9  # nanoseconds
DAY = 86400


def rtc_error_ms(sim: SimulatedToken) -> float:
    """Return how far the clock chip is ahead of the physical time."""
    return (sim.board.rtc.unix_ns() - sim.time.now()) / 1e6


def opened(sim: SimulatedToken, adapter: Adapter | None = None) -> Token:
    """Return tokenctl's end; somebody says yes to everything."""
    return Token(sim.transport(adapter), presser(sim))


def pass_time(sim: SimulatedToken, seconds: float) -> None:
    """Let time pass while the token is unplugged: the chip runs on its battery."""
    sim.stay_unplugged(seconds)
    sim.wait(0.5)


def measured(done: Synchronised) -> tuple[float, float, float]:
    """Return offset, error and uncertainty of a sync to the edge, in ms."""
    assert done.offset_ms is not None
    return done.offset_ms, done.error_ms, done.uncertainty_ms
