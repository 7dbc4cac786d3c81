"""Who knows the id of a request gets nothing by sending it again, later or to a locked token."""

import pytest
from attacks.hostile import FIRST_PAGE, HostileComputer
from e2e.typist import Typist

from otpcore.account import Account
from tokenctl.device.token import Token

ALICE = Account("Example Bank", "alice@example.com", b"12345678901234567890")
DOOR = Account("Door", "key", b"12345678901234567890", "hotp", counter=5)
PIN = "102010"


@pytest.fixture
def with_pin(sim, token):
    """A token with a TOTP and an HOTP account and a PIN, unlocked."""
    token.add(ALICE)
    token.add(DOOR)

    def enter(notice):
        if notice == "pin":
            Typist(sim).enter(PIN).enter(PIN)

    with Token(sim.transport(), enter) as owner:
        owner.change_pin()
    return sim


def code(sim, computer, number, name):
    asked = computer.begin("accounts.code", name, account_id=number)
    sim.press(after=1.5)
    answer = computer.outcome(asked, 4)
    assert "code" in answer
    return answer


def again(computer, method, name, seconds=1.0, **parameters):
    return computer.outcome(computer.begin(method, name, **parameters), seconds)


@pytest.mark.parametrize("number", [1, 2], ids=["totp", "hotp"])
def test_a_code_is_not_given_again_by_a_locked_token(with_pin, number):
    computer = HostileComputer(with_pin)
    answer = code(with_pin, computer, number, "AAAAAAAA")
    assert again(computer, "accounts.code", "AAAAAAAA", account_id=number) == answer
    assert computer.do("vault.lock") == {}
    # The lock was the last request now; a computer may also have the timer lock it.
    assert again(computer, "accounts.code", "AAAAAAAA", account_id=number) in (None, "already_done")


def test_the_last_answer_goes_when_the_token_locks_itself(with_pin):
    computer = HostileComputer(with_pin)
    code(with_pin, computer, 1, "AAAAAAAA")
    with_pin.wait(33)  # it is dark
    assert computer.do("status")["vault"] == "locked"
    assert again(computer, "accounts.code", "AAAAAAAA", account_id=1) == "already_done"


def test_names_are_not_repeated_by_a_token_that_locked_itself(with_pin):
    computer = HostileComputer(with_pin)
    assert again(computer, "accounts.list", "AAAAAAAA", **FIRST_PAGE)["total"] == 2
    with_pin.wait(33)
    assert again(computer, "accounts.list", "AAAAAAAA", **FIRST_PAGE) is None  # it asks for the PIN


def test_a_hotp_code_is_lost_with_its_answer_also_over_restarts_and_other_codes(with_pin):
    """Neither the code itself nor a later one."""
    computer = HostileComputer(with_pin)
    assert code(with_pin, computer, 2, "AAAAAAAA")["counter"] == 5
    assert again(computer, "accounts.code", "AAAAAAAA", account_id=2)["counter"] == 5
    with_pin.wait(6)
    assert again(computer, "accounts.code", "AAAAAAAA", account_id=2) == "already_done"
    with_pin.reset()
    with_pin.wait(1.5)
    asked = computer.begin("accounts.code", "AAAAAAAA", account_id=2)
    with_pin.wait(1.5)
    Typist(with_pin).enter(PIN)
    assert computer.outcome(asked, 25) == "already_done"


def test_a_refusal_goes_with_the_lock(with_pin):
    """It may tell that there is an account of these names, or how many there are."""
    computer = HostileComputer(with_pin)
    alice = ALICE.to_wire()
    assert again(computer, "accounts.add", "AAAAAAAA", account=alice) == "account_exists"
    with_pin.wait(10)
    assert again(computer, "accounts.add", "AAAAAAAA", account=alice) == "account_exists"
    with_pin.wait(33)
    assert computer.do("status")["vault"] == "locked"
    assert again(computer, "accounts.add", "AAAAAAAA", 2.0, account=alice) is None
    assert ("AAAAAAAA", "pin") in computer.notices


def test_who_refused_is_not_asked_again_for_the_same_request(sim, token):
    token.add(ALICE)
    computer = HostileComputer(sim)
    asked = computer.begin("accounts.remove", "AAAAAAAA", account_id=1)
    sim.press(1.2, after=1.5)  # no
    assert computer.outcome(asked, 5) == "refused"
    for _ in range(2):
        assert again(computer, "accounts.remove", "AAAAAAAA", account_id=1) == "refused"
        sim.wait(6)
    assert computer.notices == [("AAAAAAAA", "press")]
    assert again(computer, "accounts.list", "BBBBBBBB", **FIRST_PAGE)["total"] == 1
    assert again(computer, "accounts.remove", "AAAAAAAA", 2.0, account_id=1) is None  # it is new
    assert computer.notices[1:] == [("AAAAAAAA", "press")]


def test_what_was_not_begun_is_a_new_request(sim, token):
    """It got busy: that is the answer to nothing."""
    token.add(ALICE)
    computer = HostileComputer(sim)
    asked = computer.begin("accounts.code", "AAAAAAAA", account_id=1)
    sim.wait(0.5)
    assert again(computer, "accounts.list", "BBBBBBBB", **FIRST_PAGE) == "busy"
    sim.press(1.2, after=1)
    assert computer.outcome(asked, 5) == "refused"
    assert again(computer, "accounts.list", "BBBBBBBB", **FIRST_PAGE)["total"] == 1


def test_a_change_is_made_once_and_what_was_read_is_read_anew(sim, token):
    token.add(ALICE)
    computer = HostileComputer(sim)
    asked = computer.begin("accounts.add", "AAAAAAAA", account=DOOR.to_wire())
    sim.press(after=1.5)
    added = computer.outcome(asked, 5)
    assert added["account_id"] == 2
    for _ in range(2):
        sim.wait(6)
        assert again(computer, "accounts.add", "AAAAAAAA", account=DOOR.to_wire()) == added
    assert again(computer, "accounts.list", "BBBBBBBB", **FIRST_PAGE)["total"] == 2
    assert again(computer, "accounts.add", "AAAAAAAA", account=DOOR.to_wire()) == added
    asked = computer.begin("accounts.remove", "CCCCCCCC", account_id=1)
    sim.press(after=1.5)
    assert computer.outcome(asked, 5) == {}
    assert again(computer, "accounts.list", "BBBBBBBB", **FIRST_PAGE)["total"] == 1


def test_a_quick_request_is_answered_with_what_is_so_now(sim, token):
    computer = HostileComputer(sim)
    assert again(computer, "status", "AAAAAAAA")["account_count"] == 0
    token.add(ALICE)
    assert again(computer, "status", "AAAAAAAA")["account_count"] == 1
