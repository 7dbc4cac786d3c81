"""The firmware on boards with each clock chip: found by itself, set, kept, and never believed
when it cannot be right. Codes are checked by pyotp."""

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyotp
import pytest
from e2e.clocks import S
from e2e.conftest import presser

from otpcore import errors
from otpcore.account import Account
from tokenctl.boards.devices import CLOCK_CHIPS
from tokenctl.device.token import Token
from tokenctl.payload import firmware_folder
from tokensim.board.board import OtherClockChip, Parts
from tokensim.board.timebase import SimulatedTime
from tokensim.chips.ds1307 import DS1307
from tokensim.chips.ds3231 import DS3231
from tokensim.port.runtime import Runtime
from tokensim.token import SimulatedToken

pytestmark = pytest.mark.long
CHIPS = list(CLOCK_CHIPS)
ALICE = Account("Example Bank", "alice@example.com", b"12345678901234567890")
BASE32 = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


@pytest.fixture(params=CHIPS)
def sim(request) -> Iterator[SimulatedToken]:
    """A new token with that chip."""
    with SimulatedToken(parts=Parts(rtc=request.param)) as sim:
        yield sim


@pytest.fixture
def token(sim) -> Iterator[Token]:
    with Token(sim.transport(), presser(sim)) as token:
        yield token


@contextmanager
def synced(rtc: str, **more: Any) -> Iterator[tuple[SimulatedToken, Token, int]]:
    """A token with Alice's account, whose clock was set just now."""
    with (
        SimulatedToken(parts=Parts(rtc=rtc), **more) as sim,
        Token(sim.transport(), presser(sim)) as token,
    ):
        number = token.add(ALICE)
        token.sync()
        yield sim, token, number


def off_until(sim: SimulatedToken, moment: int) -> None:
    """Switch it off, and on again at a Unix time."""
    assert isinstance(sim.time, SimulatedTime)
    sim.power_off()
    sim.time.move_to(moment * S)
    sim.power_on()
    sim.wait_until_ready()


def unix(*fields: int) -> int:
    return int(datetime(*fields, tzinfo=UTC).timestamp())


def wait_until(sim: SimulatedToken, second: float) -> None:
    """Wait for a moment of the code's period."""
    sim.wait((second - sim.time.now() / S) % 30)


def assert_right(sim: SimulatedToken, token: Token, number: int) -> None:
    """The clock is right to the second, and the code is the one of now."""
    assert abs(sim.board.rtc.unix_ns() - sim.time.now()) < 1.05 * S
    wait_until(sim, 10)
    now = sim.time.now() // S
    assert token.code(number).code == pyotp.TOTP(BASE32).at(now)


def assert_no_code(token: Token, number: int) -> None:
    assert token.status().unix_time is None
    with pytest.raises(errors.TimeUnknown):
        token.code(number)


def write(sim: SimulatedToken, register: int, *values: int) -> None:
    """Write to the clock chip, as another computer would."""
    sim.board.bus.transfer(sim.board.rtc.ADDRESS, bytes([register, *values]), 0)


def registers(sim: SimulatedToken, register: int, n: int = 1) -> bytes:
    return sim.board.bus.transfer(sim.board.rtc.ADDRESS, bytes([register]), n)


# --- set, kept, lost ------------------------------------------------------------------


def test_a_new_token_does_not_know_the_time_until_it_is_set(sim, token):
    number = token.add(ALICE)
    assert_no_code(token, number)
    token.sync()
    assert_right(sim, token, number)


def test_the_battery_keeps_the_time(sim):
    with Token(sim.transport(), presser(sim)) as token:
        number = token.add(ALICE)
        token.sync()
    off_until(sim, sim.time.now() // S + 3600)
    with Token(sim.transport(), presser(sim)) as token:
        assert_right(sim, token, number)


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


@pytest.mark.parametrize(
    ("chip", "halt"),
    [
        ("ds3231", halt_eosc),
        ("ds3231m", halt_eosc),
        ("ds1307", halt_ch),
        ("ds1338", halt_ch),
        ("ds1338", halt_and_go_on),
        ("pcf8563", halt_stop),
        ("pcf8563", halt_low_voltage),
    ],
)
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


# --- all the years --------------------------------------------------------------------


EDGES = [
    (2028, 2, 29, 0, 0, 0),
    (2028, 3, 1, 0, 0, 0),
    (2029, 3, 1, 0, 0, 0),
    (2038, 1, 19, 3, 14, 8),  # the end of signed 32-bit seconds
    (2096, 2, 29, 0, 0, 0),
    (2099, 1, 1, 0, 0, 0),
]


@pytest.mark.timeout(400)  # seven starts of the board
@pytest.mark.parametrize("chip", CHIPS)
def test_over_the_edges_of_the_calendar(chip):
    """Set once; then switched on shortly before each edge. The crystal is a perfect one."""
    with synced(rtc=chip, start=unix(2028, 2, 28, 12)) as (sim, token, number):
        for edge in EDGES:
            off_until(sim, unix(*edge) - 3)
            assert sim.time.now() < unix(*edge) * S
            assert token.read_clock() in range(unix(*edge) - 4, unix(*edge))
            sim.wait(unix(*edge) + 5 - sim.time.now() / S)
            assert_right(sim, token, number)


@pytest.mark.parametrize("chip", CHIPS)
def test_the_end_of_2099_is_the_end(chip):
    """To 23:59:59 codes are right; then the time is not known, and cannot be set."""
    start = unix(2099, 12, 31, 23, 58, 50)
    with synced(rtc=chip, start=start) as (sim, token, number):
        assert_right(sim, token, number)
        sim.wait(unix(2099, 12, 31, 23, 59, 57) - sim.time.now() / S)
        assert token.status().unix_time is not None
        sim.wait(5)
        assert_no_code(token, number)
        with pytest.raises(errors.WireError):
            token._link.request("clock.set", {"unix_time": unix(2100, 1, 1)})
        assert_no_code(token, number)


# --- none, two, and the wrong one -----------------------------------------------------


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


# --- the state folder -----------------------------------------------------------------


@pytest.mark.parametrize("chip", [*CHIPS, "none"])
def test_the_state_folder_keeps_chip_and_time(tmp_path, chip):
    with SimulatedToken(tmp_path, parts=Parts(rtc=chip)) as sim:
        with Token(sim.transport(), presser(sim)) as token:
            number = token.add(ALICE)
            if chip != "none":
                token.sync()
        later = sim.time.now() / S + 1000
    with SimulatedToken(tmp_path, start=later) as sim:
        assert sim.board.rtc_name == chip
        if chip != "none":
            with Token(sim.transport(), presser(sim)) as token:
                assert_right(sim, token, number)
    with pytest.raises(OtherClockChip, match=chip):
        SimulatedToken(tmp_path, parts=Parts(rtc="ds1307" if chip != "ds1307" else "none"))


def test_an_older_state_folder_has_a_ds3231(tmp_path):
    with SimulatedToken(tmp_path) as sim, Token(sim.transport(), presser(sim)) as token:
        token.sync()
        later = sim.time.now() / S + 1000
    path = tmp_path / "board.json"
    state = json.loads(path.read_text())
    del state["rtc_name"]
    path.write_text(json.dumps(state))
    with SimulatedToken(tmp_path, start=later) as sim:
        assert sim.board.rtc_name == "ds3231"
        assert abs(sim.board.rtc.unix_ns() - sim.time.now()) < 1.05 * S
