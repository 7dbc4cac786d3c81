"""A token that is used day after day, in the simulator's limited memory: nothing grows or fails."""

from collections.abc import Iterator

import pytest
from e2e.commandline import CommandLine
from e2e.daily_life import Life
from e2e.typist import Typist
from support.hash_time import chip_hashes

from tokensim.token import SimulatedToken

__all__ = ["chip_hashes"]

SECTOR = 4096
# Bytes that a day writes at most: some twenty records of half a kilobyte, and the PIN's two
# changes, which write the vault anew.
WRITTEN = 48 * 1024
KEYS = 2  # sectors that have the keys, each of which a change of the PIN erases
SPREAD = 2048  # bytes by which two starts may differ: names, and what is read ahead


@pytest.fixture
def life(monkeypatch, capfd) -> Iterator[Life]:
    with SimulatedToken() as sim:
        run = CommandLine(sim, monkeypatch, capfd)
        assert run("sync").code == 0
        yield Life(run)


@pytest.mark.parametrize("days", [2, pytest.param(30, marks=[pytest.mark.long])])
@pytest.mark.timeout(1800)
def test_nothing_grows_and_nothing_fails(life: Life, days: int):
    for _ in range(days):
        life.day()
    run = life.run
    assert life.sim.chip.resets == 2 * days, "it failed"  # each PIN: two that are planned
    state = run("status", "--json").json
    assert state["damaged_count"] == 0 and not state["changed"]
    listed = run("list", "--json", answer=lambda notice: Typist(life.sim).enter(life.pin))
    assert len(listed.json) == days + 1  # a counter a day, and the account of the last
    # An account takes some bytes of memory for its place, and nothing else grows.
    assert life.at_rest[-1] - life.at_rest[0] < SPREAD + 300 * days
    assert sum(life.flash.wear) <= days * (WRITTEN // SECTOR + 2 * KEYS)
    content = life.flash.wear[KEYS:]
    assert max(content) <= 3 + 2 * sum(content) / len(content), "the wear is spread"
