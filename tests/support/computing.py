"""The processor time of each test, including that of the processes that it waited for.

Unlike real time it is the same on a busy computer. `pytest --durations 20` prints the twenty
highest, and `make quick` each test that is too slow for it.
"""

import os
from collections.abc import Iterator
from typing import Any

import pytest

QUICK = 3.0  # seconds: a test that takes more has to be marked slow
_KEY = "computed"
_begun = pytest.StashKey[float]()


def _computed() -> float:
    return sum(os.times()[:4])


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> Iterator[None]:
    """Start counting."""
    item.stash[_begun] = _computed()
    return (yield)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(item: pytest.Item, call: Any) -> Iterator[None]:
    """Store the count in the last report of the test."""
    if call.when == "teardown":
        item.user_properties.append((_KEY, _computed() - item.stash.get(_begun, _computed())))
    return (yield)


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Print the tests that compute most, and those that are too slow for a quick run."""
    reports = [each for some in terminalreporter.stats.values() for each in some]
    found = {
        each.nodeid: seconds
        for each in reports
        if getattr(each, "when", "") == "teardown"
        for key, seconds in each.user_properties
        if key == _KEY
    }
    most = sorted(found.items(), key=lambda each: -each[1])
    if config.getoption("durations"):
        terminalreporter.section("processor time")
        terminalreporter.write_line(f"{sum(found.values()):7.1f} s in all")
        for name, seconds in most[: config.getoption("durations") or 0]:
            terminalreporter.write_line(f"{seconds:7.1f} s {name}")
    slow = [each for each in most if each[1] > QUICK]
    if slow and "not slow" in (config.getoption("markexpr") or ""):
        terminalreporter.section("to be marked slow")
        for name, seconds in slow:
            terminalreporter.write_line(f"{seconds:7.1f} s {name}")
