"""Somebody who presses because the token asks them to try its button says yes to nothing by it."""

import pytest
from attacks.hostile import HostileComputer
from attacks.test_dialogs_exchanged import ALICE, says


@pytest.mark.parametrize("gap", [1.3, 2.0, 3.0])
def test_a_question_after_presses_that_were_tried_is_acknowledged_first(sim, token, gap):
    """A program asks for a press again and again, and then for a code, in the same rhythm."""
    token.add(ALICE)
    sim.wait(5)
    computer = HostileComputer(sim)
    for _ in range(4):
        asked = computer.begin("examine.button", number=0)
        sim.press(after=gap - 0.3)
        assert computer.outcome(asked, gap) == {"pressed": 0}
    asked = computer.begin("accounts.code", account_id=1)
    sim.press(after=gap - 0.3)
    assert computer.outcome(asked, gap + 1) is None
    assert says(sim, "Send code?")
    sim.wait(4)
    sim.press()
    assert "code" in computer.outcome(asked, 3)
