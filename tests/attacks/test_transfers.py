"""transfer.* of a computer that keeps to no order: nothing counts but a whole transfer's finish.

Against the running token, with files that tests/support/backups.py writes. What may come when is
said by docs/protocol.md.
"""

import random
from collections.abc import Iterator

import pytest
from attacks.hostile import HostileComputer
from attacks.test_dialogs_exchanged import ALICE
from attacks.transfers import FILE, MINE, OVER, PARTS, begin, computer, names, text, write
from e2e.saved import provision, restarted, synchronised

from tokensim.token import SimulatedToken

__all__ = ["computer"]


@pytest.fixture(scope="module")
def one_token() -> Iterator[SimulatedToken]:
    """A token with one account, for what leaves it as it was."""
    with restarted(synchronised()) as sim:
        provision(sim, ALICE, synced=False)
        yield sim


@pytest.fixture
def in_vain(one_token: SimulatedToken) -> Iterator[HostileComputer]:
    """A computer at that token, which gets nothing onto it."""
    one_token.wait(4)  # no press of an earlier test plays a part
    computer = HostileComputer(one_token)
    yield computer
    assert names(computer) == [ALICE.issuer]
    assert computer.do("status")["damaged_count"] == 0
    assert one_token.chip.resets == 0


@pytest.mark.parametrize("named", [{"transfer_id": "AAAAAAAA"}, {"transfer_id": ""}])
def test_without_a_transfer_there_is_nothing_to_read_write_or_finish(in_vain, named):
    computer = in_vain
    assert computer.do("transfer.read", part=0, **named) == OVER
    assert write(computer, named, 0) == OVER
    assert computer.do("transfer.finish", **named) == OVER
    assert computer.do("transfer.cancel", **named) == {}
    for wrong in ({}, {"transfer_id": 7}, {"transfer_id": None}):
        for method in ("read", "write", "finish", "cancel"):
            asked = {"part": 0, "data": ""} | wrong
            assert computer.do(f"transfer.{method}", **asked) in ("bad_request", OVER, {})


def test_parts_come_in_order_each_once_or_the_last_one_again(sim, computer):
    transfer = begin(sim, computer)
    for early in (1, 2, 65535):
        assert write(computer, transfer, early, PARTS[1]) == OVER
    for _ in range(3):
        assert write(computer, transfer, 0) == {}
    assert computer.do("transfer.finish", **transfer) == "bad_backup"
    assert write(computer, transfer, 1) == {}
    assert write(computer, transfer, 0) == OVER
    assert names(computer) == [ALICE.issuer]


def test_a_restore_counts_once_however_often_its_end_is_sent(sim, computer):
    transfer = begin(sim, computer)
    for part in range(len(PARTS)):
        for _ in range(2):
            assert write(computer, transfer, part) == {}
            assert names(computer) == [ALICE.issuer]
    counts = computer.do("transfer.finish", 6.0, **transfer)
    assert counts["added"] == len(MINE)
    for method, more in (("finish", {}), ("write", {"part": len(PARTS), "data": ""})):
        assert computer.do(f"transfer.{method}", **more, **transfer) == OVER
    assert write(computer, transfer, len(PARTS) - 1) == OVER
    assert computer.do("transfer.cancel", **transfer) == {}
    assert len(names(computer)) == 1 + len(MINE)


def test_the_roles_of_reading_and_writing_are_not_exchanged(sim, computer):
    transfer = begin(sim, computer)
    assert computer.do("transfer.read", part=0, **transfer) == OVER
    assert write(computer, transfer, 0) == {}
    for clone in ("meet", "compare", "give", "take"):
        asked = {"exchange_id": transfer["transfer_id"], "header": text(FILE.header)}
        assert computer.do(f"clone.{clone}", public_key=text(bytes(32)), **asked) == OVER
    assert write(computer, transfer, 1) == {}  # what was no part of it has not ended it


def test_what_belongs_to_an_earlier_session_does_not_count_in_the_next(sim, computer):
    first = begin(sim, computer)
    assert write(computer, first, 0) == {}
    sim.wait(4)
    second = begin(sim, computer)
    assert first != second
    for part in (0, 1):
        assert write(computer, first, part) == OVER
    assert computer.do("transfer.finish", **first) == OVER
    assert computer.do("transfer.cancel", **first) == {}  # and leaves the second one alone
    for part in range(len(PARTS)):
        assert write(computer, second, part) == {}
    assert computer.do("transfer.finish", 6.0, **second)["added"] == len(MINE)
    assert len(names(computer)) == 1 + len(MINE)


WRONG_SIZES = {
    "nothing": b"",
    "one byte": b"\x00",
    "a length alone": b"\x00\x40",
    "half a record": PARTS[0][:100],
    "a byte too many": PARTS[0] + b"\x00",
    "a length of zero": b"\x00\x00" + PARTS[0],
    "a length beyond the part": b"\xff\xff" + PARTS[0][2:],
    "the end alone": FILE.end,
    "the header": FILE.header,
    "random": random.Random(14).randbytes(700),
}


@pytest.mark.parametrize("what", WRONG_SIZES)
def test_a_part_of_a_wrong_size_ends_the_transfer_and_leaves_nothing(one_token, in_vain, what):
    computer = in_vain
    transfer = begin(one_token, computer)
    ended = computer.do("transfer.write", part=0, data=text(WRONG_SIZES[what]), **transfer)
    assert ended == "bad_backup" or (ended == {} and what == "nothing")
    if ended != {}:
        assert write(computer, transfer, 0) == OVER
    assert computer.do("transfer.finish", **transfer) in ("bad_backup", OVER)


@pytest.mark.parametrize("part", [-1, 65536, 1 << 40, 0.5, "0", None, True, [0]])
def test_a_part_has_a_number(one_token, in_vain, part):
    transfer = begin(one_token, in_vain)
    wrong = in_vain.do("transfer.write", part=part, data=text(PARTS[0]), **transfer)
    assert wrong == "bad_request"
    assert write(in_vain, transfer, 0) == {}
