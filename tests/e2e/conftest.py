"""A simulated token in simulated time, and tokenctl's Token on it: no test sleeps."""

from collections.abc import Callable, Iterator

import pytest
from e2e.processes import end_what_was_left
from e2e.saved import restarted, synchronised
from support import kept_release

from tokenctl.device.token import Token
from tokensim.token import SimulatedToken

PRESS_AFTER = 0.2  # seconds from the notice


@pytest.fixture(autouse=True)
def _nothing_left_running() -> Iterator[None]:
    yield
    end_what_was_left()


@pytest.fixture
def kept_builds(pytestconfig: pytest.Config) -> list[str]:
    """What stands before a Python program that builds, so that it builds nothing again."""
    if not pytestconfig.pluginmanager.has_plugin("cacheprovider"):
        return []
    return [kept_release.__file__, str(pytestconfig.cache.mkdir("release"))]


@pytest.fixture
def sim() -> Iterator[SimulatedToken]:
    """A token that has just been switched on, with no account, whose clock is right."""
    with restarted(synchronised()) as sim:
        yield sim


@pytest.fixture
def token(sim: SimulatedToken) -> Iterator[Token]:
    """tokenctl's end, with somebody at the token who says yes to everything."""
    with Token(sim.transport(), presser(sim)) as token:
        yield token


def presser(sim: SimulatedToken) -> Callable[[str], None]:
    """Return an `on_notice` that presses the button, or holds it where that is asked for."""

    def on_notice(notice: str) -> None:
        if notice not in ("queued", "restarts"):
            sim.press(3.3 if notice == "hold" else 0.1, after=PRESS_AFTER)

    return on_notice
