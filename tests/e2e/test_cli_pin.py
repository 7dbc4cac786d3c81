"""The PIN: set, changed, cleared and entered at the token; what a locked token does."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from e2e.commandline import HOLD, NO, NOTHING, CommandLine
from e2e.saved import after, protect, provision, restarted
from e2e.typist import Typist

from otpcore.account import Account
from tokenctl.cli import protection
from tokenctl.device.models import Status
from tokenctl.payload import firmware_folder
from tokensim.board.idfheap import SPENT
from tokensim.port.runtime import Runtime
from tokensim.token import SimulatedToken

ALICE = Account("Example", "alice@example.com", b"12345678901234567890")
PIN, OTHER = "102010", "20102011"
DARK = 31  # seconds without a press
WRONG = "0000"
CHANGE = 3  # PINs are entered for it
UNLOCKING = 3  # seconds


def _one_account(sim: SimulatedToken) -> None:
    provision(sim, ALICE)


def _with_pin(sim: SimulatedToken) -> None:
    provision(sim, ALICE)
    protect(sim, PIN)


@pytest.fixture
def alice(monkeypatch, capfd) -> Iterator[CommandLine]:
    """A token that knows the time and has one account."""
    with restarted(after(_one_account)) as token:
        yield CommandLine(token, monkeypatch, capfd)


@pytest.fixture
def locked(monkeypatch, capfd) -> Iterator[CommandLine]:
    """The same one with a PIN: it has just been switched on."""
    with restarted(after(_with_pin)) as token:
        yield CommandLine(token, monkeypatch, capfd)


@pytest.fixture
def with_psram(monkeypatch, capfd):
    """The same on a board with PSRAM: the heap lies there, and the radio has its memory."""
    with SimulatedToken(runtime=Runtime(heap="4000K"), radio=True) as token:
        run = CommandLine(token, monkeypatch, capfd)
        assert run("sync").code == 0
        run.put(ALICE)
        yield run


def entering(run: CommandLine, *pins: str, two: bool = False):
    """Return what somebody does who enters these PINs when the token asks.

    Of three the first is the present one, with which the token takes some seconds.
    """

    def enter(notice):
        typist = Typist(run.token, two)
        for place, each in enumerate(pins):
            typist.enter(each)
            if len(pins) == CHANGE and not place:
                typist.think(UNLOCKING)

    return enter


def holding(run: CommandLine, *pins: str):
    """Return what somebody does who holds for a question, and enters PINs where they are asked."""

    def answer(notice):
        if notice == "hold":
            run.token.press(3.3, 0.7)
        else:
            entering(run, *pins)(notice)

    return answer


def set_pin(run: CommandLine, *pins: str, two: bool = False) -> None:
    result = run("pin", "set", answer=entering(run, *pins, two=two))
    assert (result.code, run.asked) == (0, ["pin"]), result


def status(run: CommandLine):
    return run("status", "--json").json


@pytest.mark.parametrize("two", [False, True], ids=["one button", "two buttons"])
def test_set_and_enter(alice, two):
    set_pin(alice, PIN, PIN, two=two)
    state = status(alice)
    assert (state["vault"], state["pin_length"], state["has_pin"]) == ("ready", 6, True)
    assert state["pin_attempts_left"] == 10
    # A chip was seen to do 10,475 in a second. They are measured, to within some per cent.
    assert 0.85 * 20_950 < state["pin_iterations"] <= 1.05 * 20_950
    alice.token.power_off()
    alice.token.power_on()
    alice.token.wait_until_ready()
    assert status(alice)["vault"] == "locked"
    result = alice("list", answer=entering(alice, PIN, two=two))
    assert result.code == 0 and "alice@example.com" in result.out and alice.asked == ["pin"]
    assert status(alice)["vault"] == "ready"


def test_with_memory_enough_the_key_is_drawn_with_the_radio_on_and_it_is_off_again(with_psram):
    alice = with_psram
    board = alice.token.board
    before = board.radio_draws
    set_pin(alice, PIN, PIN)
    assert (board.radio_draws, board.radio_on) == (before + 1, False)
    assert status(alice)["strong_key"] is True
    assert board.processor_hz == 160_000_000


def test_after_much_use_the_radio_has_no_memory_until_a_restart_which_the_token_makes(alice):
    """As the model of the chip's heap has it after ten accounts: bench/heap32/lives.py."""
    alice.put(*(Account("Example", f"number {each}", ALICE.secret) for each in range(10)))
    board = alice.token.board
    assert board.idf_heap.free <= SPENT[0]
    resets, draws = alice.token.chip.resets, board.radio_draws
    set_pin(alice, PIN, PIN)
    assert alice.restarts == 1
    assert (alice.token.chip.resets, board.radio_draws) == (resets + 2, draws + 1)
    assert board.radio_on is False
    assert status(alice)["strong_key"] is True
    assert "may be weak" not in alice("status").out
    set_pin(alice, PIN, OTHER, OTHER)  # the next one takes no restart
    assert (alice.restarts, status(alice)["strong_key"]) == (0, True)


def test_a_locked_token_restarts_before_it_asks_for_its_pin(locked):
    set_pin(locked, PIN, OTHER, OTHER)
    assert locked.restarts == 1
    assert (status(locked)["strong_key"], status(locked)["pin_length"]) == (True, 8)


def test_where_the_radio_never_has_memory_the_key_is_drawn_without_and_status_says_so(alice):
    board = alice.token.board
    board.idf_heap.leave(SPENT)
    before = board.radio_draws
    set_pin(alice, PIN, PIN)
    assert (board.radio_draws, board.radio_on) == (before, False)
    assert status(alice)["strong_key"] is False
    assert "may be weak" in alice("status").out


def test_a_radio_that_hangs_is_a_fault_and_the_token_goes_on_without(alice):
    alice.token.board.radio_hangs = True
    set_pin(alice, PIN, PIN)
    assert status(alice)["strong_key"] is False
    assert alice.stored()


@pytest.mark.long
def test_change_and_clear(alice):
    set_pin(alice, PIN, PIN)
    set_pin(alice, PIN, OTHER, OTHER)
    assert status(alice)["pin_length"] == 8
    result = alice("pin", "clear", answer=holding(alice, OTHER))
    assert result.code == 0
    assert (status(alice)["pin_length"], status(alice)["vault"]) == (0, "ready")
    assert len(alice.stored()) == 1


def test_two_that_differ_are_entered_again(alice):
    def slip(notice):
        Typist(alice.token).enter(PIN).enter(OTHER).think(3).enter(OTHER).enter(OTHER)

    assert alice("pin", "set", answer=slip).code == 0
    assert status(alice)["pin_length"] == len(OTHER)


@pytest.mark.long
def test_weak_ones_are_said_and_confirmed(alice):
    for weak in ("1010", "111111", "012345"):

        def confirm(notice, weak=weak):
            Typist(alice.token).enter(weak).think(1).press(3.3).think().enter(weak)

        result = alice("pin", "set", answer=confirm)
        assert result.code == 0, weak
        assert status(alice)["pin_length"] == len(weak)
        assert alice("pin", "clear", answer=holding(alice, weak)).code == 0

    def decline(notice):
        Typist(alice.token).enter("1234").think(1).press()

    assert alice("pin", "set", answer=decline).code == 7
    assert status(alice)["pin_length"] == 0


def test_a_digit_is_deleted(alice):
    def correct(notice):
        Typist(alice.token).digits("7").delete().enter(PIN).enter(PIN)

    assert alice("pin", "set", answer=correct).code == 0
    assert alice("pin", "clear", answer=holding(alice, PIN)).code == 0


def test_a_hold_or_nothing_enters_none(alice):
    alice("pin", "set", answer=HOLD).refused(7, "no PIN")
    alice("pin", "set", answer=NOTHING).refused(7, "60 s")
    alice("pin", "clear").refused(6, "no PIN")


def test_a_wrong_one_is_counted_and_the_right_one_forgives(locked):
    assert status(locked)["vault"] == "locked"

    def once_wrong(notice):
        Typist(locked.token).enter(OTHER).think(3).enter(PIN)

    assert locked("list", answer=once_wrong).code == 0
    assert status(locked)["pin_attempts_left"] == 10
    locked.token.wait(DARK)
    locked("list", answer=entering(locked, OTHER)).refused(7, "60 s")
    assert status(locked)["pin_attempts_left"] == 9
    result = locked("status")
    assert "1 wrong in a row; 9 more will erase everything" in result.out


@pytest.fixture
def impatient(tmp_path: Path, monkeypatch, capfd) -> Iterator[CommandLine]:
    """A token whose delays after a wrong PIN are all none; tests/target has the real ones."""
    firmware = tmp_path / "firmware"
    shutil.copytree(firmware_folder(), firmware)
    states = firmware / "tokenfw" / "vault" / "states.py"
    text, changes = re.subn(r"(?m)^DELAYS = .*$", "DELAYS = (0,)", states.read_text())
    assert changes == 1
    states.write_text(text)
    with SimulatedToken(runtime=Runtime(firmware)) as token:
        yield CommandLine(token, monkeypatch, capfd)


def test_ten_wrong_ones_erase_everything(impatient):
    impatient.put(ALICE)
    set_pin(impatient, PIN, PIN)
    impatient.token.wait(DARK)

    def guess(notice):
        typist = Typist(impatient.token)
        for number in range(10):
            if number >= 3:
                typist.prove()
            typist.enter(WRONG).think(2)

    result = impatient("list", answer=guess)
    result.refused(6, "wiped")
    state = status(impatient)
    assert (state["account_count"], state["pin_length"], state["vault"]) == (0, 0, "ready")


def test_what_a_locked_token_does(locked):
    before = locked.token.board.flash.read(0, locked.token.board.flash.size)
    assert status(locked)["account_count"] is None
    assert "alice" not in locked("status").out
    for command in (("list",), ("code", "alice"), ("remove", "alice"), ("provision", "-")):
        locked(
            *command,
            answer=NOTHING,
            stdin="otpauth://totp/a?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",
        ).refused(7, "60 s")
    locked.token.shift_clock(3)
    assert locked("sync").code == 0 and not locked.asked  # within the guard
    locked.token.shift_clock(300)
    locked("sync", answer=NOTHING).refused(7)
    assert locked.asked == ["pin"]
    after = locked.token.board.flash.read(0, locked.token.board.flash.size)
    assert (
        sum(one != other for one, other in zip(before, after, strict=True)) < 1500
    )  # the guard's and its log's
    assert locked("wipe", answer=HOLD).code == 0
    assert status(locked)["account_count"] == 0


def test_it_locks_when_it_goes_dark_and_shows_nothing_until_the_pin(alice):
    set_pin(alice, PIN, PIN)
    alice.token.wait(DARK)
    assert status(alice)["vault"] == "locked"
    Typist(alice.token).press()
    alice.token.wait(1.5)
    locked = alice.token.screen()
    Typist(alice.token).enter(PIN)
    alice.token.wait(15)
    assert status(alice)["vault"] == "ready"
    assert alice.token.screen() != locked


@pytest.mark.long
def test_it_locks_after_a_while_although_a_computer_keeps_it_awake(alice):
    set_pin(alice, PIN, PIN)
    assert alice("pin", "lock-after", "40").code == 0 and not alice.asked
    alice.token.press()  # the last one: it is 40 seconds from here
    pressed = alice.token.time.now()
    while alice.token.time.now() - pressed < 32e9:
        alice.token.wait(4)
        assert alice("list", answer=NOTHING).code == 0
    alice.token.wait(44 - (alice.token.time.now() - pressed) / 1e9)
    alice("list", answer=NOTHING).refused(7, "60 s")
    assert status(alice)["vault"] == "locked"
    assert status(alice)["lock_after_s"] == 40

    def at_the_token(notice):
        typist = Typist(alice.token)
        typist.enter(PIN) if notice == "pin" else typist.press(3.3)

    result = alice("pin", "lock-after", "80", answer=at_the_token)
    assert result.code == 0 and alice.asked == ["pin", "hold"]  # later is asked


def test_the_first_provisioning_says_that_there_is_no_pin_and_later_ones_do_not(commandline):
    first = commandline(
        "provision", "-", stdin="otpauth://totp/a?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    )
    assert first.code == 0 and "tokenctl pin set" in first.err
    second = commandline(
        "provision", "-", stdin="otpauth://totp/b?secret=MFRGGZDFMZTWQ2LKNNWG23TPOBYXE43U"
    )
    assert second.code == 0 and "PIN" not in second.err


def test_a_script_learns_that_a_token_without_a_pin_was_not_locked(alice):
    alice("lock").refused(6, "no PIN", "tokenctl pin set")
    assert alice("lock", "--json").code == 6
    assert status(alice)["vault"] == "ready"


def test_lock_and_status_say_how_well_it_is_protected(alice):
    assert "anyone holding the token can read the secrets" in alice("status").out
    set_pin(alice, PIN, PIN)
    assert "a 6-digit PIN; with a copy of the flash" in alice("status").out
    assert alice("lock").code == 0
    assert status(alice)["vault"] == "locked"


@pytest.mark.parametrize(
    ("digits", "iterations", "words"),
    [
        (4, 4000, "less than a second"),
        (6, 4500, "less than a second"),
        (8, 4500, "about 50 seconds"),
        (10, 4500, "about 1 hour"),
        (12, 4500, "about 5 days"),
        (16, 4500, "about 158 years"),
        (32, 20000, "longer than the age of the universe"),
    ],
)
def test_how_long_a_search_takes(digits, iterations, words):
    state = Status(0, 1000, 0, True, 0, "ok", "ready", pin_length=digits, pin_iterations=iterations)
    assert words in protection.protection(state)


def test_no_press_by_itself_confirms_a_pin(alice):
    alice("pin", "set", answer=NO).refused(7)  # one digit was taken, then nothing
    assert status(alice)["pin_length"] == 0
