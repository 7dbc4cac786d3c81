"""Requests that wait behind a dialog of somebody at the token, which changes what they are about.

What a request has read before its turn is not what it writes, or says, after it.
"""

from typing import Any

import pytest
from attacks.hostile import FIRST_PAGE, HostileComputer
from attacks.test_dialogs_exchanged import says
from attacks.transfers import begin, file_of, text
from e2e.typist import HOLD
from support import backups

from otpcore.account import Account

DOOR = backups.Account("Door", "key", b"98765432109876543210", "hotp", counter=5)
SITE = backups.Account("Site", "me", b"12345678901234567890")
REST = 4.0  # seconds after which nothing that was pressed before plays a part


@pytest.fixture
def batch() -> list[str]:
    """The batch of one replacement that somebody confirms before the token asks."""
    return []


@pytest.fixture
def computer(sim, batch) -> HostileComputer:
    """At a token that has restored two accounts, and asks about the counter of the first."""
    computer = HostileComputer(sim)
    file = file_of(DOOR, SITE)
    transfer = begin(sim, computer, file)
    for number, (part, _) in enumerate(file.parts()):
        assert computer.do("transfer.write", 3.0, part=number, data=text(part), **transfer) == {}
    assert computer.do("transfer.finish", 9.0, **transfer)["added"] == 2
    sim.wait(REST)
    batch.append(computer.asked("press", "accounts.batch", additions=0, replacements=1))
    sim.press()
    assert isinstance(computer.outcome(batch[0], 3), dict)
    sim.wait(REST)
    sim.press(HOLD)
    sim.wait(HOLD + 1)
    assert says(sim, "Counter behind?")
    sim.wait(REST)
    return computer


def counter(computer: HostileComputer) -> Any:
    return computer.do("accounts.list", 3.0, **FIRST_PAGE)["accounts"][0]["counter"]


def test_a_new_name_does_not_set_back_the_counter_that_was_skipped_meanwhile(sim, computer):
    names = {"account_id": 1, "issuer": "Gate", "name": "key"}
    rename = "renaming"
    computer.send({"request_id": rename, "method": "accounts.rename", "params": names})
    sim.wait(0.5)
    sim.press(HOLD)  # skip ten
    sim.wait(HOLD + REST)
    assert says(sim, "Rename?")
    sim.press()
    assert computer.outcome(rename, 3)["counter"] == 6 + 10
    assert counter(computer) == 6 + 10


def test_no_code_of_an_account_that_was_wiped_meanwhile(sim, computer):
    code = computer.begin("accounts.code", account_id=2)
    sim.wait(0.5)
    wipe = computer.begin("wipe")
    sim.wait(0.5)
    sim.press()  # no: the counter is right
    sim.wait(REST)
    assert says(sim, "Wipe token?")
    sim.press(HOLD)
    assert computer.outcome(wipe, 14) == {}
    sim.wait(REST)
    sim.press()
    sim.wait(REST)
    sim.press()
    assert computer.outcome(code, 9) == "no_such_account"


@pytest.mark.parametrize("kind", ["totp", "hotp"])
def test_no_codes_are_skipped_of_an_account_that_has_taken_the_place(sim, computer, batch, kind):
    new = Account("Door", "key", b"another secret, 20 b", kind)
    change = {"account_id": 1, "account": new.to_wire(), "batch_id": batch[0]}
    assert computer.do("accounts.replace", 3.0, **change)["account_id"] == 1
    sim.press(HOLD)  # skip ten
    sim.wait(HOLD + REST)
    listed = computer.do("accounts.list", 3.0, **FIRST_PAGE)["accounts"][0]
    assert listed["key_check_value"] == new.key_check_value(), listed
    assert listed.get("counter", 0) == 0
