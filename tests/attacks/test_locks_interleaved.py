"""A token that locks while a question stands, or a clone is under way, gives nothing after it."""

from base64 import b64encode
from typing import Any

import pytest
from attacks.clone_middle import Middle
from attacks.hostile import FIRST_PAGE, HostileComputer
from attacks.test_dialogs_exchanged import DARK, PIN, locked, says
from e2e.typist import HOLD, Typist

__all__ = ["locked"]

REST = 4.0  # seconds after which nothing that was pressed before plays a part


def unlocked(locked) -> HostileComputer:
    """Return a computer at the token, after its owner has unlocked it for a list."""
    computer = HostileComputer(locked)
    listed = computer.begin("accounts.list", **FIRST_PAGE)
    locked.wait(1.2)
    Typist(locked).enter(PIN)
    assert computer.outcome(listed, 20)["total"] == 1
    locked.wait(REST)
    return computer


@pytest.mark.parametrize("how", ["lock", "dark"])
@pytest.mark.parametrize("step", ["meet", "read"])
def test_a_lock_in_the_middle_of_a_clone_ends_it(locked, how, step):
    """Before the keys are exchanged, or when the accounts are on their way."""
    computer = unlocked(locked)
    me = Middle("FEDCBA987654")
    offer = computer.begin("clone.offer", serial=me.serial)
    locked.press(HOLD, after=2)
    locked.wait(7)
    Typist(locked).enter(PIN)
    name = {"exchange_id": computer.outcome(offer, 60)["exchange_id"]}
    public = b64encode(me.public).decode()
    method = "clone.meet"
    parameters: dict[str, Any] = {"public_key": public} | name
    if step == "read":
        assert isinstance(computer.do(method, 20, **parameters), dict)
        locked.wait(REST)
        compare = computer.asked("press", "clone.compare", **name)
        locked.press(after=0.5)
        assert computer.outcome(compare, 3) == {}
        given = computer.do("clone.give", 3, **name)
        method = "transfer.read"
        parameters = {"part": 0, "transfer_id": given["transfer_id"]}
        assert computer.do(method, 3, **parameters)["data"]
    if how == "lock":
        assert computer.do("vault.lock") == {}
    else:
        locked.wait(DARK)
    assert computer.do("status")["vault"] == "locked"
    again = computer.begin(method, **parameters)
    locked.wait(REST)
    Typist(locked).enter(PIN)
    assert computer.outcome(again, 30) == "backup_over"
    for last in ("compare", "give"):
        assert computer.do(f"clone.{last}", **name) == "backup_over"


@pytest.mark.usefixtures("hashes_of_a_chip")
def test_a_question_that_stands_longer_than_the_time_to_lock_gives_nothing_away(locked):
    """Nobody presses: it ends, the token locks, and the names are asked for in vain."""
    computer = unlocked(locked)
    assert computer.outcome(computer.begin("vault.lock_after", seconds=10), 1) == {}
    locked.wait(REST)
    code = computer.asked("press", "accounts.code", account_id=1)
    locked.wait(15)
    assert says(locked, "Send code?")
    assert computer.outcome(code, 20) == "not_pressed"
    locked.wait(1)
    assert computer.do("status")["vault"] == "locked"
    assert computer.do("accounts.list", 2.0, **FIRST_PAGE) is None


def test_no_chain_of_questions_keeps_a_token_open_that_nobody_presses(locked):
    """Each wipe is given up once the next one waits: so there is a dialog all the time."""
    computer = unlocked(locked)
    assert computer.outcome(computer.begin("vault.lock_after", seconds=20), 1) == {}
    shown = computer.begin("wipe")
    for _ in range(3):
        locked.wait(8)
        following = computer.begin("wipe")
        computer.do("cancel", request_id=shown)
        shown = following
    assert says(locked, "Wipe token?")
    assert computer.do("status")["vault"] == "locked"
    assert computer.do("cancel", request_id=shown) == {"cancelled": True}
    assert computer.outcome(shown, 2) == "cancelled"
