"""A time that there is reason to doubt gives no code, and the screen says what to do."""

import pyotp
import pytest
from e2e.clocks import DAY, S, opened, pass_time, rtc_error_ms
from e2e.shown_codes import BASE32, SECRET, code_now, code_on_screen

from otpcore import errors
from otpcore.account import Account
from tokenctl.device.token import Token
from tokensim.token import SimulatedToken


@pytest.fixture
def filled(sim, token):
    token.add(Account("Example", "alice", SECRET))
    return sim


def no_code(sim: SimulatedToken, why: str) -> None:
    assert code_on_screen(sim) is None
    assert sim.chip.resets == 0
    with Token(sim.transport()) as token:
        status = token.status()
        assert status.unix_time is None and why in status.clock
        with pytest.raises(errors.TimeUnknown):
            token.code(1)


def write_chip(sim: SimulatedToken, data: bytes) -> None:
    sim.board.bus.transfer(0x68, data, 0)


def test_a_right_clock_shows_the_code(filled):
    code = code_on_screen(filled)
    assert code == pyotp.TOTP(BASE32).at(filled.time.now() // S)


def test_the_oscillator_was_stopped(filled):
    filled.power_off()
    filled.board.rtc.vcc = False
    write_chip(filled, b"\x0e\x80")  # EOSC: on battery the oscillator stops
    filled.time.move_to(filled.time.now() + 100 * S)
    filled.board.rtc.vcc = True
    filled.power_on()
    filled.wait(1)
    no_code(filled, "stopped")


def test_the_backup_cell_was_dead(filled):
    filled.power_off(battery=False)
    filled.power_on()
    filled.wait(1)
    no_code(filled, "stopped")


@pytest.mark.parametrize(
    "registers",
    [
        b"\x00\x00\x00\x00\x01\x31\x02\x26",  # 31 February
        pytest.param(
            b"\x00\x00\x00\x00\x01\x00\x00\x26", marks=pytest.mark.long
        ),  # day and month 0
        pytest.param(
            b"\x00\x7a\x00\x00\x01\x01\x01\x26", marks=pytest.mark.long
        ),  # no decimal digits
        pytest.param(b"\x00\x00\x00\x25\x01\x01\x01\x26", marks=pytest.mark.long),  # 25 o'clock
    ],
)
def test_an_impossible_date(filled, registers):
    write_chip(filled, registers)
    no_code(filled, "no_date")


@pytest.mark.parametrize("year", [b"\x19", pytest.param(b"\x00", marks=pytest.mark.long)])
def test_a_year_before_2020(filled, year):
    write_chip(filled, b"\x00\x00\x00\x00\x01\x01\x01" + year)
    no_code(filled, "never_set")


def test_back_past_the_mark(filled):
    """The mark is the day: a time before its beginning is a clock that went back."""
    filled.shift_clock(-DAY - 61)
    no_code(filled, "went_back")
    with opened(filled) as token:
        token.sync()
        assert token.status().clock == "ok"


@pytest.mark.long
def test_the_mark_is_renewed_every_day_and_no_more_often(filled):
    flash = filled.board.flash
    for _ in range(2):
        before = flash.programs
        filled.shift_clock(DAY)
        filled.wait(65)
        assert flash.programs > before
        before = flash.programs
        filled.wait(130)
        assert flash.programs == before
    filled.shift_clock(-1.5 * DAY)
    no_code(filled, "went_back")


@pytest.mark.long
def test_a_confirmed_set_back_moves_the_mark_back(filled):
    """Somebody had the clock in the future; the right time must be settable again."""
    filled.shift_clock(400 * DAY)
    filled.wait(120)  # the mark goes along
    with opened(filled) as token:
        token.sync()
        assert token.status().clock == "ok"
    assert abs(rtc_error_ms(filled)) < 5
    assert code_on_screen(filled) == pyotp.TOTP(BASE32).at(filled.time.now() // S)


def foot_has_text(sim: SimulatedToken) -> bool:
    """Tell whether the foot begins with a word, not with the bar, which is five rows high."""
    rows = sim.board.panel.pixels()[56:64]
    return any(any(row[:40]) for row in (rows[0], rows[6]))


@pytest.mark.parametrize(("days", "doubt"), [(20, False), (60, True)])
def test_a_clock_that_was_not_synced_for_long_says_so_next_to_the_code(filled, days, doubt):
    """Half a step of 30 s at the 5 ppm of the data sheet are 34.7 days."""
    pass_time(filled, days * DAY)
    code = code_on_screen(filled)
    assert code == pyotp.TOTP(BASE32).at(filled.time.now() // S)
    assert foot_has_text(filled) == doubt


@pytest.mark.long
def test_without_the_chip_it_goes_on_and_says_so(filled):
    filled.board.bus.detach(0x68)
    filled.wait(19 * 60)  # the ticks wrap after 18 minutes
    code = code_on_screen(filled)
    assert code == pyotp.TOTP(BASE32).at(filled.time.now() // S)
    assert foot_has_text(filled)
    filled.power_off()
    filled.power_on()
    filled.wait(1)
    assert code_on_screen(filled) is None


@pytest.mark.long
def test_a_chip_that_comes_back_with_another_time(filled):
    """What it says counts again, or that it is not to be believed."""
    filled.board.bus.detach(0x68)
    assert code_on_screen(filled)
    filled.board.bus.attach(filled.board.rtc)
    filled.wait(1.5)
    assert not foot_has_text(filled)
    filled.board.bus.detach(0x68)
    filled.wait(1.5)
    filled.shift_clock(-70 * DAY)
    filled.board.bus.attach(filled.board.rtc)
    filled.wait(1.5)
    assert code_now(filled) is None
    no_code(filled, "went_back")


def test_a_chip_that_could_not_be_set_is_not_believed_afterwards(filled):
    filled.board.bus.detach(0x68)
    filled.shift_clock(-200)
    with opened(filled) as token:
        token.sync()
    filled.board.bus.attach(filled.board.rtc)
    assert code_on_screen(filled) == pyotp.TOTP(BASE32).at(filled.time.now() // S)
    filled.power_off()
    filled.power_on()
    filled.wait(1)
    no_code(filled, "interrupted")


class Other:
    """A chip at the same address that answers, and keeps nothing."""

    ADDRESS = 0x68

    def __init__(self, registers: bytes) -> None:
        self._registers, self._pointer = registers, 0

    def start(self) -> None: ...

    def write(self, data: bytes) -> None:
        self._pointer = data[0]

    def read(self, n: int) -> bytes:
        found = self._registers[self._pointer : self._pointer + n]
        return found + bytes(n - len(found))


def test_a_chip_that_does_not_hold_what_it_was_set_to(filled):
    filled.board.bus.detach(0x68)
    filled.board.bus.attach(Other(b"\x00\x00\x12\x01\x01\x01\x26"))
    with opened(filled) as token:
        with pytest.raises(errors.ClockFault, match="did not store"):
            token.sync()
        assert token.status().unix_time is None
    assert code_on_screen(filled) is None
