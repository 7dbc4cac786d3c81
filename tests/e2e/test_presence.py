"""Presence: which press answers a question, and which one was not meant for it."""

import pytest
from e2e.wires import BareHost

from otpcore import errors
from otpcore.account import Account
from tokenctl.device.token import Token

ALICE = Account("Example Bank", "alice@example.com", b"12345678901234567890")


def test_a_press_at_the_very_moment_of_the_notice_counts(sim):
    with Token(sim.transport(), lambda notice: sim.press()) as token:
        assert token.add(ALICE) == 1


@pytest.mark.parametrize("seconds", [0.3, 0.6, 1.5, 5], ids="released after {} s".format)
def test_a_press_that_began_before_the_question_is_no_answer(sim, seconds):
    """Neither a yes nor a no, however long it lasts."""
    flash = sim.board.flash
    with Token(sim.transport()) as token:
        sim.wait(1)
        before = flash.programs
        sim.press(seconds)
        sim.wait(0.1)
        with pytest.raises(errors.NotPressed):
            token.add(ALICE)
        assert flash.programs == before
        assert token.accounts() == []


def test_nobody_reads_a_question_and_presses_within_a_fifth_of_a_second(sim):
    with Token(sim.transport(), lambda notice: sim.press()) as token:
        number = token.add(ALICE)
    with Token(sim.transport()) as token:
        sim.wait(1)
        sim.press(after=0.15)
        with pytest.raises(errors.NotPressed):
            token.remove(number)
        assert token.status().account_count == 1


def test_a_question_stands_for_30_seconds(sim):
    host = BareHost(sim.transport())
    request = {
        "request_id": "AAAAAAAA",
        "method": "accounts.batch",
        "params": {"additions": 1, "replacements": 0},
    }
    begun = sim.time.now()
    host.send(request)
    while not (answers := host.answers(0.1)):
        pass
    assert answers[0]["error"]["code"] == "not_pressed"
    assert 29.9e9 < sim.time.now() - begun < 30.5e9
