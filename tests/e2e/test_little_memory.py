"""A token with too little memory for its firmware says so, and blames no file."""

import pytest
from e2e.commandline import CommandLine
from e2e.damaged_files import LINE, LITTLE, TOO_LITTLE, files, release, run, start
from e2e.small_text import shows
from support.hash_time import chip_hashes

from otpcore.errors import Fault
from tokenctl.device.token import Token
from tokensim.port.runtime import Runtime
from tokensim.token import SimulatedToken

__all__ = ["chip_hashes", "files", "release", "run", "start"]


def test_a_chip_with_too_little_memory_says_so_and_does_not_reset_for_ever(start):
    sim = start(heap=LITTLE)
    for text in ("Too little", "memory to start."):
        assert shows(sim.board.panel.pixels(), text, own=False), sim.screen()
    with Token(sim.transport()) as token:
        assert token.identity.fault == "no_memory"
        with pytest.raises(Fault, match="too little memory"):
            token.accounts()
    sim.hold()
    sim.wait(20)
    assert sim.chip.resets == 1, "the hold asks for another try"
    sim.wait(60)
    assert sim.chip.resets == 1
    assert shows(sim.board.panel.pixels(), "Too little", own=False)


def test_where_memory_lacks_even_for_saying_so_the_line_blames_no_file(run, files):
    del files["rescue.mpy"]
    run("status", heap=LITTLE).refused(19, "too little memory")


@pytest.mark.parametrize("why, line", [("MemoryError a:1", TOO_LITTLE), ("OSError a:1", LINE)])
def test_where_the_fault_screen_fails_too_the_line_says_why(start, why, line):
    sim = start()
    sim.chip.processor.rtc_memory = b"F:\6" + why.encode()  # six faults, as faults.py has it
    sim.chip.reset()
    sim.wait(20)
    assert sim.receive(0).count(line) > 3


@pytest.mark.long
@pytest.mark.parametrize("heap", range(128, 110, -2))  # below, the stand-ins do not fit
def test_however_little_memory_there_is_it_says_something(start, heap):
    """By its screen and its link, or where that does not fit by a line: at most after 20 s."""
    sim = start(heap=f"{heap}K")
    said = TOO_LITTLE in sim.receive(0)
    if not said:
        assert not sim.chip.asleep
        with Token(sim.transport()) as token:
            assert token.identity.fault == "no_memory"


@pytest.mark.long
def test_memory_that_runs_out_in_a_run_restarts_the_token_and_does_not_put_it_to_sleep(
    monkeypatch, capfd
):
    """Where it runs out depends on a few bytes: many sizes are tried, from hardly enough down."""
    resets = 0
    for heap in range(232, 212, -2):
        with SimulatedToken(runtime=Runtime(heap=f"{heap}K")) as sim:
            for _ in range(2):
                CommandLine(sim, monkeypatch, capfd)("sync")
                assert not sim.chip.asleep, heap
            resets += sim.chip.resets
    assert resets > 0, "no size was too small"
