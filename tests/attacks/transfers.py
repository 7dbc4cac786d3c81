"""A restore that a hostile computer carries out part by part, with a file of its own."""

import base64
from typing import Any

import pytest
from attacks.hostile import HostileComputer
from attacks.test_dialogs_exchanged import ALICE
from e2e.typist import HOLD
from support import backups

from tokenctl.device.backup_file import BackupFile, parse

CODE = backups.code_of("4711" * 10)
SECRET = b"98765432109876543210"
MINE = [backups.Account(f"Site {number}", "m", SECRET) for number in range(12)]
OVER = "backup_over"


def text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def file_of(*accounts: backups.Account) -> BackupFile:
    return parse(backups.write(backups.Backup(accounts), CODE))


FILE = file_of(*MINE)
PARTS = [part for part, _ in FILE.parts()]


def begin(sim, computer: HostileComputer, file: BackupFile = FILE, **more: Any) -> dict[str, Any]:
    """Begin a restore that somebody says yes to; return what names the transfer."""
    parameters = {"header": text(file.header), "purpose": "merge", "code": CODE} | more
    asked = computer.begin("backup.open", **parameters)
    sim.press(HOLD if parameters["purpose"] == "replace" else 0.1, after=2.0)
    opened = computer.outcome(asked, 8)
    assert isinstance(opened, dict), opened
    return opened


def write(computer: HostileComputer, transfer: dict[str, Any], part: int, data: bytes = b"") -> Any:
    data = data or PARTS[part]
    return computer.do("transfer.write", 3.0, part=part, data=text(data), **transfer)


def names(computer: HostileComputer) -> list[str]:
    found: list[str] = []
    total = 1
    while len(found) < total:
        page = computer.do("accounts.list", start=len(found))
        found += [each["issuer"] for each in page["accounts"]]
        total = page["total"]
    return found


@pytest.fixture
def computer(sim, token) -> HostileComputer:
    """At a token with one account and no PIN; several parts make the file."""
    token.add(ALICE)
    assert len(PARTS) > 1
    return HostileComputer(sim)
