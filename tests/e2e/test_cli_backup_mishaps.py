"""What goes wrong with a backup at the command line: one clear sentence each, and nothing is lost.

The files are those of the second implementation, so that each byte's meaning is the page's.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from e2e.commandline import HOLD, CommandLine
from e2e.paper import Keeper
from support import backups
from support.backups import Account as Kept
from support.backups import Backup

from otpcore.account import Account
from tokenctl import durable
from tokenctl.device.backup_file import NewFile
from tokenctl.device.link import Link
from tokenctl.device.token import Token
from tokenctl.errors import LinkError
from tokensim.board.board import Parts
from tokensim.token import SimulatedToken

CODE = backups.code_of("0123456789" * 4)
OWN = Account("Own", "alice", b"12345678901234567890")
NEW = [Kept("New", f"user{number}", bytes([number]) * 20) for number in range(3)]
HEADER = 76  # bytes, as docs/backup-format.md has it
RESTORE = ("restore", "--replace", "--code-on-computer")
PULLED = "the port has gone"


@pytest.fixture(scope="module")
def board() -> Iterator[SimulatedToken]:
    """A token with one account of its own, which is the same after each test."""
    with SimulatedToken() as board:
        with Token(board.transport(), lambda notice: board.press(after=0.7)) as token:
            token.sync()
            token.add(OWN)
        yield board


@pytest.fixture
def run(
    board: SimulatedToken, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Iterator[CommandLine]:
    """The command line, with which the token's accounts stay as they were."""
    run = CommandLine(board, monkeypatch, capfd)
    before = facts(run)
    yield run
    assert facts(run) == before


def facts(run: CommandLine) -> list[tuple[str, str, str | None]]:
    return [(each.issuer, each.name, each.key_check_value) for each in run.stored()]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "token.otpb"


def written(*accounts: Kept, **fields: Any) -> bytes:
    return backups.write(Backup(list(accounts), **fields), CODE)


def record(data: bytes, number: int) -> tuple[int, int]:
    """Return where a record of a file begins, with its size, and where it ends."""
    at = HEADER
    for _ in range(number):
        at += 2 + int.from_bytes(data[at : at + 2], "big")
    return at, at + 2 + int.from_bytes(data[at : at + 2], "big")


PLACES = {
    "magic": (0, "not a token's backup"),
    "version": (4, "update it"),
    "count": (7, ""),
    "time": (11, "recovery code"),
    "serial number": (13, "recovery code"),
    "salt": (30, "recovery code"),
    "tag": (HEADER - 1, "recovery code"),
    "size of the settings": (HEADER + 1, ""),
    "IV of the settings": (HEADER + 2, "changed or damaged"),
    "an account": (record(written(*NEW), 2)[0] + 20, "changed or damaged"),
    "tag of the last account": (-33, "changed or damaged"),
    "end": (-1, "changed or damaged"),
}


@pytest.mark.parametrize("place", PLACES)
def test_a_byte_changed_anywhere(run, path, place):
    at, words = PLACES[place]
    data = bytearray(written(*NEW))
    data[at] ^= 1
    path.write_bytes(data)
    run(*RESTORE, str(path), stdin=CODE, answer=HOLD).refused(21, words)


def test_records_exchanged_or_of_another_file(run, path):
    data, other = written(*NEW), written(*NEW, created=1_790_000_001)
    (first, between), (_, end) = record(data, 1), record(data, 2)
    for changed in (
        data[:first] + data[between:end] + data[first:between] + data[end:],
        data[:first] + other[first:between] + data[between:],
        data[:HEADER] + other[HEADER:],
    ):
        assert len(changed) == len(data) and changed != data
        path.write_bytes(changed)
        run(*RESTORE, str(path), stdin=CODE, answer=HOLD).refused(21, "changed or damaged")


def test_a_vault_too_small_for_it(run, path):
    path.write_bytes(written(*(Kept("New", str(number), b"x" * 20) for number in range(1001))))
    run(*RESTORE, str(path), stdin=CODE, answer=HOLD).refused(6, "1000")


def test_a_flash_too_small_for_it(path, monkeypatch, capfd):
    path.write_bytes(written(*(Kept("x" * 60, f"{n:060}", bytes([n]) * 128) for n in range(120))))
    with SimulatedToken(parts=Parts(flash_size=8 * 4096)) as small:
        run = CommandLine(small, monkeypatch, capfd)
        run.put(OWN)
        before = facts(run)
        run(*RESTORE, str(path), stdin=CODE, answer=HOLD).refused(6, "full")
        assert facts(run) == before
        run.put(Account("Room", "for one more", b"12345678901234567890"))


def pull(monkeypatch: pytest.MonkeyPatch, left: int, answered: bool) -> list[str]:
    """Have the cable come out at a message about a backup; return those that were asked.

    Before it, or with `answered` when the token has done it but its answer is lost.
    """
    request: Callable[..., Any] = Link.request
    asked: list[str] = []

    def pulled(link: Link, method: str, *more: Any, **options: Any) -> Any:
        if not method.startswith(("backup.", "transfer.")):
            return request(link, method, *more, **options)
        if len(asked) > left:
            raise LinkError(PULLED)
        asked.append(method)
        if len(asked) > left and not answered:
            raise LinkError(PULLED)
        answer = request(link, method, *more, **options)
        if len(asked) > left:
            raise LinkError(PULLED)
        return answer

    monkeypatch.setattr(Link, "request", pulled)
    return asked


@pytest.mark.parametrize("answered", [False, True])
@pytest.mark.parametrize(
    ("command", "messages"),
    [
        (("backup",), ["backup.make", "transfer.read", "transfer.cancel"]),
        (("backup", "--verify"), ["backup.compare"]),
        (
            ("backup", "--verify", "--full"),
            ["backup.compare", "backup.open", "transfer.write", "transfer.finish"],
        ),
        (RESTORE, ["backup.open", "transfer.write", "transfer.finish"]),
    ],
)
def test_a_cable_pulled_at_any_message(
    run, path, tmp_path, monkeypatch, command, messages, answered
):
    keeper = Keeper(run.token)
    assert run("backup", str(path), "--new-code", answer=keeper).code == 0
    target = tmp_path / "new.otpb" if command == ("backup",) else path
    # The answer of the last message of a backup says nothing that anybody waits for, and a restore
    # whose end was answered counts: here it brings what is there already.
    for left, message in enumerate(messages):
        with monkeypatch.context() as patched:
            asked = pull(patched, left, answered)
            result = run(*command, str(target), stdin=keeper.code, answer=keeper)
        assert asked == messages[: left + 1]
        if message == "transfer.cancel":
            assert result.code == 0 and target.exists()
            target.unlink()
        else:
            result.refused(5, PULLED)
        assert sorted(each.name for each in tmp_path.iterdir()) == [path.name]
    result = run(*command, str(target), stdin=keeper.code, answer=keeper)
    assert result.code == 0, result


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (
            RESTORE,
            "all the accounts are on the token now or nothing has changed: see tokenctl list",
        ),
        (("backup", "--verify", "--full"), "Nothing was changed."),
    ],
)
def test_when_only_the_last_answer_is_lost_it_is_said_how_to_see(
    run, path, monkeypatch, command, said
):
    """The token has done it by then, and the computer cannot know."""
    keeper = Keeper(run.token)
    assert run("backup", str(path), "--new-code", answer=keeper).code == 0
    await_answer: Callable[..., Any] = Link._await_answer

    def lost(link: Link, *more: Any) -> Any:
        answer = await_answer(link, *more)
        if link.unanswered == "transfer.finish":
            raise LinkError(PULLED)
        return answer

    with monkeypatch.context() as patched:
        patched.setattr(Link, "_await_answer", lost)
        run(*command, str(path), stdin=keeper.code, answer=keeper).refused(5, PULLED, said)
    result = run(*command, str(path), stdin=keeper.code, answer=keeper)
    assert result.code == 0, result


def test_the_first_of_two_backups_begun_at_once_leaves_no_file(run, path, tmp_path, monkeypatch):
    keeper = Keeper(run.token)
    request: Callable[..., Any] = Link.request
    begun: list[str] = []

    def between(link: Link, method: str, *more: Any, **options: Any) -> Any:
        if method == "transfer.read" and not begun:
            begun.append(method)
            with Token(run.token.transport(), keeper) as other:
                other.backups.make()
        return request(link, method, *more, **options)

    monkeypatch.setattr(Link, "request", between)
    run("backup", str(path), answer=keeper).refused(6, "something else began meanwhile")
    assert begun and list(tmp_path.iterdir()) == []
    assert run("backup", str(path), answer=keeper).code == 0


@pytest.mark.parametrize("more", [(), ("--force",)])
def test_ctrl_c_once_the_file_has_its_name_does_not_say_that_there_is_none(
    run, path, monkeypatch, more
):
    def interrupted(folder: Path) -> None:
        raise KeyboardInterrupt

    keeper = Keeper(run.token)
    with monkeypatch.context() as patched:
        patched.setattr(durable, "settle", interrupted)
        result = run("backup", str(path), "--new-code", *more, answer=keeper)
    assert result.code == 130 and f"1 account is in '{path}', encrypted." in result.err, result
    assert "No backup" not in result.err
    read = backups.read(path.read_bytes(), keeper.code or "")
    assert [each and each.name for each in read.accounts] == ["alice"]
    with monkeypatch.context() as patched:
        patched.setattr(NewFile, "_move", interrupted)
        result = run("backup", str(path), "--force", answer=keeper)
    assert result.code == 130 and "No backup was written." in result.err
