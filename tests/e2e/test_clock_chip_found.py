"""Which clock chip the firmware takes: one that is found or named, none, two, or the wrong one."""

import json
import shutil
from pathlib import Path

import pytest
from e2e.clock_chips import ALICE, CHIPS, assert_right, synced
from e2e.clocks import S
from e2e.conftest import presser

from otpcore import errors
from tokenctl.device.token import Token
from tokenctl.payload import firmware_folder
from tokensim.board.board import Parts
from tokensim.chips.ds1307 import DS1307
from tokensim.chips.ds3231 import DS3231
from tokensim.port.runtime import Runtime
from tokensim.token import SimulatedToken

pytestmark = pytest.mark.long


def test_without_a_clock_chip_the_token_runs_and_says_so():
    with SimulatedToken(parts=Parts(rtc="none")) as sim:
        with Token(sim.transport(), presser(sim)) as token:
            number = token.add(ALICE)
            status = token.status()
            assert status.unix_time is None and status.clock == "no_answer"
            with pytest.raises(errors.WireError):
                token.code(number)
        sim.wait(40)
        sim.press()
        sim.wait(1)
        assert "█" in sim.screen()
        assert sim.chip.resets == 0


def named(folder: Path, driver: object) -> Path:
    """Return a copy of the firmware whose board definition names a driver."""
    shutil.copytree(firmware_folder(), folder)
    path = folder / "board.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"rtc": {"driver": driver}}))
    return folder


@pytest.mark.parametrize("chip", CHIPS)
def test_a_chip_that_is_named(tmp_path, chip):
    folder = named(tmp_path / "firmware", chip)
    with synced(rtc=chip, runtime=Runtime(folder)) as (sim, token, number):
        assert_right(sim, token, number)


def test_an_older_definition_with_an_address_still_works(tmp_path):
    folder = named(tmp_path / "firmware", "ds3231")
    path = folder / "board.json"
    path.write_text(
        json.dumps(json.loads(path.read_text()) | {"rtc": {"driver": "ds3231", "address": 104}})
    )
    with (
        SimulatedToken(runtime=Runtime(folder)) as sim,
        Token(sim.transport(), presser(sim)) as token,
    ):
        token.sync()
        assert token.status().unix_time is not None


def test_a_driver_that_does_not_exist_is_a_fault_that_is_shown(tmp_path):
    sim = SimulatedToken(runtime=Runtime(named(tmp_path / "firmware", "ds9999")))
    try:
        sim.power_on()
        sim.wait(60)
        resets = sim.chip.resets
        sim.wait(60)
        assert sim.chip.resets == resets == 3
        assert "█" in sim.screen()
    finally:
        sim.close()


def test_another_chip_than_the_named_one_gives_no_time(tmp_path):
    folder = named(tmp_path / "firmware", "pcf8563")
    with SimulatedToken(parts=Parts(rtc="ds3231"), runtime=Runtime(folder)) as sim:
        with Token(sim.transport(), presser(sim)) as token:
            assert token.status().unix_time is None
        assert sim.chip.resets == 0


@pytest.mark.parametrize("chip", CHIPS)
def test_the_bus_is_as_fast_as_board_and_chip_take(tmp_path, chip):
    """The DS1307 takes 100 kHz; so does what is not named and may be one."""
    for name in (chip, None):
        folder = named(tmp_path / str(name), name)
        with SimulatedToken(parts=Parts(rtc=chip), runtime=Runtime(folder)) as sim:
            slow = chip == "ds1307" or (chip == "ds1338" and name is None)
            assert sim.board.bus.frequency == (100_000 if slow else 400_000)


@pytest.mark.parametrize("kinds", [(DS3231, DS1307), (DS3231, DS3231)])
def test_two_chips_at_one_address_never_give_a_wrong_time(kinds):
    """What both hold low is low: a mixture of two times is none."""
    sim = SimulatedToken(parts=Parts(rtc="none"))
    chips = [kind(sim.time.now) for kind in kinds]
    for chip in chips:
        sim.board.bus.attach(chip, beside=True)
    with sim:
        with Token(sim.transport(), presser(sim)) as token:
            assert token.status().unix_time is None
            number = token.add(ALICE)
            with pytest.raises(errors.WireError):
                token.code(number)
        assert sim.chip.resets == 0


def test_both_chips_on_one_board_the_better_is_taken():
    sim = SimulatedToken(parts=Parts(rtc="pcf8563"))
    better = DS3231(sim.time.now)
    sim.board.bus.attach(better)
    with sim, Token(sim.transport(), presser(sim)) as token:
        token.sync()
        assert abs(better.unix_ns() - sim.time.now()) < 1.05 * S
