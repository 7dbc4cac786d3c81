"""A wipe of a token whose firmware fails at every start: asked for at the token, and complete."""

import pytest
from attacks.hostile import HostileComputer
from e2e.conftest import presser
from e2e.failing import ALICE, blank, copied, failed, firmware, found, make, one_failed, rest

from otpcore import errors
from tokenctl.device.token import Token

__all__ = ["copied", "failed", "firmware", "make", "one_failed"]


def test_wipe_takes_the_hold_of_three_seconds_and_then_the_token_starts_anew(firmware, make):
    sim = make()
    with Token(sim.transport(), presser(sim)) as token:
        token.add(ALICE)
    firmware.put("fails")
    sim.power_off()
    sim.power_on()
    resets = rest(sim)
    seen = []

    def shortly(notice):
        seen.append((notice, sim.screen()))
        sim.press(0.1, after=0.5)

    def too_short(notice):
        sim.press(2.5, after=0.5)

    with Token(sim.transport(), shortly) as token, pytest.raises(errors.Refused):
        token.wipe()
    with Token(sim.transport(), too_short) as token, pytest.raises(errors.NotPressed):
        token.wipe()
    assert not blank(sim)
    firmware.mend()
    with Token(sim.transport(), presser(sim)) as token:
        token.wipe()
    assert [notice for notice, _ in seen] == ["hold"]
    assert blank(sim)
    sim.wait(10)
    assert sim.chip.resets == resets + 1
    with Token(sim.transport()) as token:
        assert token.identity.fault is None
        assert token.status().account_count == 0


def test_a_press_from_before_the_question_does_not_wipe(firmware, make):
    sim = make()
    firmware.put("fails")
    sim.power_off()
    sim.power_on()
    resets = rest(sim)
    with Token(sim.transport()) as token, pytest.raises(errors.NotPressed):
        sim.press(5)
        sim.wait(0.3)
        token.wipe()
    assert not blank(sim)
    assert sim.chip.resets == resets, "nor does it restart the token"


def test_a_question_that_is_given_up_goes_away(failed):
    sim = failed
    asked = []

    def give_up(notice):
        asked.append(sim.screen())
        token.cancel()

    with Token(sim.transport(), give_up) as token, pytest.raises(errors.Cancelled):
        token.wipe()
    sim.wait(1)
    assert sim.screen() not in asked


def test_a_second_wipe_is_asked_when_the_first_is_given_up(firmware, make):
    firmware.put("fails")
    sim = make()
    computer = HostileComputer(sim)
    first = computer.begin("wipe")
    assert computer.outcome(first, 2) is None
    second = computer.begin("wipe")
    assert computer.outcome(second, 0.5) is None  # it is not busy
    assert computer.do("cancel", request_id=first) == {"cancelled": True}
    assert computer.outcome(first, 1) == "cancelled"
    sim.wait(2)
    sim.press(3.3)
    assert computer.outcome(second, 10) == {}
    assert blank(sim)


def test_with_a_panel_that_has_no_driver_it_answers_and_wipes(firmware, make):
    path = firmware.folder / "board.json"
    path.write_text(path.read_text().replace('"ssd1306"', '"st7920"'))
    sim = make()
    with Token(sim.transport(), presser(sim)) as token:
        assert found(firmware, token.status().fault).startswith("UnknownPanel tokenfw/board.py:")
        token.wipe()
    assert blank(sim)


def test_when_the_vault_cannot_be_loaded_it_is_wiped_all_the_same(firmware, make):
    sim = make()
    with Token(sim.transport(), presser(sim)) as token:
        token.add(ALICE)
    firmware.put("no vault")
    sim.power_off()
    sim.power_on()
    rest(sim)
    with Token(sim.transport(), presser(sim)) as token:
        assert (token.status().fault or "").startswith("ImportError")
        token.wipe()
    assert blank(sim)
