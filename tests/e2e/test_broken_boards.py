"""Boards with something broken or missing: what still works, and that nothing resets for ever."""

import shutil
from pathlib import Path

import pytest
from e2e.conftest import presser

from otpcore.account import Account
from tokenctl.cli.commands import fault
from tokenctl.device.token import Token
from tokenctl.payload import firmware_folder
from tokensim.board.processor import WATCHDOG
from tokensim.port.runtime import Runtime
from tokensim.token import SimulatedToken

ALICE = Account("Example Bank", "alice@example.com", b"12345678901234567890")


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """A copy of the firmware, whose files are to be broken."""
    folder = tmp_path / "firmware"
    shutil.copytree(firmware_folder(), folder)
    return folder


def test_without_a_panel_the_link_works(sim):
    sim.board.bus.detach(0x3C)
    sim.reset()
    with Token(sim.transport(), presser(sim)) as token:
        number = token.add(ALICE)
        assert [each.account_id for each in token.accounts()] == [number]
        resets = sim.chip.resets
        sim.wait(70)
    assert sim.chip.resets == resets


def test_a_panel_that_comes_back_shows_the_code(sim, token):
    token.add(ALICE)
    sim.board.bus.detach(0x3C)
    sim.board.panel.reset()
    sim.press()
    sim.wait(3)
    assert "█" not in sim.screen()
    sim.board.bus.attach(sim.board.panel)
    sim.wait(2)
    assert "█" in sim.screen()
    assert sim.chip.resets == 0


def test_without_a_clock_chip_status_says_so(sim, token):
    """It goes on from the last time that it knew, and forgets that with the power."""
    sim.board.bus.detach(0x68)
    status = token.status()
    assert status.clock == "no_answer"
    assert abs(status.unix_time - sim.time.now() / 1e9) < 1.5
    assert abs(token.sync().error_ms) < 5
    sim.power_off()
    sim.power_on()
    sim.wait(2)
    assert token.status().unix_time is None
    assert token.status().clock == "no_answer"
    assert sim.chip.resets == 0


def boot_until_it_rests(sim: SimulatedToken) -> int:
    """Switch on and wait; return the number of resets, which must have ended."""
    sim.power_on()
    sim.wait(60)
    resets = sim.chip.resets
    sim.wait(60)
    assert sim.chip.resets == resets
    return resets


def test_without_its_definition_a_board_stops_resetting(broken):
    (broken / "board.json").unlink()
    sim = SimulatedToken(runtime=Runtime(broken))
    try:
        assert boot_until_it_rests(sim) == 0  # a firmware that is not whole is said at once
    finally:
        sim.close()


def test_a_board_with_a_panel_that_has_no_driver_stops_resetting(broken):
    path = broken / "board.json"
    path.write_text(path.read_text().replace('"ssd1306"', '"st7920"'))
    sim = SimulatedToken(runtime=Runtime(broken))
    try:
        assert boot_until_it_rests(sim) == 3
        text = sim.chip.processor.rtc_memory[3:].decode()
        assert "UnknownPanel" in fault.of_this_firmware().translate(text)
    finally:
        sim.close()


def test_a_hang_now_and_then_is_forgotten(sim):
    for _ in range(4):
        sim.chip.reset(WATCHDOG)
        sim.wait(70)
    with Token(sim.transport()) as token:
        assert token.status().account_count == 0
