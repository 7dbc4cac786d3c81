"""An enrolment that is edited stays what it is, but for what was typed."""

import dataclasses
import io
from pathlib import Path

import pytest

from tokenctl.cli.enrolling.editing import edit
from tokenctl.enrol.code_parameters import CodeParameters
from tokenctl.enrol.draft import ExportPart
from tokenctl.enrol.enrolment import enrol

KEY = b"12345678901234567890"  # of RFC 4226
FOUND = {
    "export": ExportPart(7, 2, 1),
    "origins": (Path("code.png"),),
    "lists": (Path("codes.txt"),),
    "remarks": ("of an export",),
    "favourite": True,
}


def test_another_name_changes_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    shifted = CodeParameters("totp", "SHA256", 8, 60, t0=1_000_000_000)
    before = dataclasses.replace(enrol("Mail", "alice", KEY, shifted), **FOUND)
    monkeypatch.setattr("sys.stdin", io.StringIO("\nbob\n\n\n\n\n"))
    after = edit(before)
    assert {name: getattr(after, name) for name in FOUND} == FOUND
    assert after.account.secret == KEY
    assert after.account.t0 == 1_000_000_000
    assert after.account.describe() == before.account.describe() | {"name": "bob"}


@pytest.mark.parametrize("typed", ["steam\n", "hotp\nSHA512\n7\n42\n"])
def test_another_type_asks_for_its_own_parameters(
    monkeypatch: pytest.MonkeyPatch, typed: str
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("\n\n" + typed))
    made = edit(enrol("Mail", "alice", KEY)).account
    of_hotp = ("hotp", "SHA512", 7, 42)
    assert (made.type, made.algorithm, made.digits, made.counter) == (
        ("steam", "SHA1", 5, 0) if typed == "steam\n" else of_hotp
    )
