"""A pytest plugin: as many tests as there is time for, and how many that were: `-p support.within`.

`--until` is when no further test begins, in Unix time; `--seed` draws the order of the files, so
that other runs reach other tests. Prints each failure, now and then how far it is, and at the end
the line that tools/torture.py reads: `tried 12 of 34, 1 failed`.
"""

import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

EVERY = 30.0  # seconds between two lines


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    group = parser.getgroup("within", "as many tests as there is time for")
    group.addoption("--until", type=float, default=float("inf"), metavar="UNIX_TIME")
    group.addoption("--seed", type=int, default=0)


def pytest_configure(config: pytest.Config) -> None:
    """Count in the process that prints, begin no test too late in those that run them."""
    if hasattr(config, "workerinput"):
        config.pluginmanager.register(_Closing(config.getoption("--until")))
    else:
        config.pluginmanager.register(_Counting())
        if not getattr(config.option, "numprocesses", None):
            config.pluginmanager.register(_Closing(config.getoption("--until")))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Draw the order of the files; tests of a file may share a token, and stay together."""
    files: dict[Path, list[pytest.Item]] = {}
    for item in items:
        files.setdefault(item.path, []).append(item)
    order = sorted(files)
    random.Random(config.getoption("--seed")).shuffle(order)
    items[:] = [item for path in order for item in files[path]]


class _Closing:
    def __init__(self, until: float) -> None:
        self._until = until

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> bool | None:
        """Skip a test, without a report, when the time is over."""
        return True if time.time() > self._until else None


class _Counting:
    def __init__(self) -> None:
        self._tried: set[str] = set()
        self._failed: list[str] = []
        self._of = 0
        self._said = time.monotonic()

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(self, report: pytest.TestReport) -> tuple[str, str, str] | None:
        """Print no dots."""
        if report.passed:
            return ("passed" if report.when == "call" else "", "", "")
        return None

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Count the tests, where no other processes run them."""
        self._of = len(session.items)

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: list[str]) -> None:
        """Count the tests that the other processes found."""
        self._of = len(ids)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count a test."""
        self._tried.add(report.nodeid)
        if report.failed and report.nodeid not in self._failed:
            self._failed.append(report.nodeid)
            print(f"\nFAILED: {report.nodeid}", flush=True)
        if time.monotonic() > self._said + EVERY:
            self._said = time.monotonic()
            print(f"  {self}", flush=True)

    def __str__(self) -> str:
        return f"tried {len(self._tried)} of {self._of}, {len(self._failed)} failed"

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_sessionfinish(self) -> Iterator[None]:
        """Print the count."""
        yield
        print(f"\n{self}", flush=True)
