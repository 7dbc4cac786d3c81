"""What a chip's heap goes through, by the model of it: no more than is written down."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from support.hash_time import chip_hashes

sys.path.append(str(Path(__file__).parents[2]))  # bench/ is not installed

from bench import figures, samples  # noqa: E402
from bench.heap32 import driver, fits, lives, thousand  # noqa: E402
from bench.heap32.allocator import replay  # noqa: E402
from bench.link import READ  # noqa: E402

from tokenctl.device.token import Token  # noqa: E402
from tokensim.board.idfheap import AT_REST, SPENT, IdfHeap
from tokensim.token import SimulatedToken  # noqa: E402

__all__ = ["chip_hashes"]

pytestmark = pytest.mark.slow

RADIO = 36_864  # bytes in one piece that the radio is tried with
PIECE = 4096  # bytes: no piece is larger
SMALLER = 0.02  # by which a free piece may get smaller: where pieces lie is a matter of luck

BARE = 5_968  # bytes in use at the bare prompt, and those of the stock asyncio

DRAWN = 0.03  # by which what is in use differs from one run to the next, where keys are drawn

needs_node = pytest.mark.skipif(not driver.is_here(), reason=driver.MISSING)


def held(*recorded: lives.Life) -> dict[str, float]:
    """Return the figures of lives, which must be no worse than what is written down."""
    kept = figures.read()
    measured = lives.named([moment for life in recorded for moment in replay(life)])
    for name, value in measured.items():
        if name.endswith(": MemoryErrors"):
            assert value == 0, name
        elif name.endswith(": in use"):
            assert value <= kept[name] * (1 + figures.GROWTH), name
        else:
            assert value >= kept[name] * (1 - SMALLER), name
            assert name.endswith(": left") or value > PIECE, name
    return measured


@needs_node
@pytest.mark.long
def test_from_a_blank_flash_to_ten_accounts_and_a_key(tmp_path):
    lived = lives.first(tmp_path), lives.later(tmp_path), lives.asked(tmp_path)
    held(*lived)
    size = int(figures.read()[fits.named(lives.ACCOUNTS)])
    assert all(fits.suffices(each, size + fits.STEP) for each in lived)
    drawn = held(lives.radio(tmp_path))
    assert drawn["chip: the radio is on: left"] >= RADIO


@needs_node
@pytest.mark.long
@pytest.mark.parametrize("life", [lives.compacted, lives.many])
def test_a_flash_that_is_full_and_a_thousand_accounts(tmp_path, life: Callable[[Path], lives.Life]):
    held(life(tmp_path))


@needs_node
@pytest.mark.long
@pytest.mark.parametrize("life", thousand.LIVES)
def test_what_a_token_with_a_thousand_accounts_does(tmp_path, life: Callable[[Path], lives.Life]):
    """Their keys and codes are drawn anew, and with them what is entered, and where pieces lie."""
    kept = figures.read()
    lived = life(tmp_path)
    assert fits.suffices(lived, int(kept[fits.named(thousand.COUNT)]) + fits.STEP)
    measured = lives.named(replay(lived))
    for name, value in measured.items():
        if name.endswith(": MemoryErrors"):
            assert value == 0, name
        elif name.endswith(": in use"):
            assert value <= kept[name] * (1 + DRAWN), name
        else:
            assert name.endswith(": left") or value > PIECE, name


def test_a_heap_suffices_in_which_no_allocation_fails():
    """Pieces of 4 KB, all of which live: their bytes, and what a heap has besides, rounded up."""
    life = [*(("a", each, 256) for each in range(24)), ("m", "then")]
    size = fits.needed([life])
    assert size % fits.STEP == 0
    assert 24 * 4096 + BARE < size <= 24 * 4096 + BARE + 3 * fits.STEP
    assert fits.suffices(life, size) and not fits.suffices(life, size - fits.STEP)
    assert fits.needed([[*life[:5], life[-1]], life]) == size


def test_the_simulator_has_the_radio_s_memory_when_the_model_has_it():
    """At the moments of bench/heap32/lives.py: the one counts bytes, the other has their places."""
    kept = figures.read()
    seen: dict[str, bool] = {}

    def look(moment: str) -> None:
        seen[moment] = board.board.idf_heap.largest >= RADIO

    def agreed() -> Token:
        return Token(board.transport(), lambda notice: board.press(after=READ))

    with SimulatedToken() as board:
        look("empty vault")
        with agreed() as token:
            token.sync()
            look("the clock is set")
            batch = token.batch(lives.ACCOUNTS)
            for each in samples.enrolments(lives.ACCOUNTS):
                token.add(each.account, batch_id=batch)
        board.wait(60)
        look("after 10 accounts")
        board.reset()
        board.wait(5)
        look("at rest, 10 accounts")
        board.press()
        board.wait(1)
        look("a code on the screen")
        board.hold(1.2)
        board.wait(2)
        look("the menu")
    assert seen == {name: kept[f"chip: {name}: left"] >= RADIO for name in seen}
    assert not all(seen.values()) and any(seen.values())


def test_what_the_simulator_need_not_hear_of_has_no_effect():
    """Up to there it changes nothing, and soon after that it does, until all is spent."""
    heap = IdfHeap()
    heap.collected(170_000)
    for left in (AT_REST, SPENT):
        assert (heap.free, heap.largest) == left
        if left != SPENT:
            most = heap.matters
            heap.collected(most)
            assert (heap.free, heap.largest) == left
            heap.collected(most + 3)  # a byte of a board is 1.4 of these
    heap.collected(1 << 20)
    assert (heap.free, heap.largest) == SPENT and heap.matters > 1 << 20
