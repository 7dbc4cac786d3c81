"""What a press confirmed is all that happens: no other account goes, and no later one comes."""

import pytest
from attacks.hostile import FIRST_PAGE, HostileComputer
from attacks.test_dialogs_exchanged import ALICE, PIN, says
from e2e.conftest import presser
from e2e.typist import HOLD, Typist

from otpcore import errors
from otpcore.account import Account
from tokenctl.device.token import Token

EVE = Account("Bank", "eve", b"12345678901234567890")  # both names fit in a row, in any order
MALLORY = Account("Mallory", "m", b"98765432109876543210")


def wire(account):
    return account.to_wire()


def test_who_replaces_an_account_by_another_is_shown_both(sim, token):
    token.add(EVE)
    computer = HostileComputer(sim)
    asked = computer.begin("accounts.replace", account_id=1, account=wire(MALLORY))
    sim.wait(0.5)
    assert says(sim, "Replace?") and says(sim, "Bank") and says(sim, "eve")
    assert says(sim, "Mallory")
    sim.wait(1)
    sim.press(1.2)
    assert computer.outcome(asked, 3) == "refused"
    assert [each.issuer for each in token.accounts()] == ["Bank"]


def test_a_batch_replaces_an_account_by_one_of_the_same_names_only(sim, token):
    token.add(ALICE)
    change = {"account_id": 1, "batch_id": token.batch(1, 1)}
    computer = HostileComputer(sim)
    assert computer.do("accounts.replace", account=wire(MALLORY), **change) == "bad_request"
    again = Account(ALICE.issuer, ALICE.name, b"another secret, 20 b")
    assert computer.do("accounts.replace", account=wire(again), **change)["account_id"] == 1


def confirmed(sim):
    """Return a hostile computer and a batch of twelve that somebody said yes to."""
    with Token(sim.transport(), presser(sim)) as token:
        return HostileComputer(sim), token.batch(12)


def nth(number):
    return wire(Account("Mallory", str(number), bytes([number + 1]) * 20))


def test_a_batch_is_over_with_lock_and_unlock(sim, token):
    def enter(notice):
        if notice == "pin":
            Typist(sim).enter(PIN).enter(PIN)

    with Token(sim.transport(), enter) as owner:
        owner.change_pin()
    computer, batch = confirmed(sim)
    assert computer.do("accounts.add", account=nth(1), batch_id=batch)["account_id"] == 1
    computer.do("vault.lock")
    asked = computer.begin("accounts.list", **FIRST_PAGE)
    sim.wait(1.2)
    Typist(sim).enter(PIN)
    assert computer.outcome(asked, 20)["total"] == 1
    assert computer.do("accounts.add", account=nth(2), batch_id=batch) == "batch_over"


def test_a_batch_is_over_with_a_wipe(sim):
    computer, batch = confirmed(sim)
    asked = computer.begin("wipe")
    sim.press(HOLD, after=1.5)
    assert computer.outcome(asked, 12) == {}
    assert computer.do("accounts.add", account=nth(1), batch_id=batch) == "batch_over"


def test_a_batch_is_over_with_a_new_pin(sim, token):
    computer, batch = confirmed(sim)

    def enter(notice):
        if notice == "pin":
            Typist(sim).enter(PIN).enter(PIN)

    with Token(sim.transport(), enter) as owner:
        owner.change_pin()
    assert computer.do("accounts.add", account=nth(1), batch_id=batch) == "batch_over"


def test_a_batch_is_over_after_ten_minutes_however_it_is_kept_in_use(sim):
    computer, batch = confirmed(sim)
    for number in range(11):
        assert (
            computer.do("accounts.add", account=nth(number), batch_id=batch)["account_id"]
            == number + 1
        )
        sim.wait(54.6)
    assert computer.do("accounts.add", account=nth(11), batch_id=batch) == "batch_over"


def test_a_press_is_for_one_question(sim, token):
    """The next one, a moment later, wants a press of its own."""
    token.add(ALICE)
    token.add(MALLORY)
    with Token(sim.transport(), lambda notice: sim.press(after=0.2)) as owner:
        owner.remove(1)
    with Token(sim.transport()) as other, pytest.raises(errors.NotPressed):
        other.remove(2)
