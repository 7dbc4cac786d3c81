"""What gives up a request, and how a wipe finds its turn whatever a computer asks for."""

from attacks.hostile import FIRST_PAGE, HostileComputer
from attacks.test_dialogs_exchanged import ALICE, DARK, PIN, locked, says
from e2e.typist import HOLD, Typist

__all__ = ["locked"]


def test_a_request_behind_somebodys_dialog_is_withdrawn_and_the_next_one_is_not_busy(locked):
    locked.press()
    locked.wait(1)
    computer = HostileComputer(locked)
    asked = computer.begin("accounts.list", **FIRST_PAGE)
    assert computer.outcome(asked, 1) is None
    assert computer.do("accounts.list", **FIRST_PAGE) == "busy"
    assert computer.do("cancel", request_id=asked) == {"cancelled": True}
    assert computer.outcome(asked, 1) in ("cancelled", None)
    assert says(locked, "Unlock")
    another = computer.begin("accounts.list", **FIRST_PAGE)
    Typist(locked).enter(PIN)
    assert computer.outcome(another, 15)["total"] == 1


def test_cancel_reaches_no_other_request(sim, token):
    token.add(ALICE)
    computer = HostileComputer(sim)
    asked = computer.begin("accounts.code", account_id=1)
    sim.wait(0.5)
    for name in ("AAAAAAAA", "\x00" * 8, asked[::-1]):
        assert computer.do("cancel", request_id=name) == {"cancelled": False}
    assert says(sim, "Send code?")
    sim.wait(1)
    sim.press()
    assert "code" in computer.outcome(asked, 3)


def test_a_wipe_is_asked_after_the_dialog_that_somebody_began_at_the_token(locked):
    """And the computer is told why it waits; at most a minute, if nobody presses."""
    locked.press()
    locked.wait(1)
    computer = HostileComputer(locked)
    begun = locked.time.now()
    asked = computer.begin("wipe")
    assert computer.outcome(asked, 2) is None
    assert (asked, "queued") in computer.notices
    while (asked, "hold") not in computer.notices:
        assert computer.outcome(asked, 0.5) is None
        assert locked.time.now() - begun < 70e9
    assert says(locked, "Wipe token?")
    locked.press(HOLD)
    assert computer.outcome(asked, 10) == {}
    assert not computer.do("status")["has_pin"]


def test_a_wipe_comes_before_what_waits_and_beside_what_is_asked(sim, token):
    token.add(ALICE)
    computer = HostileComputer(sim)
    asked = computer.begin("accounts.remove", account_id=1)
    sim.wait(0.5)
    assert says(sim, "Remove?")
    wipe = computer.begin("wipe")
    assert computer.outcome(wipe, 1) is None  # it waits, and is not busy
    sim.wait(1)
    sim.press(1.2)  # no
    sim.wait(3)
    assert says(sim, "Wipe token?")
    assert computer.do("accounts.code", account_id=1) == "busy"
    sim.press(HOLD)
    assert computer.outcome(wipe, 10) == {}
    assert computer.do("status")["account_count"] == 0
    assert asked


def begin_wipe(sim, computer):
    """Ask for a wipe; return its id when a hold would wipe."""
    asked = computer.begin("wipe")
    while (asked, "hold") not in computer.notices:
        assert computer.outcome(asked, 0.2) is None
    assert says(sim, "Wipe token?")
    return asked


def test_a_wipe_is_not_busy_with_one_that_is_asked_already(sim, token):
    """Somebody killed the program that asked, and runs it again: the question stands yet."""
    token.add(ALICE)
    computer = HostileComputer(sim)
    killed = begin_wipe(sim, computer)
    again = begin_wipe(sim, computer)
    sim.press(HOLD)
    assert computer.outcome(killed, 10) == {}
    assert computer.outcome(again, 3) == {}
    sim.wait(2)
    assert not says(sim, "Wipe token?")
    assert computer.do("status")["account_count"] == 0


def test_no_is_the_answer_to_all_wipes_that_wait(sim, token):
    computer = HostileComputer(sim)
    first, second = begin_wipe(sim, computer), computer.begin("wipe")
    sim.wait(0.5)
    sim.press()
    assert computer.outcome(first, 3) == "refused"
    assert computer.outcome(second, 3) == "refused"
    sim.wait(2)
    assert not says(sim, "Wipe token?")


def test_a_second_wipe_changes_nothing_under_the_fingers_of_who_holds(sim, token):
    """And when nobody has answered the first one, it has all of its own time."""
    token.add(ALICE)
    computer = HostileComputer(sim)
    first = begin_wipe(sim, computer)
    sim.press(3.3)
    sim.wait(1.5)
    begun = [computer.begin("wipe") for _ in range(3)]
    assert computer.outcome(first, 10) == {}
    assert {computer.outcome(each, 0.1) for each in begun[:2]} <= {"cancelled", None}
    assert computer.outcome(begun[2], 3) == {}
    sim.wait(4)
    first = begin_wipe(sim, computer)
    sim.wait(25)
    second = computer.begin("wipe")
    assert computer.outcome(first, 10) == "not_pressed"
    sim.wait(20)
    sim.press(HOLD)
    assert computer.outcome(second, 10) == {}


def test_cancel_ends_one_wipe_and_not_the_other(sim, token):
    computer = HostileComputer(sim)
    first, second = begin_wipe(sim, computer), computer.begin("wipe")
    assert computer.outcome(second, 0.5) is None
    assert computer.do("cancel", request_id=second) == {"cancelled": True}
    assert computer.outcome(second, 1) == "cancelled"
    assert says(sim, "Wipe token?")
    third = computer.begin("wipe")
    assert computer.outcome(third, 0.5) is None
    assert computer.do("cancel", request_id=first) == {"cancelled": True}
    sim.wait(2)
    assert says(sim, "Wipe token?")  # of the third, anew
    sim.press(HOLD)
    assert computer.outcome(third, 10) == {}


def test_wipes_without_end_take_no_memory(sim, token):
    token.add(ALICE)
    computer = HostileComputer(sim)
    first = begin_wipe(sim, computer)
    asked = [computer.begin("wipe") for _ in range(60)]
    assert computer.outcome(first, 40) == "not_pressed"
    assert computer.do("cancel", request_id=asked[-1]) == {"cancelled": True}
    assert all(computer.do("cancel", request_id=each) == {"cancelled": False} for each in asked)


def test_the_hold_that_ends_a_dialog_does_not_wipe(locked):
    """Whoever holds to enter no PIN holds on: the question that waited is not answered by that."""
    locked.press()
    locked.wait(1)
    computer = HostileComputer(locked)
    asked = computer.begin("wipe")
    computer.outcome(asked, 1)
    locked.press(12)
    locked.wait(13)
    assert says(locked, "Wipe token?")
    assert computer.do("status")["has_pin"]
    assert DARK
