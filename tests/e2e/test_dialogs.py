"""Dialogs at the token that meet requests of a computer, and presses that are meant for neither."""

import pytest
from e2e.commandline import HOLD, NOTHING, CommandLine
from e2e.small_text import shows
from e2e.typist import LONG, Typist

from otpcore.account import Account

DOOR = Account("Door", "key", b"12345678901234567890", "hotp", counter=5)
PIN = "102010"
WRONG = "9090"
DARK = 31


def set_pin(run: CommandLine) -> None:
    def enter(notice):
        Typist(run.token).enter(PIN).enter(PIN)

    assert run("pin", "set", answer=enter).code == 0


def test_no_press_makes_a_code_while_everything_is_sealed_anew(commandline):
    commandline.put(DOOR)

    def impatient(notice):
        typist = Typist(commandline.token).enter(PIN).enter(PIN).think(-0.5)
        typist.press(LONG).press(LONG)

    assert commandline("pin", "set", answer=impatient).code == 0
    commandline.token.wait(5)
    assert commandline("code", "door", "--json").json["counter"] == 5


def test_who_is_told_that_a_wipe_waits_ends_the_pin_that_is_being_entered(commandline):
    set_pin(commandline)
    commandline.token.wait(DARK)
    Typist(commandline.token).press().think(1).press().press()
    commandline.token.wait(3)
    assert commandline("wipe", answer=HOLD).code == 0
    commandline.token.wait(1)
    for _ in range(2):
        Typist(commandline.token).press()
        commandline.token.wait(2)
        # It is a new token, and asks for its language: nobody asks for a PIN.
        assert shows(commandline.token.board.panel.pixels(), "Language / Taal")


@pytest.mark.long
def test_a_long_delay_is_said_and_keeps_nobody_from_wiping(commandline):
    set_pin(commandline)
    commandline.token.wait(DARK)

    def guess(notice):
        typist = Typist(commandline.token)
        for number, pause in enumerate((3, 4, 6, 10, 33, 65, 0)):
            if number >= 3:
                typist.prove()
            typist.enter(WRONG).think(pause)

    result = commandline("list", answer=guess)
    result.refused(6, "in 300 s")
    assert commandline("list", answer=NOTHING).code == 6
    for _ in range(5):
        Typist(commandline.token).press()
        commandline.token.wait(1)
    assert commandline("wipe", answer=HOLD).code == 0
    assert commandline("status", "--json").json["vault"] == "ready"


@pytest.mark.long
def test_a_hold_ends_the_wait_after_a_wrong_pin(commandline):
    set_pin(commandline)
    commandline.token.wait(DARK)

    def give_up(notice):
        typist = Typist(commandline.token)
        for number, pause in enumerate((3, 4, 6, 10, 3)):
            if number >= 3:
                typist.prove()
            typist.enter(WRONG).think(pause)
        typist.press(3.2)

    commandline("list", answer=give_up).refused(7, "no PIN")


def test_the_code_of_an_account_that_was_wiped_is_not_shown_under_the_next_one(commandline):
    commandline.put(DOOR)
    commandline.token.wait(1)
    commandline.token.press(LONG)
    commandline.token.wait(2)
    with_code = commandline.token.screen()
    assert commandline("wipe", answer=HOLD).code == 0
    commandline.put(DOOR)
    commandline.token.wait(1)
    assert commandline.token.screen() != with_code


def test_a_question_has_a_row_for_each_name_that_there_is_and_none_for_another(commandline):
    commandline.put(Account("", "carol", b"12345678901234567890"))
    seen = []

    def look(notice):
        commandline.token.wait(0.5)
        seen.append(list(map(list, commandline.token.board.panel.pixels())))
        commandline.token.press(after=2)

    assert commandline("rename", "carol", "--account", "dave", answer=look).code == 0
    assert commandline("remove", "dave", answer=look).code == 0
    renamed, removed = seen
    first, second = slice(13, 21), slice(23, 31)
    assert shows(renamed[first], "carol") and shows(renamed[second], "to dave")
    assert shows(removed[first], "dave") and not any(map(any, removed[second]))
