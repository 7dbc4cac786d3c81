"""Tokens whose firmware fails at every start: a copy with faults, which `mend` takes out again."""

import json
import shutil

import pytest
from e2e.breakable import Breakable
from e2e.commandline import CommandLine
from support.kept_release import as_simulated

from otpcore.account import Account
from otpcore.version import VERSION
from tokenctl.device.token import Token
from tokenctl.payload import firmware_folder
from tokenctl.release import translating
from tokensim.port.runtime import Runtime
from tokensim.token import SimulatedToken

STANDARD = json.loads((firmware_folder() / "board.json").read_text())

ALICE = Account("Example Bank", "alice@example.com", b"12345678901234567890")


@pytest.fixture(scope="module")
def copied(tmp_path_factory):
    return Breakable(tmp_path_factory.mktemp("copied"))


@pytest.fixture
def firmware(copied):
    """The copy, as if it were new: a test puts faults into it and may change the board's file."""
    copied.mend()
    shutil.copy(firmware_folder() / "board.json", copied.folder)
    return copied


@pytest.fixture
def make(firmware):
    """Make a token that runs it: returned when it has stopped resetting."""
    made = []

    def make(**options):
        sim = SimulatedToken(runtime=Runtime(firmware.folder), **options)
        made.append(sim)
        sim.power_on()
        rest(sim)
        return sim

    yield make
    for sim in made:
        sim.close()


@pytest.fixture(scope="module")
def one_failed(tmp_path_factory):
    """A token whose firmware has failed three times, for the tests that leave it as it is."""
    firmware = Breakable(tmp_path_factory.mktemp("failed"))
    firmware.put("fails")
    sim = SimulatedToken(runtime=Runtime(firmware.folder))
    sim.power_on()
    rest(sim)
    yield sim
    sim.close()


@pytest.fixture
def failed(one_failed):
    """That token, where nothing is left of another test's question."""
    one_failed.wait(4)
    yield one_failed
    assert one_failed.chip.resets == 3


@pytest.fixture
def commandline(failed, monkeypatch, capfd):
    """Commands for a token whose firmware fails at every start."""
    return CommandLine(failed, monkeypatch, capfd)


def rest(sim: SimulatedToken) -> int:
    """Wait until the token stays on; return how often it was reset before.

    A hang ends after eight seconds.
    """
    while True:
        resets = sim.chip.resets
        if not sim.wait_for(lambda: sim.chip.resets > resets, 15):  # noqa: B023 (called at once)
            return resets


def fault_of(sim: SimulatedToken) -> str:
    """Return what the token says of its fault, "" if it has none."""
    with Token(sim.transport()) as token:
        assert token.identity.fault == token.status().fault
        return token.identity.fault or ""


def found(firmware: Breakable, text: str | None) -> str:
    """Return a fault in the words of the sources."""
    release = as_simulated(firmware.folder)
    return translating.Map(translating.as_map(release, VERSION)).translate(text or "")


def blank(sim: SimulatedToken) -> bool:
    return not sim.board.flash.read(0, sim.board.flash.size).strip(b"\xff")
