"""A pytest plugin: as many tests as there is time for, and how many that were: `-p support.within`.

`--until` is when no further test begins, in Unix time: those that are at it then have GRACE, after
which they count as not tried, and are named. `--seed` (see chance.py) draws the order of the files,
so that other runs reach other tests. Prints each failure, now and then how far it is, and at the
end the line that tools/torture.py reads: `tried 12 of 34, 1 failed`.
"""

import random
import time
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

EVERY = 30.0  # seconds between two lines
GRACE = 300.0  # seconds that the last tests have to end in
OFF = "from pytest-timeout"  # in the failure of a test that took too long
OVER = "the time was over"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    group = parser.getgroup("within", "as many tests as there is time for")
    group.addoption("--until", type=float, default=float("inf"), metavar="UNIX_TIME")


def pytest_configure(config: pytest.Config) -> None:
    """Count in the process that prints, begin no test too late in those that run them."""
    is_worker = hasattr(config, "workerinput")
    if not is_worker:
        config.pluginmanager.register(_Counting())
    if is_worker or not getattr(config.option, "numprocesses", None):
        until = float(config.getoption("--until") or 0)
        config.pluginmanager.register(_Late(until))
        config.pluginmanager.register(_Closing(until))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Draw the order of the files; tests of a file may share a token, and stay together."""
    files: dict[Path, list[pytest.Item]] = {}
    for item in items:
        files.setdefault(item.path, []).append(item)
    order = sorted(files)
    random.Random(config.getoption("--seed") or 0).shuffle(order)
    items[:] = [item for path in order for item in files[path]]


class _Closing:
    def __init__(self, until: float) -> None:
        self._until = until

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """Give a test no more time than is left, and some grace."""
        left = self._until - time.time()
        mark = item.get_closest_marker("timeout")
        limit = float(mark.args[0]) if mark else float(item.config.getini("timeout") or GRACE)
        if left + GRACE < limit:
            item.add_marker(pytest.mark.timeout(max(1, left + GRACE)), append=False)
        return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> Generator[None, Any, Any]:
        """Have a test that the end of the time cut off count as not tried."""
        report = yield
        if report.failed and OFF in str(report.longrepr) and time.time() > self._until + GRACE - 1:
            report.outcome, report.longrepr = "skipped", (str(item.path), 0, OVER)
        return report


class _Late:
    def __init__(self, until: float) -> None:
        self._until = until

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> bool | None:
        """Begin no test, and report none, when the time is over."""
        return True if time.time() > self._until else None


class _Counting:
    def __init__(self) -> None:
        self._tried: set[str] = set()
        self._failed: list[str] = []
        self._cut: set[str] = set()
        self._of = 0
        self._said = time.monotonic()

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(self, report: pytest.TestReport) -> tuple[str, str, str] | None:
        """Print no dots."""
        if report.failed:
            return None
        counted = report.skipped or report.when == "call"
        return (report.outcome if counted else "", "", "")

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
        if report.skipped and OVER in str(report.longrepr):
            self._cut.add(report.nodeid)
            print(f"\nnot ended: {report.nodeid}", flush=True)
        if report.failed and report.nodeid not in self._failed:
            self._failed.append(report.nodeid)
            print(f"\nFAILED: {report.nodeid}", flush=True)
        if time.monotonic() > self._said + EVERY:
            self._said = time.monotonic()
            print(f"  {self}", flush=True)

    def __str__(self) -> str:
        return f"tried {len(self._tried - self._cut)} of {self._of}, {len(self._failed)} failed"

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_sessionfinish(self) -> Iterator[None]:
        """Print the count."""
        yield
        print(f"\n{self}", flush=True)
