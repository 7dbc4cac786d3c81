"""A backup of somebody who knows its code: it is authentic, and says what no token would write."""

import base64
from typing import Any

import pytest
from attacks.hostile import FIRST_PAGE, HostileComputer
from support import backups

from otpcore.account import Account
from tokenctl.device.backup_file import parse
from tokenctl.device.token import Token

CODE = backups.code_of("4711" * 10)
DOOR = Account("Door", "front", b"271828", "static")
GUESSES = ("161803", "271828", "314159")


def text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def drill(computer: HostileComputer, backup: backups.Backup, **more: Any) -> Any:
    """Have a file compared, without anybody at the token; return what the computer learns."""
    file = parse(backups.write(backup, CODE))
    asked = {"header": text(file.header), "purpose": "drill"} | more
    opened = computer.do("backup.open", 2.0, **asked)
    if not isinstance(opened, dict):
        return opened
    for number, (part, _) in enumerate(file.parts()):
        assert computer.do("transfer.write", 3.0, part=number, data=text(part), **opened) == {}
    return computer.do("transfer.finish", 5.0, **opened)


def test_a_drill_does_not_tell_whether_a_guess_at_an_app_password_is_right(sim, token):
    token.add(DOOR)
    computer = HostileComputer(sim)
    guesses = [backups.Account("Door", "front", guess.encode(), "static") for guess in GUESSES]
    learnt = [drill(computer, backups.Backup([guess]), code=CODE) for guess in guesses]
    assert learnt == ["bad_request"] * len(GUESSES)
    assert computer.notices == []  # and nobody was asked
    assert computer.do("accounts.list", **FIRST_PAGE)["total"] == 1


SETTINGS: list[dict[str, Any]] = [
    {"favourites": 5},
    {"favourites": "0"},
    {"favourites": [[0]]},
    {"favourites": None},
    {"favourites": [0, 7, -1, 1 << 40]},
    {"brightness": [], "flipped": 1, "language": {}, "dark_after_s": "x", "lock_after_s": 1e9},
    {"lock_after_s": True, "order": [1], "next_code_s": None, "pin": "1234", "off": False},
]


@pytest.mark.parametrize("settings", SETTINGS, ids=repr)
def test_settings_of_any_form_are_passed_over_or_refused(sim, token, settings):
    """Without a fault of the firmware, and with nothing longer unlocked than it was."""
    before = token.status().lock_after_s
    accounts = [backups.Account("Mallory", "m", b"98765432109876543210")]
    file = parse(backups.write(backups.Backup(accounts, settings=settings), CODE))
    computer = HostileComputer(sim)
    asked = computer.begin("backup.open", header=text(file.header), purpose="merge", code=CODE)
    sim.press(after=1.5)
    opened = computer.outcome(asked, 5)
    ends = [
        computer.do("transfer.write", 3.0, part=number, data=text(part), **opened)
        for number, (part, _) in enumerate(file.parts())
    ]
    ends.append(computer.do("transfer.finish", 5.0, **opened))
    assert "failed" not in ends and (isinstance(ends[-1], dict) or "bad_backup" in ends), ends
    restored = isinstance(ends[-1], dict)
    with Token(sim.transport()) as owner:
        status = owner.status()
        assert status.account_count == restored
        assert status.lock_after_s <= before
    assert sim.chip.resets == 0
