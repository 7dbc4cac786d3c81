"""Presses that were meant for something else, or for nothing: no consent, and no PIN."""

import sys
from pathlib import Path

import pytest
from attacks.hostile import HostileComputer
from attacks.test_dialogs_exchanged import ALICE, PIN, locked, says
from e2e.typist import HOLD, Typist
from hypothesis import given
from hypothesis import strategies as st

sys.path.append(str(Path(__file__).parents[2]))  # bench/ is not installed

from bench import consent, pure

__all__ = ["locked"]
WRONG = "1313"


@pytest.mark.parametrize("period", [*consent.PERIODS, None], ids=str)
def test_somebody_who_steps_says_yes_to_nothing(period):
    assert consent.trains(period, tries=200, seed=2).hits == 0


def test_somebody_who_reads_and_presses_is_heard():
    assert consent.readers(tries=200, seed=2).hits == 200


def test_a_press_answers_when_it_is_meant_to_as_soon_as_it_was_seen():
    """Stepped, was interrupted, pressed to say so, and then to answer."""
    step, seen = (1000, 1100), (6000, 6100)
    assert not consent.is_taken([step, seen], asked=2000)
    assert consent.is_taken([step, seen, (7300, 7400)], asked=2000)
    assert not consent.is_taken([step, seen, (6900, 7000)], asked=2000)
    assert consent.is_taken([(2500, 2600), (6300, 6400)], asked=2000)  # too early; let go; again


@given(
    gaps=st.lists(st.integers(30, 60_000), min_size=1, max_size=30),
    asked=st.integers(0, 100_000),
    wrap=st.integers(0, (1 << 30) - 1),
)
def test_no_press_counts_within_a_second_or_without_a_rest(gaps, asked, wrap):
    at, presses = 0, []
    for gap in gaps:
        at += gap
        presses.append((at, at + 80))
        at += 80
    for number in range(1, len(presses) + 1):
        if consent.is_taken(presses[:number], asked, wrap):
            begin = presses[number - 1][0]
            rest = begin - presses[number - 2][1] if number > 1 else 60_000
            assert begin + 20 - asked >= 1000 and rest >= 680
            assert number < 2 or presses[number - 2][1] < asked - 3400 or rest >= 700
            return


def test_presses_in_a_pocket_wipe_nothing_in_a_hundred_hours():
    for name, longest, even in consent.POCKETS:
        found = consent.pocket(hours=100, longest=longest, even=even, seed=2)
        assert found.presses > 50_000, name
        assert found.wipes() < 1e-6, name
    assert consent.pocket(hours=100, seed=3).opened == 0


def test_the_gesture_is_four_holds_that_are_let_go_in_time():
    module = pure.load("ui/dialogs/gesture")

    def make(*lengths):
        gesture, now = module.Gesture(False), 0
        for length in lengths:
            gesture.poll(now, True)
            gesture.poll(now + length, False)
            now += length + 500
        return gesture

    assert make(3000, 3300, 4100, 3500).made == 4 and not make(3000, 3300, 4100, 3500).missed
    for wrong in (100, 2999, 4200, 9000):
        assert make(3300, 3300, 3300, wrong).missed
    lit = module.Gesture(True)  # by a press that is still on
    lit.poll(50, True)
    lit.poll(100, False)
    assert not lit.missed
    waits = [module.wait_after(number) for number in range(1, 12)]
    assert waits == sorted(waits) and waits[0] == 0 and waits[-1] == 600


def test_a_press_every_half_second_approves_no_request(sim, token):
    """Through the whole token: the person goes through the accounts, the computer asks."""
    for number in range(3):
        token.add(ALICE.__class__(f"Issuer {number}", "a", b"12345678901234567890"))
    sim.wait(5)
    computer = HostileComputer(sim)
    for number, gap in enumerate((0.35, 0.5, 0.7, 1.2)):
        for count in range(6):
            sim.press(after=0.1 + count * gap)
        sim.wait(0.1 + 1.3 * gap)
        asked = computer.begin("accounts.code", account_id=1 + number % 3)
        sim.wait(5 * gap)
        assert computer.do("cancel", request_id=asked) == {"cancelled": True}
        assert computer.outcome(asked, 1) in ("cancelled", None)
        assert (asked, "press") not in computer.notices
        sim.wait(4)


def test_who_was_interrupted_says_first_that_they_saw_it(sim, token):
    token.add(ALICE)
    sim.wait(5)
    computer = HostileComputer(sim)
    sim.press()
    sim.wait(0.5)
    asked = computer.begin("accounts.code", account_id=1)
    assert computer.outcome(asked, 1.5) is None
    assert says(sim, "press: continue")
    assert computer.notices == [(asked, "acknowledge")]
    sim.press()
    assert computer.outcome(asked, 1) is None and says(sim, "Let go and wait")
    assert computer.outcome(asked, 4) is None and says(sim, "press: yes")
    assert computer.notices[-1] == (asked, "press")
    sim.press()
    assert "code" in computer.outcome(asked, 2)


def test_after_three_wrong_pins_the_pad_opens_after_the_gesture_only(locked):
    locked.press()
    locked.wait(0.6)
    for pause in (5, 6, 9):
        Typist(locked).enter(WRONG)
        locked.wait(12 + pause)
        if not locked.board.panel.lit:
            locked.press()
            locked.wait(0.6)
    computer = HostileComputer(locked)
    assert computer.do("status")["pin_attempts_left"] == 7
    assert says(locked, "Unlock") and says(locked, "Hold 3 s (0/4)")
    Typist(locked).enter(WRONG)  # presses of no gesture
    locked.wait(20)
    assert computer.do("status")["pin_attempts_left"] == 7
    locked.wait(150)  # what was missed makes the next try wait
    locked.press()
    locked.wait(1)
    assert says(locked, "Hold 3 s (0/4)")
    Typist(locked).prove().think(1).enter(PIN)
    locked.wait(40)
    assert computer.do("status")["vault"] == "ready"
    assert HOLD


def test_a_longer_time_until_it_locks_is_held_for_in_the_menu(sim, token):
    token.add(ALICE)
    sim.wait(5)
    sim.press(0.9, second=True)  # the menu
    sim.wait(1.2)
    for _ in range(5):
        sim.press()
        sim.wait(0.4)
    sim.press(0.9)  # "Lock after", at 5 minutes
    sim.wait(1.2)
    sim.press()
    sim.wait(0.4)
    sim.press(0.9)  # 15 minutes
    sim.wait(3)
    assert says(sim, "Lock later?") and says(sim, "hold 3 s: yes")
    assert token.status().lock_after_s == 300
    sim.press(HOLD)
    sim.wait(4)
    assert token.status().lock_after_s == 900
