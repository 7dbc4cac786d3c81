"""A time that there is reason to doubt gives no code, and the screen says what to do."""

import pyotp
import pytest
from e2e.clocks import DAY, S, opened, pass_time, rtc_error_ms

from otpcore import errors
from otpcore.account import Account
from tokenctl.device.token import Token
from tokenctl.payload import firmware_folder
from tokensim.token import SimulatedToken
from tokensim.view.ocr import CodeReader, NoCode

SECRET = b"12345678901234567890"
BASE32 = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
READER = CodeReader(firmware_folder())
LAST = 4102444800 - 1  # the end of 2099


LONG = pytest.mark.long


@pytest.fixture
def filled(sim, token):
    token.add(Account("Example", "alice", SECRET))
    return sim


def code_on_screen(sim: SimulatedToken) -> str | None:
    """Return the code that a press shows, None if there is none."""
    sim.wait(35)
    sim.press()
    sim.wait(0.5)
    return code_now(sim)


def code_now(sim: SimulatedToken) -> str | None:
    try:
        return READER.read(sim.board.panel.pixels())
    except NoCode:
        return None


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
        pytest.param(b"\x00\x00\x00\x00\x01\x00\x00\x26", marks=LONG),  # day and month 0
        pytest.param(b"\x00\x7a\x00\x00\x01\x01\x01\x26", marks=LONG),  # no decimal digits
        pytest.param(b"\x00\x00\x00\x25\x01\x01\x01\x26", marks=LONG),  # 25 o'clock
    ],
)
def test_an_impossible_date(filled, registers):
    write_chip(filled, registers)
    no_code(filled, "no_date")


@pytest.mark.parametrize("year", [b"\x19", pytest.param(b"\x00", marks=LONG)])
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


# --- the ends of the range --------------------------------------------------------


def test_the_last_second_of_2099():
    with SimulatedToken(start=LAST - 120) as sim:
        with opened(sim) as token:
            token.sync()
            token.add(Account("Example", "alice", SECRET))
        sim.wait(LAST - sim.time.now() / S - 10)
        sim.press()
        sim.wait(1)
        while sim.time.now() // S < LAST:
            assert code_now(sim) == pyotp.TOTP(BASE32).at(sim.time.now() // S)
            sim.wait(1)
        sim.wait(1.5)
        assert code_now(sim) is None
        with Token(sim.transport()) as token:
            assert "2099" in token.status().clock


@pytest.mark.parametrize("unix", [1577836800 - 86400 * 200, LAST + 1, LAST + 10**8])
def test_a_computer_before_2020_or_after_2099(commandline, monkeypatch, unix):
    commandline("sync")
    before = commandline.token.board.rtc.unix_ns() - commandline.token.time.now()
    monkeypatch.setattr("tokensim.link.transport.SimulatedTransport.time", lambda self: float(unix))
    commandline("sync").refused(17, "2020 to 2099")
    assert commandline.token.board.rtc.unix_ns() - commandline.token.time.now() == before


@pytest.mark.parametrize("unix", [0, 1577836799, LAST + 1, 1 << 40])
def test_the_token_refuses_what_no_chip_of_ours_shows(sim, unix):
    with Token(sim.transport()) as token, pytest.raises(errors.BadRequest):
        token._link.request("clock.set", {"unix_time": unix})
    assert abs(rtc_error_ms(sim)) < 5


# --- the guard --------------------------------------------------------------------


def test_silent_corrections_add_up_in_milliseconds(sim):
    """3.4 + 3.3 + 3.2 s pass; a tenth and a half of a second more do not."""
    for seconds in (3.4, -3.3, 3.2):
        sim.shift_clock(seconds)
        sim.wait(2)
        with Token(sim.transport()) as token:
            token.sync()
    sim.shift_clock(0.15)
    sim.wait(2)
    with Token(sim.transport()) as token, pytest.raises(errors.NotPressed):
        token.sync()
    with opened(sim) as token:
        token.sync()  # confirmed: the sum is none again
    sim.shift_clock(-9.5)
    sim.wait(2)
    with Token(sim.transport()) as token:
        token.sync()


@pytest.mark.parametrize(("seconds", "passes"), [(11.5, True), (13.5, False)])
def test_20_ppm_of_the_time_are_allowed_besides(sim, seconds, passes):
    """100 days of them are 172.8 s; 1 day 1.7 s, so that 11.7 s pass after it."""
    pass_time(sim, DAY)
    sim.shift_clock(seconds)
    sim.wait(2)
    with Token(sim.transport()) as token:
        if passes:
            token.sync()
        else:
            with pytest.raises(errors.NotPressed):
                token.sync()


def test_the_question_shows_the_old_and_the_new_time(sim):
    pictures = []

    def look(notice: str) -> None:
        pictures.append(sim.screen())
        sim.press(after=0.2)

    sim.shift_clock(-7200)
    sim.wait(3)
    with Token(sim.transport(), look) as token:
        token.sync()
    assert len(pictures) == 1 and pictures[0].count("▄") > 20


# --- zones ------------------------------------------------------------------------

MOMENTS = {
    "before spring in Amsterdam": 1774745999,  # 2026-03-29 00:59:59 UTC
    "in autumn's double hour": 1792890000,  # 2026-10-25 01:00:00 UTC
    "before New York's": 1772953199,  # 2026-03-08 06:59:59 UTC
    "a year's end": 1798761599,
    "a leap day": 1835395199,  # 2028-02-28 23:59:59 UTC
    "2038": (1 << 31) - 2,
}
ZONES = ("UTC", "Europe/Amsterdam", "America/New_York", "Asia/Kathmandu", "Pacific/Kiritimati")


@pytest.mark.parametrize(
    "number",
    [1, 2, 5, *(pytest.param(number, marks=LONG) for number in (0, 3, 4))],
    ids=[[*MOMENTS][number] for number in (1, 2, 5, 0, 3, 4)],
)
def test_whatever_zone_the_computer_is_in(monkeypatch, capfd, number):
    import time

    from e2e.commandline import CommandLine

    zone = ZONES[number % len(ZONES)]
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        moment = list(MOMENTS.values())[number]
        with SimulatedToken(start=moment - 4) as sim:
            commandline = CommandLine(sim, monkeypatch, capfd)
            assert commandline("sync").code == 0
            assert abs(rtc_error_ms(sim)) < 5
            sim.wait(8)
            assert abs(rtc_error_ms(sim)) < 5
            shown = commandline("status", "--json").json["unix_time"]
            assert abs(shown - sim.time.now() / S) <= 1
    finally:
        monkeypatch.delenv("TZ")
        time.tzset()


# --- the computer's clock ---------------------------------------------------------


@pytest.mark.parametrize("known", [False, None])
def test_a_computer_that_is_not_synchronised(commandline, monkeypatch, known):
    from tokenctl.clock.computer import ComputerClock

    clock = ComputerClock(known, 3600.0)
    monkeypatch.setattr("tokenctl.clock.computer.read", lambda: clock)
    commandline("sync", "--require-synchronised").refused(17, "synchronised")
    assert not commandline.asked
    result = commandline("sync")
    assert result.code == 0
    assert ("Warning" in result.err) == (known is False)
    assert "synchronised" in result.err
    assert commandline("sync", "--json").json["computer_synchronised"] is known
