"""A pytest plugin: what chance draws in a test is the same in each run.

Each test draws from a seed of its own, made from its name: random, secrets, os.urandom() and
what is made of it, so the keys, codes and ids of a simulated token in this process, too; and so
does Hypothesis. What tests share, such as a fixture of a module, draws from a seed that is made
from its own name, whichever test asks for it first. `--seed NUMBER` draws something else, which
that number repeats: tools/torture.py starts all its tests with one.

What runs in another process draws for itself.
"""

import contextlib
import os
import random
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, core, settings
from hypothesis.internal.conjecture import providers

# These machines are noisy: a test fails for what is wrong, never for how long it took.
_NOISY = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("alike", _NOISY, derandomize=True)
settings.register_profile("quick", _NOISY, derandomize=True, max_examples=20)  # make quick
settings.register_profile("drawn", _NOISY, derandomize=False, database=None)

_generator = random.Random()  # noqa: S311 (of tests)
_drawn: int | None = None  # the number of --seed


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option."""
    group = parser.getgroup("chance", "what chance draws in tests")
    group.addoption("--seed", type=int, metavar="NUMBER", help="draw something else than usual")


def pytest_configure(config: pytest.Config) -> None:
    """Have everything draw from here, in this process, until pytest ends."""
    global _drawn
    _drawn = config.getoption("--seed")
    patch = pytest.MonkeyPatch()
    config.add_cleanup(patch.undo)
    if not config.getoption("--port", None):  # a real token remembers the ids of the last run
        patch.setattr(os, "urandom", urandom)
        patch.setattr(random, "_urandom", urandom)  # by which the module secrets draws
    if _drawn is None:
        settings.load_profile(config.getoption("--hypothesis-profile", None) or "alike")
        # Else it also draws what stands in modules, as far as other tests have imported them.
        patch.setattr(providers, "_get_local_constants", lambda: providers._local_constants)
    else:
        settings.load_profile("drawn")
        patch.setattr(core, "global_force_seed", _drawn)


def pytest_report_header() -> list[str]:
    """Say which seed it is, if one was said."""
    return [] if _drawn is None else [f"seed: {_drawn}"]


def urandom(size: int, /) -> bytes:
    """Return bytes as os.urandom() does, from the present seed."""
    return _generator.randbytes(size)


@contextlib.contextmanager
def drawing(name: str) -> Iterator[None]:
    """Draw from the seed of this name; what is drawn afterwards goes on where it was."""
    global _generator
    before, state = _generator, random.getstate()
    seed = name if _drawn is None else f"{_drawn} {name}"
    _generator = random.Random(seed)  # noqa: S311
    random.seed(seed)
    try:
        yield
    finally:
        _generator = before
        random.setstate(state)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Have each test draw from a seed of its own."""
    with drawing(item.nodeid):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(
    fixturedef: pytest.FixtureDef[object], request: pytest.FixtureRequest
) -> Iterator[None]:
    """Have what several tests share draw from a seed of its own."""
    if fixturedef.scope == "function":
        return (yield)
    case = getattr(request, "param_index", 0)
    with drawing(f"{fixturedef.baseid} {fixturedef.argname} {case}"):
        return (yield)
