"""What ends a transfer: an account that changed, a minute, a wipe, a lock."""

from typing import Any

import pytest
from attacks.hostile import FIRST_PAGE, HostileComputer
from attacks.test_dialogs_exchanged import ALICE, DARK, PIN, locked, says
from attacks.transfers import FILE, OVER, SECRET, begin, computer, file_of, names, text, write
from e2e.typist import HOLD, Typist
from support import backups

__all__ = ["computer", "locked"]

OTHER = [backups.Account(ALICE.issuer, ALICE.name, SECRET), backups.Account("New", "n", SECRET)]


def test_an_account_that_changed_meanwhile_ends_it(sim, computer):
    transfer = begin(sim, computer)
    assert write(computer, transfer, 0) == {}
    sim.wait(4)
    asked = computer.begin("accounts.remove", account_id=1)
    sim.press(after=2)
    assert computer.outcome(asked, 4) == {}
    assert write(computer, transfer, 1) == OVER
    assert computer.do("transfer.finish", **transfer) == OVER
    assert names(computer) == []


def test_after_a_minute_it_is_over(sim, computer):
    transfer = begin(sim, computer)
    assert write(computer, transfer, 0) == {}
    sim.wait(61)
    assert write(computer, transfer, 1) == OVER
    assert names(computer) == [ALICE.issuer]


def test_a_wipe_in_the_middle_of_it_leaves_an_empty_token(sim, computer):
    transfer = begin(sim, computer)
    assert write(computer, transfer, 0) == {}
    sim.wait(4)
    asked = computer.begin("wipe")
    sim.press(HOLD, after=2)
    assert computer.outcome(asked, 12) == {}
    for part in (1, 0):
        assert write(computer, transfer, part) == OVER
    assert computer.do("transfer.finish", **transfer) == OVER
    assert names(computer) == []
    sim.reset()
    sim.wait_until_ready()
    assert HostileComputer(sim).do("status")["changed"] is False


def test_a_wipe_between_two_of_its_questions_is_the_end_of_it(sim, computer):
    """Two accounts of the file have other secrets: each is asked about, and the wipe comes first.

    Whoever then answers no to the second question must not find the rest of the file staged.
    """
    twice = [*OTHER[:1], backups.Account("Site 1", "m", b"y" * 20), *OTHER[1:]]
    add = computer.begin(
        "accounts.add", account=ALICE.to_wire() | {"issuer": "Site 1", "name": "m"}
    )
    sim.press(after=2)
    assert computer.outcome(add, 4)["account_id"] == 2
    sim.wait(4)
    file = file_of(*twice)
    transfer = begin(sim, computer, file)
    (part,) = (data for data, _ in file.parts())
    sim.wait(4)
    sent = computer.begin("transfer.write", part=0, data=text(part), **transfer)
    sim.wait(0.5)
    wipe = computer.begin("wipe")
    assert computer.outcome(wipe, 1.5) is None
    sim.press(1.2)  # no to the first
    sim.wait(4.5)
    assert says(sim, "Wipe token?")
    sim.press(HOLD)
    assert computer.outcome(wipe, 12) == {}
    sim.wait(4.5)
    sim.press(1.2)  # no to the second
    assert computer.outcome(sent, 6) == OVER
    assert names(computer) == []
    assert computer.do("transfer.finish", **transfer) == OVER


@pytest.mark.parametrize("how", ["lock", "dark"])
def test_a_lock_in_the_middle_of_it_ends_it(locked, how):
    """By a computer, or because nobody pressed: unlocked again the token has what it had."""
    computer = HostileComputer(locked)
    asked = computer.begin("accounts.list", **FIRST_PAGE)
    locked.wait(1.2)
    Typist(locked).enter(PIN)
    assert computer.outcome(asked, 20)["total"] == 1
    locked.wait(4)
    transfer = begin(locked, computer)
    assert write(computer, transfer, 0) == {}
    if how == "lock":
        assert computer.do("vault.lock") == {}
    else:
        locked.wait(DARK)
    assert computer.do("status")["vault"] == "locked"
    unknown: dict[str, Any] = {"transfer_id": "AAAAAAAA"}
    for named in (transfer, unknown):  # and no PIN is asked for
        assert write(computer, named, 1) == OVER
        assert computer.do("transfer.read", part=0, **named) == OVER
        assert computer.do("transfer.finish", **named) == OVER
        assert computer.do("transfer.cancel", **named) == {}
        for clone in ("meet", "compare", "give", "take"):
            asked = {"exchange_id": named["transfer_id"], "header": text(FILE.header)}
            assert computer.do(f"clone.{clone}", public_key=text(bytes(32)), **asked) == OVER
    assert computer.do("status")["vault"] == "locked"
    asked = computer.begin("accounts.list", **FIRST_PAGE)
    locked.wait(4)
    Typist(locked).enter(PIN)
    assert computer.outcome(asked, 20)["total"] == 1
    assert write(computer, transfer, 1) == OVER
    assert computer.do("transfer.finish", **transfer) == OVER
    assert names(computer) == [ALICE.issuer]
    assert computer.do("status")["damaged_count"] == 0
