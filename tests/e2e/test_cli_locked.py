"""A locked token: what it still does, what a wrong PIN costs, and when it locks."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from e2e.breakable import Breakable
from e2e.commandline import HOLD, NOTHING, CommandLine
from e2e.pin_command import ALICE, DARK, OTHER, PIN, alice, entering, locked, set_pin, status
from e2e.typist import Typist

from tokensim.port.runtime import Runtime
from tokensim.token import SimulatedToken

__all__ = ["alice", "locked"]

WRONG = "0000"


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
    firmware = Breakable(tmp_path)
    firmware.put("impatient")
    with SimulatedToken(runtime=Runtime(firmware.folder)) as token:
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
