"""What counts as a fault: after three in a row the fault screen comes, and some are forgotten."""

import pytest
from e2e.commandline import CommandLine
from e2e.failing import ALICE, copied, fault_of, firmware, found, make, rest
from e2e.saved import protect, provision
from e2e.small_text import shows
from e2e.typist import Typist

from tokenctl.device.token import Token
from tokensim.board.processor import HARD_RESET, POWER_ON, WATCHDOG

__all__ = ["copied", "firmware", "make"]


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("fails", ("ValueError", "clock.py:")),
        ("resets", ("crashed",)),
        ("fills", ("MemoryError", "assembly.py:")),
        ("hangs", ("hung",)),
    ],
)
def test_what_fails_at_every_start_is_shown_after_three_times(firmware, make, fault, words):
    firmware.put(fault)
    sim = make()
    sim.wait(60)  # whatever comes later
    assert sim.chip.resets == 3
    assert "█" in sim.screen()
    with Token(sim.transport()) as token:
        status = token.status()
    for word in words:
        assert word in found(firmware, fault_of(sim))
    assert "secret" not in fault_of(sim)
    assert status.fault_count == 3
    assert (status.vault, status.account_count, status.unix_time) == ("closed", None, None)


def test_memory_that_stays_full_ends_in_the_fault_screen_too(firmware, make):
    """Not even the fault can be written down: the next start takes it for a crash."""
    firmware.put("stays full")
    sim = make()
    assert sim.chip.resets == 3
    assert fault_of(sim)
    assert "█" in sim.screen()


@pytest.mark.parametrize(
    ("causes", "words"),
    [
        ((WATCHDOG, WATCHDOG, HARD_RESET), "the chip crashes"),
        ((HARD_RESET, HARD_RESET, WATCHDOG), "it hangs"),
    ],
)
def test_crashes_and_hangs_are_counted_together_and_the_last_is_said(
    sim, monkeypatch, capfd, causes, words
):
    for cause in causes:
        assert not fault_of(sim)
        sim.chip.reset(cause)
        sim.wait(10)
    assert words in CommandLine(sim, monkeypatch, capfd)("status").out


@pytest.mark.parametrize("cause", [HARD_RESET, WATCHDOG])
def test_now_and_then_is_forgotten(sim, cause):
    for _ in range(3):
        sim.chip.reset(cause)
        sim.wait(65)
    assert not fault_of(sim)


def test_a_computer_s_reset_is_no_crash_and_begins_anew(sim):
    """DTR and RTS pull EN, which comes back as a power-up."""
    for _ in range(3):
        sim.chip.reset(POWER_ON)
        sim.wait(5)
        assert not fault_of(sim)
    for _ in range(2):
        sim.chip.reset(HARD_RESET)
        sim.wait(5)
    sim.chip.reset(POWER_ON)
    sim.wait(5)
    sim.chip.reset(HARD_RESET)
    sim.wait(5)
    assert not fault_of(sim)


def test_a_sleep_is_no_crash_and_a_good_end(sim):
    for _ in range(2):
        sim.chip.reset(HARD_RESET)
        sim.wait(5)
    sim.wait(400)
    assert sim.chip.asleep
    sim.press()
    sim.wait(3)
    sim.chip.reset(HARD_RESET)
    sim.wait(5)
    assert not fault_of(sim)


def test_a_crash_while_it_falls_asleep_is_counted(sim):
    sim.wait(400)
    assert sim.chip.asleep
    for _ in range(3):
        sim.chip.reset(HARD_RESET)
        sim.wait(5)
    assert fault_of(sim) == "crashed"


def test_a_long_press_tries_once_more(firmware, make):
    firmware.put("fails")
    sim = make()
    sim.press(0.1)
    sim.wait(5)
    assert sim.chip.resets == 3, "a short one does nothing"
    sim.press(1.5)
    assert rest(sim) == 5, "one by the press, one by the fault that came back"
    firmware.mend()
    sim.press(1.5)
    assert rest(sim) == 6
    assert not fault_of(sim)


def test_the_power_tries_three_times_again(firmware, make):
    firmware.put("fails")
    sim = make()
    sim.power_off()
    sim.power_on()
    assert rest(sim) == 6
    assert fault_of(sim).startswith("ValueError")


def test_a_fault_screen_that_crashes_stops_resetting_too(firmware, make):
    firmware.put("resets")
    firmware.put("no screen")
    sim = make()
    assert sim.chip.resets == 6
    assert "█" not in sim.screen()
    sim.wait(600)
    assert sim.chip.resets == 6 and sim.chip.asleep, "a cell would be empty in a day"
    firmware.mend()
    sim.receive(0)
    sim.press()
    sim.wait(5)
    assert fault_of(sim) == "", "a press is a fresh start"
    assert sim.chip.resets == 6


def test_the_sleep_after_faults_ends_no_delay_after_a_wrong_pin(firmware, make):
    """Else somebody who can make it fail need not wait for the next try."""
    sim = make()
    provision(sim, ALICE)
    protect(sim, "102010")
    sim.power_off()
    sim.power_on()
    for number in range(5):
        typist = Typist(sim)
        if number >= 3:
            typist.prove()
        typist.enter("314159")
        sim.wait(60)
    firmware.put("resets")
    firmware.put("no screen")
    sim.power_off()
    sim.power_on()
    rest(sim)
    sim.wait(600)
    assert sim.chip.asleep
    firmware.mend()
    sim.press()
    sim.wait(5)
    assert sim.board.panel.lit, "by the press that woke it"
    sim.press()
    sim.wait(1)
    rows = sim.board.panel.pixels()
    assert any(shows(rows, f"Wait {seconds} s") for seconds in range(15, 30))  # of 30
