"""Where the key comes from that a new PIN draws: with the radio on, if it has the memory."""

import pytest
from e2e.commandline import CommandLine
from e2e.pin_command import ALICE, OTHER, PIN, alice, locked, set_pin, status
from support.hash_time import chip_hashes

from otpcore.account import Account
from tokensim.board.idfheap import SPENT
from tokensim.port.runtime import Runtime
from tokensim.token import SimulatedToken

__all__ = ["chip_hashes", "alice", "locked"]


@pytest.fixture
def with_psram(monkeypatch, capfd):
    """The same on a board with PSRAM: the heap lies there, and the radio has its memory."""
    with SimulatedToken(runtime=Runtime(heap="4000K"), radio=True) as token:
        run = CommandLine(token, monkeypatch, capfd)
        assert run("sync").code == 0
        run.put(ALICE)
        yield run


def test_with_memory_enough_the_key_is_drawn_with_the_radio_on_and_it_is_off_again(with_psram):
    alice = with_psram
    board = alice.token.board
    before = board.radio_draws
    set_pin(alice, PIN, PIN)
    assert (board.radio_draws, board.radio_on) == (before + 1, False)
    assert status(alice)["strong_key"] is True
    assert board.processor_hz == 160_000_000


def test_after_much_use_the_radio_has_no_memory_until_a_restart_which_the_token_makes(alice):
    """As the model of the chip's heap has it after ten accounts: bench/heap32/lives.py."""
    alice.put(*(Account("Example", f"number {each}", ALICE.secret) for each in range(10)))
    board = alice.token.board
    assert board.idf_heap.free <= SPENT[0]
    resets, draws = alice.token.chip.resets, board.radio_draws
    set_pin(alice, PIN, PIN)
    assert alice.restarts == 1
    assert (alice.token.chip.resets, board.radio_draws) == (resets + 2, draws + 1)
    assert board.radio_on is False
    assert status(alice)["strong_key"] is True
    assert "may be weak" not in alice("status").out
    set_pin(alice, PIN, OTHER, OTHER)  # the next one takes no restart
    assert (alice.restarts, status(alice)["strong_key"]) == (0, True)


def test_a_locked_token_restarts_before_it_asks_for_its_pin(locked):
    set_pin(locked, PIN, OTHER, OTHER)
    assert locked.restarts == 1
    assert (status(locked)["strong_key"], status(locked)["pin_length"]) == (True, 8)


def test_where_the_radio_never_has_memory_the_key_is_drawn_without_and_status_says_so(alice):
    board = alice.token.board
    board.idf_heap.leave(SPENT)
    before = board.radio_draws
    set_pin(alice, PIN, PIN)
    assert (board.radio_draws, board.radio_on) == (before, False)
    assert status(alice)["strong_key"] is False
    assert "may be weak" in alice("status").out


def test_a_radio_that_hangs_is_a_fault_and_the_token_goes_on_without(alice):
    alice.token.board.radio_hangs = True
    set_pin(alice, PIN, PIN)
    assert status(alice)["strong_key"] is False
    assert alice.stored()
