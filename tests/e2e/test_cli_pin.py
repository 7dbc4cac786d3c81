"""The PIN: set, changed, cleared, and entered at the token."""

import pytest
from e2e.commandline import HOLD, NO, NOTHING
from e2e.pin_command import OTHER, PIN, alice, entering, holding, set_pin, status
from e2e.typist import Typist
from support.hash_time import SLOW

__all__ = ["alice"]

# A chip was seen to do 10,475 in a second. They are measured, to within some per cent.
IN_TWO_SECONDS = 20_950


@pytest.mark.usefixtures("hashes_of_a_chip")
@pytest.mark.parametrize("two", [False, True], ids=["one button", "two buttons"])
def test_set_and_enter(alice, two):
    set_pin(alice, PIN, PIN, two=two)
    state = status(alice)
    assert (state["vault"], state["pin_length"], state["has_pin"]) == ("ready", 6, True)
    assert state["pin_attempts_left"] == 10
    assert 0.85 < state["pin_iterations"] / IN_TWO_SECONDS <= 1.05
    alice.token.power_off()
    alice.token.power_on()
    alice.token.wait_until_ready()
    assert status(alice)["vault"] == "locked"
    result = alice("list", answer=entering(alice, PIN, two=two))
    assert result.code == 0 and "alice@example.com" in result.out and alice.asked == ["pin"]
    assert status(alice)["vault"] == "ready"


def test_a_slower_chip_takes_as_long_in_fewer_iterations(alice):
    set_pin(alice, PIN, PIN)
    assert 0.85 < status(alice)["pin_iterations"] / (IN_TWO_SECONDS / SLOW) <= 1.05


@pytest.mark.long
def test_change_and_clear(alice):
    set_pin(alice, PIN, PIN)
    set_pin(alice, PIN, OTHER, OTHER)
    assert status(alice)["pin_length"] == 8
    result = alice("pin", "clear", answer=holding(alice, OTHER))
    assert result.code == 0
    assert (status(alice)["pin_length"], status(alice)["vault"]) == (0, "ready")
    assert len(alice.stored()) == 1


def test_two_that_differ_are_entered_again(alice):
    def slip(notice):
        Typist(alice.token).enter(PIN).enter(OTHER).think(3).enter(OTHER).enter(OTHER)

    assert alice("pin", "set", answer=slip).code == 0
    assert status(alice)["pin_length"] == len(OTHER)


@pytest.mark.long
def test_weak_ones_are_said_and_confirmed(alice):
    for weak in ("1010", "111111", "012345"):

        def confirm(notice, weak=weak):
            Typist(alice.token).enter(weak).think(1).press(3.3).think().enter(weak)

        result = alice("pin", "set", answer=confirm)
        assert result.code == 0, weak
        assert status(alice)["pin_length"] == len(weak)
        assert alice("pin", "clear", answer=holding(alice, weak)).code == 0

    def decline(notice):
        Typist(alice.token).enter("1234").think(1).press()

    assert alice("pin", "set", answer=decline).code == 7
    assert status(alice)["pin_length"] == 0


def test_a_digit_is_deleted(alice):
    def correct(notice):
        Typist(alice.token).digits("7").delete().enter(PIN).enter(PIN)

    assert alice("pin", "set", answer=correct).code == 0
    assert alice("pin", "clear", answer=holding(alice, PIN)).code == 0


def test_a_hold_or_nothing_enters_none(alice):
    alice("pin", "set", answer=HOLD).refused(7, "no PIN")
    alice("pin", "set", answer=NOTHING).refused(7, "60 s")
    alice("pin", "clear").refused(6, "no PIN")


def test_no_press_by_itself_confirms_a_pin(alice):
    alice("pin", "set", answer=NO).refused(7)  # one digit was taken, then nothing
    assert status(alice)["pin_length"] == 0
