"""Tests against a real token: `pytest --port PORT --wipe-serial NUMBER tests/e2e`.

With --port only tests marked `real_token` run, and only when --wipe-serial
names the token that is there: they erase it. Without it the same tests run on
a simulated token.
"""

import gc
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from attacks import tally
from e2e.commandline import CommandLine
from support import chance, computing, kept_release, prepared
from support.hash_time import CHIP, SLOW, hash_time

from tokenctl import language
from tokenctl.device.token import Token
from tokenctl.errors import TokenctlError
from tokenctl.pictures import reader
from tokensim.token import SimulatedToken

LONG = 1800  # seconds, after which a test marked `long` hangs

# What tokenctl is to say is written in the tests in English, whatever the locale here.
os.environ |= {"LC_ALL": "C.UTF-8", "LANGUAGE": ""}
os.environ["ESPTOOL_CFGFILE"] = str(Path(__file__).parent / "support" / "flashing" / "esptool.cfg")


def pytest_xdist_auto_num_workers() -> int:
    """Return how many workers `-n auto` starts: two more than there are cores.

    A test waits in real time for a third of its own, on average.
    """
    return (os.cpu_count() or 1) + 2


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    pluginmanager.register(chance)  # which has an option
    group = parser.getgroup("real token", "tests against a real token")
    group.addoption("--port", metavar="PORT", help="run the real_token tests on this token")
    group.addoption(
        "--wipe-serial", metavar="NUMBER", help="the serial number of the token they may erase"
    )


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(computing)
    config.addinivalue_line("markers", "real_token: runs on a real token, too, with --port")
    port, number = config.getoption("--port"), config.getoption("--wipe-serial")
    if number and not port:
        raise pytest.UsageError("--wipe-serial goes with --port")
    if port and getattr(config.option, "numprocesses", None):
        raise pytest.UsageError("--port has one token for all tests: run them with -n 0")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Collect the tests without collecting garbage, which takes as long again.

    Nothing of them is ever let go, so that no later search for garbage has to look at them.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.set_threshold(20_000)  # a test leaves little
        gc.enable()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        if item.get_closest_marker("long") and not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(LONG))
    if config.getoption("--port"):
        others = [item for item in items if item.get_closest_marker("real_token") is None]
        config.hook.pytest_deselected(items=others)
        items[:] = [item for item in items if item not in others]


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say what was attacked, if anything was, and how it ended."""
    passed = terminalreporter.stats.get("passed", [])
    found = tally.rows(each for each in passed if each.when == "call")
    if found:
        terminalreporter.section("attacks that ended as they should")
        for line in tally.lines(found):
            terminalreporter.write_line(line)


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    """Leave English for the next test, whatever language a command in this process spoke."""
    yield
    if language.chosen() != "en":
        language.choose("en")


@pytest.fixture(scope="session", autouse=True)
def _prepared_worker() -> Iterator[None]:
    """Have the process that reads pictures started in a tenth of the time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reader, "subprocess", prepared.SUBPROCESS)
        yield


@pytest.fixture(scope="session", autouse=True)
def _kept_release(request: pytest.FixtureRequest) -> Iterator[None]:
    """Have the release of the firmware built once, and kept in pytest's cache."""
    cache = getattr(request.config, "cache", None)
    if cache is None:
        yield
        return
    with pytest.MonkeyPatch.context() as patch:
        kept_release.keep(cache.mkdir("release"), patch.setattr)
        yield


@pytest.fixture(scope="session", autouse=True)
def _few_iterations() -> Iterator[None]:
    """Have simulated chips hash slowly: a PIN's key takes as long, in fewer iterations."""
    with hash_time(SLOW):
        yield


@pytest.fixture
def hashes_of_a_chip() -> Iterator[None]:
    """Have simulated chips hash as fast as an ESP32, for what is about that."""
    with hash_time(CHIP):
        yield


@pytest.fixture(scope="session")
def real_token(request: pytest.FixtureRequest) -> tuple[str, str] | None:
    """Port and serial number of the real token that may be erased; None for a simulated one.

    Ends the whole run, before anything was changed, when --wipe-serial names another.
    """
    port = request.config.getoption("--port")
    if port is None:
        return None
    named = (request.config.getoption("--wipe-serial") or "").upper()
    try:
        with Token.open(port) as token:
            serial = token.identity.serial
    except TokenctlError as error:
        pytest.exit(error.sentence, pytest.ExitCode.USAGE_ERROR)
    if named != serial:
        pytest.exit(
            f"These tests erase the token at {port}, which has the serial number {serial}: "
            f"say --wipe-serial {serial} if they may.",
            pytest.ExitCode.USAGE_ERROR,
        )
    return port, serial


@pytest.fixture
def commandline(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Iterator[CommandLine]:
    """tokenctl's commands in this process, against a new token in simulated time."""
    with SimulatedToken() as token:
        yield CommandLine(token, monkeypatch, capfd)
