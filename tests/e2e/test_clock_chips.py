"""The firmware with each clock chip: set, kept without supply, not believed once it stood still.

Codes are checked by pyotp. That each chip is found and set is tried by make test, the rest by
make torture.
"""

from collections.abc import Callable, Iterator

import pytest
from e2e.clock_chips import (
    ALICE,
    CHIPS,
    assert_no_code,
    assert_right,
    off_until,
    registers,
    synced,
    unix,
    write,
)
from e2e.clocks import S
from e2e.conftest import presser

from tokenctl.device.token import Token
from tokensim.board.board import Parts
from tokensim.token import SimulatedToken


@pytest.fixture(params=CHIPS)
def sim(request) -> Iterator[SimulatedToken]:
    """A new token with that chip."""
    with SimulatedToken(parts=Parts(rtc=request.param)) as sim:
        yield sim


@pytest.fixture
def token(sim) -> Iterator[Token]:
    with Token(sim.transport(), presser(sim)) as token:
        yield token


def test_a_new_token_does_not_know_the_time_until_it_is_set(sim, token):
    number = token.add(ALICE)
    assert_no_code(token, number)
    token.sync()
    assert_right(sim, token, number)


@pytest.mark.long
def test_the_battery_keeps_the_time(sim):
    with Token(sim.transport(), presser(sim)) as token:
        number = token.add(ALICE)
        token.sync()
    off_until(sim, sim.time.now() // S + 3600)
    with Token(sim.transport(), presser(sim)) as token:
        assert_right(sim, token, number)


@pytest.mark.long
def test_without_battery_it_is_lost_and_can_be_set_again(sim):
    with Token(sim.transport(), presser(sim)) as token:
        number = token.add(ALICE)
        token.sync()
    sim.power_off(battery=False)
    sim.power_on()
    sim.wait_until_ready()
    with Token(sim.transport(), presser(sim)) as token:
        assert_no_code(token, number)
        token.sync()
        assert_right(sim, token, number)


def halt_eosc(sim: SimulatedToken) -> None:
    """DS3231: EOSC stops the oscillator while the battery carries it."""
    write(sim, 0x0E, 0x9C)
    sim.power_off()
    sim.power_on()
    sim.wait_until_ready()


def halt_ch(sim: SimulatedToken) -> None:
    """DS1307, DS1338: CH."""
    write(sim, 0x00, registers(sim, 0)[0] | 0x80)


def halt_stop(sim: SimulatedToken) -> None:
    """PCF8563: STOP."""
    write(sim, 0x00, 0x20)


def halt_and_go_on(sim: SimulatedToken) -> None:
    """DS1338: CH for a minute; the flag OSF stays."""
    halt_ch(sim)
    sim.wait(60)
    write(sim, 0x00, 0x00)


def halt_low_voltage(sim: SimulatedToken) -> None:
    """PCF8563: the supply was gone, and somebody set the time but not the flag."""
    time = registers(sim, 2, 7)
    sim.board.rtc.lose_power()
    write(sim, 2, time[0] | 0x80, *time[1:])


HALTS = [
    ("ds3231", halt_eosc),
    ("ds3231m", halt_eosc),
    ("ds1307", halt_ch),
    ("ds1338", halt_ch),
    ("ds1338", halt_and_go_on),
    ("pcf8563", halt_stop),
    ("pcf8563", halt_low_voltage),
]


def test_it_is_known_of_every_clock_chip_how_it_stands_still():
    assert {chip for chip, _ in HALTS} == set(CHIPS), "a row of HALTS"


@pytest.mark.long
@pytest.mark.parametrize(("chip", "halt"), HALTS)
def test_a_clock_that_stood_still_gives_no_code(chip, halt: Callable[[SimulatedToken], None]):
    with SimulatedToken(parts=Parts(rtc=chip)) as sim:
        with Token(sim.transport(), presser(sim)) as token:
            number = token.add(ALICE)
            token.sync()
            sim.wait(5)
        halt(sim)
        with Token(sim.transport(), presser(sim)) as token:
            assert_no_code(token, number)
            token.sync()
            sim.wait(2)
            assert_right(sim, token, number)


@pytest.mark.long
@pytest.mark.parametrize("chip", ["ds3231", "ds1307"])
def test_twelve_hour_mode_is_read_right(chip):
    """Somebody set the chip that way: 11:59:35 PM and on, over midnight."""
    with synced(rtc=chip, start=unix(2026, 12, 31, 23, 59, 10)) as (sim, token, number):
        sim.wait(unix(2026, 12, 31, 23, 59, 35) - sim.time.now() / S)
        write(sim, 0, 0x35, 0x59, 0x71, 4, 0x31, 0x12, 0x26)
        assert_right(sim, token, number)
        sim.wait(30)
        assert registers(sim, 2)[0] == 0x52
        assert_right(sim, token, number)
