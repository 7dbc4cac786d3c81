"""A computer that wants the PIN, or its protection, out of somebody who does something else."""

import pytest
from attacks.hostile import FIRST_PAGE, HostileComputer
from e2e.small_text import shows
from e2e.typist import HOLD, LONG, Typist

from otpcore.account import Account
from tokenctl.device.token import Token

ALICE = Account("Example Bank", "alice@example.com", b"12345678901234567890")
PIN = "102010"
DARK = 31


def says(sim, text):
    rows = [list(map(int, row)) for row in sim.board.panel.pixels()]
    upright = rows if sim.board.panel.remap else [row[::-1] for row in reversed(rows)]
    return any(shows(each, text) for each in (upright, [[1 - p for p in r] for r in upright]))


@pytest.fixture
def locked(sim, token):
    """A token with an account and a PIN, locked and dark."""
    token.add(ALICE)

    def enter(notice):
        if notice == "pin":
            Typist(sim).enter(PIN).enter(PIN)

    with Token(sim.transport(), enter) as owner:
        owner.change_pin()
    sim.wait(DARK)
    assert HostileComputer(sim).do("status")["vault"] == "locked"
    return sim


def sealed(computer):
    return computer.do("status")["has_pin"]


def test_who_unlocks_a_token_never_takes_its_pin_away(locked):
    """The computer asks for it while the token is dark; its owner presses, and types the PIN."""
    computer = HostileComputer(locked)
    asked = computer.begin("vault.clear_pin")
    locked.wait(0.5)
    assert says(locked, "Remove PIN?")
    Typist(locked).press().think(1.5).enter(PIN)
    assert computer.outcome(asked, 40) in ("refused", "not_pressed")
    assert sealed(computer)


def test_the_pad_under_somebodys_fingers_is_not_exchanged(locked):
    """They opened it themselves: no cancel ends it, and what is asked meanwhile waits."""
    computer = HostileComputer(locked)
    locked.press()
    locked.wait(1)
    assert says(locked, "Unlock")
    Typist(locked).digits("10")
    locked.wait(4)
    asked = computer.begin("vault.clear_pin")
    for name in (asked, "AAAAAAAA", "00000000"):
        computer.do("cancel", request_id=name)
    assert computer.do("cancel") == "bad_request"
    assert says(locked, "Unlock")
    asked = computer.begin("vault.clear_pin")
    rest = Typist(locked).digits("20")
    rest.press().press().press(LONG).press().press(LONG).press(LONG)  # 1, 0, OK
    locked.wait(0.5)
    assert says(locked, "Unlock")
    assert computer.outcome(asked, 45) == "not_pressed"
    assert (asked, "queued") in computer.notices
    assert sealed(computer)


def test_a_dialog_says_its_purpose_on_each_of_its_screens(locked):
    computer = HostileComputer(locked)
    asked = computer.begin("vault.clear_pin")
    seen = set()
    held = typing = False
    for _ in range(200):
        locked.wait(0.1)
        computer.listen(0)
        if not held and any(each.get("notice") == "hold" for each in computer.messages):
            held = True
            locked.press(HOLD)
        if not typing and any(each.get("notice") == "pin" for each in computer.messages):
            typing = True
            Typist(locked).enter(PIN)
        if says(locked, "No PIN now"):
            break
        seen.add(says(locked, "Remove PIN?") or says(locked, "Remove PIN"))
    else:
        pytest.fail("the PIN was not removed")
    assert seen == {True}
    assert computer.outcome(asked, 5) == {"pin_length": 0}


def test_a_hold_of_three_seconds_and_the_pin_are_needed_to_remove_it(locked):
    """A press refuses, a hold that is let go after two seconds is nothing."""
    computer = HostileComputer(locked)
    asked = computer.begin("vault.clear_pin")
    locked.wait(2)
    locked.press(2.2)
    locked.wait(4)
    assert says(locked, "Remove PIN?")
    locked.press()
    assert computer.outcome(asked, 3) == "refused"
    assert sealed(computer)


def test_what_is_typed_for_a_dialog_that_went_away_is_not_taken_by_the_next_one(locked):
    """The computer's own dialog, given up and begun anew for something else while one types."""
    computer = HostileComputer(locked)
    first = computer.begin("accounts.list", **FIRST_PAGE)
    locked.wait(2)
    typist = Typist(locked).digits("10")
    locked.wait(3)
    assert says(locked, "Unlock")
    assert computer.do("cancel", request_id=first) == {"cancelled": True}
    second = computer.begin("vault.set_pin")
    typist.digits("10").digits("10")
    locked.wait(4)
    assert says(locked, "Change: old PIN")
    assert says(locked, "Let go and wait") or says(locked, "press: I see it")
    assert computer.do("cancel", request_id=second) == {"cancelled": True}
