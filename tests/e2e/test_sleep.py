"""Deep sleep: when the token goes to it, what a press finds after it, and what keeps it awake."""

import base64
import copy
import json

import pyotp
import pytest
from e2e.conftest import presser
from e2e.small_text import shows
from e2e.typist import Typist

from otpcore.account import Account
from tokenctl.device.token import Token
from tokenctl.errors import NoToken
from tokenctl.payload import board_definition, firmware_folder
from tokensim.board.board import Parts
from tokensim.token import SimulatedToken
from tokensim.view.ocr import CodeReader, NoCode

READER = CodeReader(firmware_folder())
SECRETS = [bytes([number]) * 20 for number in range(1, 4)]
PIN = "271828"
REACHABLE = 300  # seconds: "in the last minutes"
DARK = 31  # seconds after a press
STANDARD = json.loads((firmware_folder() / "board.json").read_text())
BATTERY = {
    "pin": 35,
    "upper_ohms": 100000,
    "lower_ohms": 100000,
    "full_mv": 4150,
    "warn_mv": 3500,
    "empty_mv": 3300,
}


def provision(sim: SimulatedToken) -> SimulatedToken:
    with Token(sim.transport(), presser(sim)) as token:
        token.sync()
        batch = token.batch(len(SECRETS))
        for number, secret in enumerate(SECRETS):
            token.add(Account(f"Site {number}", "me", secret), batch_id=batch)
    sim.wait(DARK)
    return sim


@pytest.fixture(scope="module")
def sleeper():
    with SimulatedToken() as sim:
        provision(sim)
        fall_asleep(sim)
        yield sim


@pytest.fixture
def sim(sleeper):
    """A token that is asleep, as each test leaves it: to get there takes minutes."""
    if not sleeper.chip.asleep:  # another test has failed
        sleeper.stay_unplugged(1)
        fall_asleep(sleeper)
    yield sleeper
    sleeper.wait(DARK)
    assert sleeper.chip.asleep


def wait_for_second(sim, second):
    """Let time pass until this second of a code's life."""
    sim.wait((second - sim.time.now() / 1e9) % 30)


def board(**changes):
    return SimulatedToken(parts=Parts(definition={**copy.deepcopy(STANDARD), **changes}))


def set_pin(sim):
    def enter(notice: str) -> None:
        if notice == "pin":
            Typist(sim).enter(PIN).enter(PIN)

    with Token(sim.transport(), enter) as token:
        token.change_pin()


def code_of(sim, number):
    secret = base64.b32encode(SECRETS[number]).decode()
    return pyotp.TOTP(secret).at(int(sim.time.now() / 1e9))


def shown(sim):
    try:
        return READER.read(sim.board.panel.pixels())
    except NoCode:
        return None


def press(sim, second=False):
    sim.press(0.1, second=second)
    sim.wait(1)


def fall_asleep(sim):
    sim.wait(REACHABLE + 5)
    assert sim.chip.asleep


def test_a_press_finds_the_account_that_was_shown_last(sim):
    press(sim)
    press(sim)
    assert shown(sim) == code_of(sim, 1)
    sim.wait(DARK)
    assert sim.chip.asleep
    sim.wait(3 * 86400)
    wait_for_second(sim, 5)
    sim.press(0.1)
    while not sim.board.panel.lit:
        sim.wait(0.001)
    assert shown(sim) == code_of(sim, 1)  # in the first picture
    press(sim)
    assert shown(sim) == code_of(sim, 2), "the press that woke it is not taken for another one"


def test_asleep_nothing_is_lit_and_a_press_writes_no_flash(sim):
    assert not sim.board.panel.on
    assert not sim.board.panel.pump
    before = sim.board.flash.read(0, sim.board.flash.size)
    press(sim)
    sim.wait(DARK)
    assert sim.chip.asleep
    assert sim.board.flash.read(0, sim.board.flash.size) == before
    assert not any(sim.board.panel.ram), "another program could show what the panel still holds"


@pytest.mark.parametrize("seconds", [4, 2 * DARK + 60])
def test_a_panel_that_does_not_answer_just_then_is_not_left_on(sim, seconds):
    press(sim)
    sim.wait(DARK - 4)
    assert sim.board.panel.lit
    sim.board.bus.detach(0x3C)
    sim.wait(seconds)
    assert sim.chip.asleep == (seconds > DARK)  # a broken one is waited for no longer
    sim.board.bus.attach(sim.board.panel)
    sim.wait(2)
    assert sim.chip.asleep
    if seconds < DARK:
        assert not sim.board.panel.on


def test_the_picture_moves_from_one_lighting_to_the_next(sim):
    columns = set()
    for _ in range(2):
        press(sim)
        columns.add(min(row.index(1) for row in sim.board.panel.pixels()[:8] if any(row)))
        sim.wait(DARK)
        assert sim.chip.asleep
    assert len(columns) == 2


def test_the_second_button_wakes_it_too(sim):
    wait_for_second(sim, 5)
    press(sim, second=True)
    assert shown(sim) in {code_of(sim, number) for number in range(3)}


def test_a_button_that_is_held_keeps_it_awake(sim):
    sim.press(2 * DARK)
    sim.wait(2 * DARK - 1)
    assert not sim.chip.asleep
    assert not sim.board.panel.on
    sim.wait(5)
    assert sim.chip.asleep


def test_a_time_that_only_the_processor_counts_is_not_slept_away(sim):
    press(sim)
    sim.board.bus.detach(0x68)
    sim.wait(2 * DARK)
    assert not sim.chip.asleep
    press(sim)
    assert shown(sim) in {code_of(sim, number) for number in range(3)}
    sim.board.bus.attach(sim.board.rtc)


def test_a_run_that_came_to_its_sleep_was_a_good_one(sim):
    """What was counted of faults outlives the sleep, behind its note, and begins anew then."""
    memory = b"F:\x82OSError app.py:7"  # two of them, and it runs
    press(sim)
    sim.chip.processor.rtc_memory = memory  # the chip's RTC memory
    sim.wait(DARK)
    assert sim.chip.asleep
    assert sim.chip.processor.rtc_memory.endswith(memory)
    press(sim)
    count = sim.chip.processor.rtc_memory[2]
    assert sim.chip.processor.rtc_memory[:2] == b"F:" and count & 0x7F == 0
    sim.chip.processor.rtc_memory = b""


def test_a_computer_has_it_woken_and_it_is_reachable_for_minutes(sim):
    with pytest.raises(NoToken):
        Token(sim.transport())
    notices: list[str] = []

    def wake(notice):
        notices.append(notice)
        sim.press(0.1, after=1)

    with Token(sim.transport(), wake) as token:
        assert len(token.accounts()) == len(SECRETS)
    assert notices == ["asleep"]
    sim.wait(REACHABLE - 20)
    with Token(sim.transport()) as token:
        assert token.identity.serial
    sim.wait(40)
    assert not sim.chip.asleep
    sim.wait(REACHABLE - 40)


def test_a_locked_token_asks_for_its_pin_when_it_wakes():
    with SimulatedToken() as sim:
        provision(sim)
        set_pin(sim)
        fall_asleep(sim)
        press(sim)
        assert shown(sim) not in {code_of(sim, number) for number in range(3)}
        assert shows(sim.board.panel.pixels(), "next")  # of the PIN pad
        Typist(sim).enter(PIN)
        sim.wait(17)
        assert shown(sim) == code_of(sim, 0)
        sim.wait(DARK)
        assert sim.chip.asleep


@pytest.mark.long
def test_a_delay_after_a_wrong_pin_is_not_slept_away():
    """Asleep it would begin anew with each press, and never end."""
    with SimulatedToken() as sim:
        provision(sim)
        set_pin(sim)
        fall_asleep(sim)
        press(sim)
        for number, delay in enumerate((1, 2, 4, 8, 30, 60, 0)):
            typist = Typist(sim)
            if number >= 3:
                typist.prove()
            typist.enter("314159")
            sim.wait(20 + 18 * (number >= 3) + delay)
        sim.wait(DARK)  # five minutes have begun, for which no dialog waits
        assert not sim.board.panel.lit and not sim.chip.asleep
        sim.wait(300 + DARK)
        assert sim.chip.asleep
        press(sim)
        sim.wait(1)
        assert shows(sim.board.panel.pixels(), "Unlock"), "the delay is over, whatever it slept"
        Typist(sim).prove().think(1).enter(PIN)
        sim.wait(38)
        assert shown(sim) == code_of(sim, 0)


@pytest.mark.long
def test_usb_power_keeps_it_awake_where_it_is_sensed():
    with board(usb_power={"pin": 34}) as sim:
        sim.wait(2 * REACHABLE)
        assert not sim.chip.asleep
        sim.supply(usb=False)
        sim.wait(5)
        assert sim.chip.asleep


@pytest.mark.long
@pytest.mark.parametrize(
    "changes", [{"sleep": False}, {"button": {"pin": 23}}], ids=["told so", "no pin that can"]
)
def test_a_board_that_nothing_could_wake_stays_awake(changes):
    with board(**changes) as sim:
        sim.wait(2 * REACHABLE)
        assert not sim.chip.asleep
        press(sim)
        assert shows(sim.board.panel.pixels(), "Language")


@pytest.mark.parametrize("chip", ["esp32c3", pytest.param("esp32s3", marks=pytest.mark.long)])
def test_other_chips_wake_in_their_own_way(chip):
    definition = json.loads(board_definition(chip).read_text())
    with SimulatedToken(parts=Parts(definition=definition)) as sim:
        fall_asleep(sim)
        for second in (False, True):
            press(sim, second)
            assert shows(sim.board.panel.pixels(), "Language")
            sim.wait(DARK)
            assert sim.chip.asleep


def test_a_c3_sleeps_where_only_its_first_button_can_wake_it():
    definition = json.loads(board_definition("esp32c3").read_text())
    definition["second_button"]["pin"] = 10
    with SimulatedToken(parts=Parts(definition=definition)) as sim:
        fall_asleep(sim)
        press(sim)
        assert shows(sim.board.panel.pixels(), "Language")


def test_a_c3_stays_awake_where_its_first_button_cannot_wake_it():
    definition = json.loads(board_definition("esp32c3").read_text())
    definition["button"]["pin"] = 10
    with SimulatedToken(parts=Parts(definition=definition)) as sim:
        sim.wait(2 * REACHABLE)
        assert not sim.chip.asleep and sim.chip.resets == 0
        press(sim)
        assert shows(sim.board.panel.pixels(), "Language")


def test_a_chip_that_stops_just_before_the_next_code_is_no_fault(sim):
    status = 0x0F
    wait_for_second(sim, 25)
    press(sim)
    sim.wait(-sim.time.now() / 1e9 % 30 - 0.015)
    before = sim.chip.resets
    sim.board.rtc._storage[status] |= 0x80  # OSF
    sim.wait(2)
    assert shows(sim.board.panel.pixels(), "Time unknown")
    assert sim.chip.resets == before
    sim.board.rtc._storage[status] &= 0x7F


def test_an_empty_battery_is_in_nobodys_way_on_usb_power():
    with board(battery=BATTERY, usb_power={"pin": 34}) as sim:
        sim.supply(battery_mv=BATTERY["empty_mv"] - 50)
        sim.wait(1)
        press(sim)
        sim.wait(5)
        assert shows(sim.board.panel.pixels(), "Language")
        sim.supply(usb=False)
        sim.wait(2)
        assert shows(sim.board.panel.pixels(), "Battery empty")


def test_the_battery_warns_and_ends():
    with board(battery=BATTERY) as sim:
        provision(sim)
        press(sim)
        assert not shows(sim.board.panel.pixels(), "charge")
        sim.supply(battery_mv=BATTERY["warn_mv"] - 50)
        sim.wait(2)
        assert shows(sim.board.panel.pixels(), "charge")
        assert shown(sim) == code_of(sim, 0)
        with Token(sim.transport()) as token:
            state = token.status()
        assert state.battery is not None
        assert abs(state.battery["millivolts"] - sim.board.battery_mv) < 10
        assert 0 < state.battery["percent"] < 15
        sim.supply(battery_mv=BATTERY["empty_mv"] - 50)
        sim.wait(4)
        assert shows(sim.board.panel.pixels(), "Battery empty")
        sim.wait(5)
        assert sim.chip.asleep, "whatever a computer wants"
        flash = sim.board.flash.read(0, sim.board.flash.size)
        press(sim)
        sim.wait(2)  # three looks find it so
        assert shows(sim.board.panel.pixels(), "Battery empty")
        sim.wait(6)
        assert sim.chip.asleep
        assert sim.board.flash.read(0, sim.board.flash.size) == flash
        sim.supply(battery_mv=3900)
        press(sim)
        assert shown(sim) == code_of(sim, 0)
