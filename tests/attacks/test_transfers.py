"""transfer.* of a computer that keeps to no order: nothing counts but a whole transfer's finish.

Against the running token, with files that tests/support/backups.py writes. What may come when is
said by docs/protocol.md.
"""

import base64
import random
from typing import Any

import pytest
from attacks.hostile import FIRST_PAGE, HostileComputer
from attacks.test_dialogs_exchanged import ALICE, DARK, PIN, locked, says
from e2e.typist import HOLD, Typist
from support import backups

from tokenctl.device.backup_file import BackupFile, parse

__all__ = ["locked"]

CODE = backups.code_of("4711" * 10)
SECRET = b"98765432109876543210"
MINE = [backups.Account(f"Site {number}", "m", SECRET) for number in range(12)]
OTHER = [backups.Account(ALICE.issuer, ALICE.name, SECRET), backups.Account("New", "n", SECRET)]
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


@pytest.mark.parametrize("named", [{"transfer_id": "AAAAAAAA"}, {"transfer_id": ""}])
def test_without_a_transfer_there_is_nothing_to_read_write_or_finish(computer, named):
    assert computer.do("transfer.read", part=0, **named) == OVER
    assert write(computer, named, 0) == OVER
    assert computer.do("transfer.finish", **named) == OVER
    assert computer.do("transfer.cancel", **named) == {}
    for wrong in ({}, {"transfer_id": 7}, {"transfer_id": None}):
        for method in ("read", "write", "finish", "cancel"):
            asked = {"part": 0, "data": ""} | wrong
            assert computer.do(f"transfer.{method}", **asked) in ("bad_request", OVER, {})
    assert names(computer) == [ALICE.issuer]


def test_parts_come_in_order_each_once_or_the_last_one_again(sim, computer):
    transfer = begin(sim, computer)
    for early in (1, 2, 65535):
        assert write(computer, transfer, early, PARTS[1]) == OVER
    for _ in range(3):
        assert write(computer, transfer, 0) == {}
    assert computer.do("transfer.finish", **transfer) == "bad_backup"
    assert write(computer, transfer, 1) == {}
    assert write(computer, transfer, 0) == OVER
    assert names(computer) == [ALICE.issuer]


def test_a_restore_counts_once_however_often_its_end_is_sent(sim, computer):
    transfer = begin(sim, computer)
    for part in range(len(PARTS)):
        for _ in range(2):
            assert write(computer, transfer, part) == {}
            assert names(computer) == [ALICE.issuer]
    counts = computer.do("transfer.finish", 6.0, **transfer)
    assert counts["added"] == len(MINE)
    for method, more in (("finish", {}), ("write", {"part": len(PARTS), "data": ""})):
        assert computer.do(f"transfer.{method}", **more, **transfer) == OVER
    assert write(computer, transfer, len(PARTS) - 1) == OVER
    assert computer.do("transfer.cancel", **transfer) == {}
    assert len(names(computer)) == 1 + len(MINE)


def test_the_roles_of_reading_and_writing_are_not_exchanged(sim, computer):
    transfer = begin(sim, computer)
    assert computer.do("transfer.read", part=0, **transfer) == OVER
    assert write(computer, transfer, 0) == {}
    for clone in ("meet", "compare", "give", "take"):
        asked = {"exchange_id": transfer["transfer_id"], "header": text(FILE.header)}
        assert computer.do(f"clone.{clone}", public_key=text(bytes(32)), **asked) == OVER
    assert write(computer, transfer, 1) == {}  # what was no part of it has not ended it


def test_what_belongs_to_an_earlier_session_does_not_count_in_the_next(sim, computer):
    first = begin(sim, computer)
    assert write(computer, first, 0) == {}
    sim.wait(4)
    second = begin(sim, computer)
    assert first != second
    for part in (0, 1):
        assert write(computer, first, part) == OVER
    assert computer.do("transfer.finish", **first) == OVER
    assert computer.do("transfer.cancel", **first) == {}  # and leaves the second one alone
    for part in range(len(PARTS)):
        assert write(computer, second, part) == {}
    assert computer.do("transfer.finish", 6.0, **second)["added"] == len(MINE)
    assert len(names(computer)) == 1 + len(MINE)


WRONG_SIZES = {
    "nothing": b"",
    "one byte": b"\x00",
    "a length alone": b"\x00\x40",
    "half a record": PARTS[0][:100],
    "a byte too many": PARTS[0] + b"\x00",
    "a length of zero": b"\x00\x00" + PARTS[0],
    "a length beyond the part": b"\xff\xff" + PARTS[0][2:],
    "the end alone": FILE.end,
    "the header": FILE.header,
    "random": random.Random(14).randbytes(700),
}


@pytest.mark.parametrize("what", WRONG_SIZES)
def test_a_part_of_a_wrong_size_ends_the_transfer_and_leaves_nothing(sim, computer, what):
    transfer = begin(sim, computer)
    ended = computer.do("transfer.write", part=0, data=text(WRONG_SIZES[what]), **transfer)
    assert ended == "bad_backup" or (ended == {} and what == "nothing")
    if ended != {}:
        assert write(computer, transfer, 0) == OVER
    assert computer.do("transfer.finish", **transfer) in ("bad_backup", OVER)
    assert names(computer) == [ALICE.issuer]
    assert computer.do("status")["damaged_count"] == 0


@pytest.mark.parametrize("part", [-1, 65536, 1 << 40, 0.5, "0", None, True, [0]])
def test_a_part_has_a_number(sim, computer, part):
    transfer = begin(sim, computer)
    assert (
        computer.do("transfer.write", part=part, data=text(PARTS[0]), **transfer) == "bad_request"
    )
    assert write(computer, transfer, 0) == {}


def test_an_account_that_changed_meanwhile_ends_it(sim, computer):
    transfer = begin(sim, computer)
    assert write(computer, transfer, 0) == {}
    sim.wait(4)
    asked = computer.begin("accounts.remove", account_id=1)
    sim.press(after=2)
    assert computer.outcome(asked, 4) == {}
    assert write(computer, transfer, 1) == OVER
    assert computer.do("transfer.finish", **transfer) == OVER
    assert names(computer) == []


def test_after_a_minute_it_is_over(sim, computer):
    transfer = begin(sim, computer)
    assert write(computer, transfer, 0) == {}
    sim.wait(61)
    assert write(computer, transfer, 1) == OVER
    assert names(computer) == [ALICE.issuer]


def test_a_wipe_in_the_middle_of_it_leaves_an_empty_token(sim, computer):
    transfer = begin(sim, computer)
    assert write(computer, transfer, 0) == {}
    sim.wait(4)
    asked = computer.begin("wipe")
    sim.press(HOLD, after=2)
    assert computer.outcome(asked, 12) == {}
    for part in (1, 0):
        assert write(computer, transfer, part) == OVER
    assert computer.do("transfer.finish", **transfer) == OVER
    assert names(computer) == []
    sim.reset()
    sim.wait_until_ready()
    assert HostileComputer(sim).do("status")["changed"] is False


def test_a_wipe_between_two_of_its_questions_is_the_end_of_it(sim, computer):
    """Two accounts of the file have other secrets: each is asked about, and the wipe comes first.

    Whoever then answers no to the second question must not find the rest of the file staged.
    """
    twice = [*OTHER[:1], backups.Account("Site 1", "m", b"y" * 20), *OTHER[1:]]
    add = computer.begin(
        "accounts.add", account=ALICE.to_wire() | {"issuer": "Site 1", "name": "m"}
    )
    sim.press(after=2)
    assert computer.outcome(add, 4)["account_id"] == 2
    sim.wait(4)
    file = file_of(*twice)
    transfer = begin(sim, computer, file)
    (part,) = (data for data, _ in file.parts())
    sim.wait(4)
    sent = computer.begin("transfer.write", part=0, data=text(part), **transfer)
    sim.wait(0.5)
    wipe = computer.begin("wipe")
    assert computer.outcome(wipe, 1.5) is None
    sim.press(1.2)  # no to the first
    sim.wait(4.5)
    assert says(sim, "Wipe token?")
    sim.press(HOLD)
    assert computer.outcome(wipe, 12) == {}
    sim.wait(4.5)
    sim.press(1.2)  # no to the second
    assert computer.outcome(sent, 6) == OVER
    assert names(computer) == []
    assert computer.do("transfer.finish", **transfer) == OVER


@pytest.mark.parametrize("how", ["lock", "dark"])
def test_a_lock_in_the_middle_of_it_ends_it(locked, how):
    """By a computer, or because nobody pressed: unlocked again the token has what it had."""
    computer = HostileComputer(locked)
    asked = computer.begin("accounts.list", **FIRST_PAGE)
    locked.wait(1.2)
    Typist(locked).enter(PIN)
    assert computer.outcome(asked, 20)["total"] == 1
    locked.wait(4)
    transfer = begin(locked, computer)
    assert write(computer, transfer, 0) == {}
    if how == "lock":
        assert computer.do("vault.lock") == {}
    else:
        locked.wait(DARK)
    assert computer.do("status")["vault"] == "locked"
    unknown: dict[str, Any] = {"transfer_id": "AAAAAAAA"}
    for named in (transfer, unknown):  # and no PIN is asked for
        assert write(computer, named, 1) == OVER
        assert computer.do("transfer.read", part=0, **named) == OVER
        assert computer.do("transfer.finish", **named) == OVER
        assert computer.do("transfer.cancel", **named) == {}
        for clone in ("meet", "compare", "give", "take"):
            asked = {"exchange_id": named["transfer_id"], "header": text(FILE.header)}
            assert computer.do(f"clone.{clone}", public_key=text(bytes(32)), **asked) == OVER
    assert computer.do("status")["vault"] == "locked"
    asked = computer.begin("accounts.list", **FIRST_PAGE)
    locked.wait(4)
    Typist(locked).enter(PIN)
    assert computer.outcome(asked, 20)["total"] == 1
    assert write(computer, transfer, 1) == OVER
    assert computer.do("transfer.finish", **transfer) == OVER
    assert names(computer) == [ALICE.issuer]
    assert computer.do("status")["damaged_count"] == 0


def walk(sim, computer: HostileComputer, seed: int, steps: int) -> dict[str, int]:
    """Send transfer.* in a random order; a model of the page says what must come of each.

    Returns how many were taken and how many were refused.
    """
    dice = random.Random(seed)
    whole = {ALICE.issuer, *(each.issuer for each in MINE)}
    transfer: dict[str, Any] = {"transfer_id": "AAAAAAAA"}
    upcoming, over = 0, True
    older = transfer
    there = set(names(computer))
    ends = {"taken": 0, "refused": 0}
    for _ in range(steps):
        kind = dice.choices(
            ("open", "write", "next", "finish", "cancel", "read"), (1, 4, 8, 2, 1, 1)
        )
        named = dice.choice((transfer, transfer, transfer, older))
        mine = named is transfer and not over
        if kind == ["open"]:
            older = transfer
            sim.wait(4)
            transfer, upcoming, over = begin(sim, computer), 0, False
            continue
        if kind in (["write"], ["next"]):
            part = upcoming if kind == ["next"] else dice.randrange(len(PARTS))
            part = min(part, len(PARTS) - 1)
            right = mine and part in (upcoming, upcoming - 1)
            answer = write(computer, named, part)
            assert answer == ({} if right else OVER), (part, upcoming, answer)
            upcoming += right and part == upcoming
        elif kind == ["finish"]:
            right = mine and upcoming == len(PARTS)
            answer = computer.do("transfer.finish", 6.0, **named)
            assert isinstance(answer, dict) == right, (answer, upcoming)
            if right:
                over, there = True, whole
        elif kind == ["cancel"]:
            right = True
            assert computer.do("transfer.cancel", 3.0, **named) == {}
            over = over or named is transfer
        else:
            right = False
            assert computer.do("transfer.read", part=dice.randrange(3), **named) == OVER
        ends["taken" if right else "refused"] += 1
        assert set(names(computer)) == there
    return ends


@pytest.mark.parametrize(
    ("seed", "steps"), [(14, 25), *(pytest.param(n, 250, marks=pytest.mark.long) for n in range(3))]
)
def test_transfers_in_any_order(sim, computer, record_property, seed: int, steps: int):
    record_property("attack", ["transfers, in any order", walk(sim, computer, seed, steps)])
