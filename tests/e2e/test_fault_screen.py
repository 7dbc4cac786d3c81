"""A token whose firmware fails at every start: what it shows, answers and takes, and the way back.

The firmware is a copy with faults put into it, which `mend` takes out again.
"""

import json
import shutil

import pytest
from attacks.hostile import HostileComputer
from e2e import small_text
from e2e.breakable import Breakable
from e2e.commandline import HOLD, NO, CommandLine
from e2e.conftest import presser
from support.kept_release import as_simulated

from otpcore import errors
from otpcore.account import Account
from otpcore.version import VERSION
from tokenctl.device.token import Token
from tokenctl.payload import firmware_folder
from tokenctl.release import translating
from tokensim.board.board import Parts
from tokensim.board.processor import HARD_RESET, POWER_ON, WATCHDOG
from tokensim.board.wiring import PANELS
from tokensim.port.runtime import Runtime
from tokensim.token import SimulatedToken

STANDARD = json.loads((firmware_folder() / "board.json").read_text())

ALICE = Account("Example Bank", "alice@example.com", b"12345678901234567890")


@pytest.fixture(scope="module")
def copied(tmp_path_factory):
    return Breakable(tmp_path_factory.mktemp("copied"))


@pytest.fixture
def firmware(copied):
    """The copy, as if it were new: a test puts faults into it and may change the board's file."""
    copied.mend()
    shutil.copy(firmware_folder() / "board.json", copied.folder)
    return copied


@pytest.fixture
def make(firmware):
    """Make a token that runs it: returned when it has stopped resetting."""
    made = []

    def make(**options):
        sim = SimulatedToken(runtime=Runtime(firmware.folder), **options)
        made.append(sim)
        sim.power_on()
        rest(sim)
        return sim

    yield make
    for sim in made:
        sim.close()


@pytest.fixture(scope="module")
def one_failed(tmp_path_factory):
    """A token whose firmware has failed three times, for the tests that leave it as it is."""
    firmware = Breakable(tmp_path_factory.mktemp("failed"))
    firmware.put("fails")
    sim = SimulatedToken(runtime=Runtime(firmware.folder))
    sim.power_on()
    rest(sim)
    yield sim
    sim.close()


@pytest.fixture
def failed(one_failed):
    """That token, where nothing is left of another test's question."""
    one_failed.wait(4)
    yield one_failed
    assert one_failed.chip.resets == 3


def rest(sim: SimulatedToken) -> int:
    """Wait until the token stays on; return how often it was reset before.

    A hang ends after eight seconds.
    """
    while True:
        resets = sim.chip.resets
        if not sim.wait_for(lambda: sim.chip.resets > resets, 15):  # noqa: B023 (called at once)
            return resets


def fault_of(sim: SimulatedToken) -> str:
    """Return what the token says of its fault, "" if it has none."""
    with Token(sim.transport()) as token:
        assert token.identity.fault == token.status().fault
        return token.identity.fault or ""


def found(firmware: Breakable, text: str | None) -> str:
    """Return a fault in the words of the sources."""
    release = as_simulated(firmware.folder)
    return translating.Map(translating.as_map(release, VERSION)).translate(text or "")


def blank(sim: SimulatedToken) -> bool:
    return not sim.board.flash.read(0, sim.board.flash.size).strip(b"\xff")


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


@pytest.mark.parametrize("panel", list(PANELS))
def test_the_screen_says_what_and_where_and_what_to_do(firmware, make, panel):
    """As the built-in font has it: compared with the same text drawn by hand."""
    firmware.put("fails")
    sim = make(parts=Parts(panel=panel))
    seen = set()
    for _ in range(60):
        sim.wait(0.3)
        rows = sim.board.panel.pixels()
        for top in range(0, len(rows) - 7, 8):
            seen.add(b"".join(rows[top : top + 8]))
    place = fault_of(sim).split()[1]
    for text in ("FAULT", "ValueError", place, "tokenctl status", "hold: try again"):
        assert drawn(text) in seen, text
    assert bytes(1 - each for each in drawn("FAULT")) in seen, "it blinks"


def drawn(text: str) -> bytes:
    """Return eight rows of pixels with a text at their left, in MicroPython's own font."""
    return b"".join(row.ljust(128, b"\0") for row in small_text.drawn(text, own=False))


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


def test_the_link_says_who_it_is_and_refuses_all_that_it_cannot(failed):
    sim = failed
    with Token(sim.transport(), presser(sim)) as token:
        assert (token.identity.firmware, token.identity.protocol) == (VERSION, 1)
        assert token.identity.serial == sim.board.serial.hex().upper()
        for refused in (
            token.accounts,
            token.sync,
            token.change_pin,
            token.lock,
            token.read_clock,
            lambda: token.add(ALICE),
            lambda: token.code(1),
        ):
            with pytest.raises(errors.Fault, match="tokenctl status"):
                refused()


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


def test_it_sleeps_where_nobody_is_and_a_press_shows_the_fault_again(firmware, make):
    firmware.put("fails")
    sim = make()
    sim.wait(200)
    fault = fault_of(sim)  # whoever asks keeps it awake
    sim.wait(200)
    assert not sim.chip.asleep
    sim.wait(150)
    assert sim.chip.asleep and not sim.board.panel.lit
    sim.press()
    sim.wait(3)
    assert "█" in sim.screen() and sim.chip.resets == 3
    assert fault_of(sim) == fault


def test_on_usb_power_it_goes_dark_but_does_not_sleep_and_a_press_lights_it(firmware, make):
    firmware.put("fails")
    sim = make(parts=Parts(STANDARD | {"usb_power": {"pin": 34}}))
    sim.wait(350)
    assert not sim.chip.asleep and not sim.board.panel.lit
    sim.press()
    sim.wait(1)
    assert "█" in sim.screen() and sim.chip.resets == 3


def test_a_panel_that_lost_its_supply_shows_the_fault_again(failed):
    sim = failed
    sim.board.panel.reset()
    assert "█" not in sim.screen()
    sim.wait(2)
    assert "█" in sim.screen()


# tokenctl


@pytest.fixture
def commandline(failed, monkeypatch, capfd):
    """Commands for a token whose firmware fails at every start."""
    return CommandLine(failed, monkeypatch, capfd)


def test_status_says_what_is_wrong_and_what_can_be_done(commandline):
    result = commandline("status")
    assert (result.code, result.err) == (0, "")
    lines = dict(line.split(None, 1) for line in result.out.splitlines())
    assert list(lines) == ["Token", "Fault", "Vault"]
    assert VERSION in lines["Token"]
    assert "at every start: ValueError at tokenfw/" in lines["Fault"]
    for way in ("tokenctl flash", "long press", "tokenctl wipe"):
        assert way in lines["Vault"]


def test_status_as_json_has_the_same_keys_as_ever(commandline):
    fields = commandline("status", "--json").json
    assert fields["fault"].startswith("ValueError 0:")
    assert (fields["fault_count"], fields["vault"], fields["account_count"]) == (3, "closed", None)


def test_every_other_command_is_refused_in_one_sentence(commandline, tmp_path):
    source = tmp_path / "uris.txt"
    source.write_text("otpauth://totp/Example:alice?secret=JBSWY3DPEHPK3PXP")
    for arguments in (
        ("list",),
        ("sync",),
        ("code", "Example"),
        ("remove", "Example"),
        ("provision", str(source)),
        ("pin", "set"),
        ("status", "--clock-log"),
    ):
        commandline(*arguments).refused(19, "firmware keeps failing", "tokenctl status")
        assert not commandline.asked


def test_wipe_says_that_it_is_empty(firmware, make, monkeypatch, capfd):
    firmware.put("fails")
    commandline = CommandLine(make(), monkeypatch, capfd)
    refused = commandline("wipe", answer=NO)
    assert refused.code == 7
    result = commandline("wipe", answer=HOLD)
    assert result.code == 0 and "is empty" in result.err
    assert blank(commandline.token)


# what fails may be what the fault screen itself takes


def test_without_the_board_s_definition_it_answers(firmware, make):
    (firmware.folder / "board.json").unlink()
    sim = make()
    assert sim.chip.resets == 0
    with Token(sim.transport()) as token:
        assert token.status().fault == "no_board"
        with pytest.raises(errors.Fault, match="damaged"):
            token.wipe()


def test_with_a_panel_that_has_no_driver_it_answers_and_wipes(firmware, make):
    path = firmware.folder / "board.json"
    path.write_text(path.read_text().replace('"ssd1306"', '"st7920"'))
    sim = make()
    with Token(sim.transport(), presser(sim)) as token:
        assert found(firmware, token.status().fault).startswith("UnknownPanel tokenfw/board.py:")
        token.wipe()
    assert blank(sim)


@pytest.mark.parametrize("name", ["no link", "no service"])
def test_when_the_link_cannot_be_loaded_the_screen_works(firmware, make, name):
    firmware.put("fails")
    firmware.put(name)
    sim = make()
    assert "█" in sim.screen()
    sim.press(1.5)
    assert rest(sim) == 5


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
