"""tokenctl backup and restore against tokens; what is in the files a second implementation says."""

import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from e2e.commandline import HOLD, NOTHING, CommandLine
from e2e.paper import Keeper
from e2e.saved import after, protect, provision, restarted
from e2e.small_text import shows
from e2e.test_cli_pin import PIN, set_pin
from support import backups
from support.backups import Account as Kept
from support.backups import Backup

from otpcore.account import Account
from otpcore.errors import BackupOver, WireError
from tokenctl.device import backup_file
from tokenctl.device.token import Token
from tokenctl.errors import NoAnswer, TokenctlError
from tokensim.token import SimulatedToken

ALICE = Account("Example", "alice@example.com", b"12345678901234567890")
DOOR = Account("Door", "key", b"a secret of the door", "hotp", counter=41)
MAIL = Account("Mail", "alice", b"correct horse", "static")
CODE = backups.code_of("0123456789" * 4)
DARK = 31  # seconds without a press


def _three_accounts(sim: SimulatedToken) -> None:
    provision(sim, ALICE, DOOR, MAIL)


def _with_pin(sim: SimulatedToken) -> None:
    _three_accounts(sim)
    protect(sim, PIN)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Iterator:
    """A token that knows the time and has three accounts."""
    with restarted(after(_three_accounts)) as token:
        yield CommandLine(token, monkeypatch, capfd)


@pytest.fixture
def locked(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Iterator:
    """The same one with a PIN: it has just been switched on."""
    with restarted(after(_with_pin)) as token:
        yield CommandLine(token, monkeypatch, capfd)


@pytest.fixture
def other(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Iterator:
    """Another token, which is empty; the commands go to it once it is called."""
    with SimulatedToken() as token:
        yield lambda: CommandLine(token, monkeypatch, capfd)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "token.otpb"


def save(run: CommandLine, path: Path, *options: str, pin: str | None = None) -> Keeper:
    """Make a backup; return who has its code on paper."""
    keeper = Keeper(run.token, pin)
    result = run("backup", str(path), *options, answer=keeper)
    assert result.code == 0, result
    return keeper


def write(path: Path, *accounts: Kept, code: str = CODE, **fields) -> Path:
    """Write a backup as the second implementation does."""
    path.write_bytes(backups.write(Backup(list(accounts), **fields), code))
    return path


def kept(account: Account) -> Kept:
    return Kept(
        *(account.issuer, account.name, account.secret, account.type, account.algorithm),
        *(account.digits, account.period, account.t0, account.counter),
    )


def names(run: CommandLine) -> list[str]:
    return [each.name for each in run.stored()]


def says(run: CommandLine, text: str) -> bool:
    """Tell whether a text is on the screen, light on dark or in a title."""
    rows = [list(map(int, row)) for row in run.token.look()[0]]
    return shows(rows, text) or shows([[1 - each for each in row] for row in rows], text)


def test_a_backup_holds_everything_under_the_code_on_the_screen(run, path):
    keeper = save(run, path)
    assert keeper.asked == ["hold", "show_code"]
    assert run.restarts == 1
    data = path.read_bytes()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    found = backups.read(data, keeper.code)
    assert found.accounts == [kept(ALICE), kept(DOOR), kept(MAIL)]
    with run.open() as token:
        assert found.serial == token.identity.serial
        assert abs(found.created - int(run.token.time.now() / 1e9)) < 600
    assert found.settings["favourites"] == [] and found.settings["lock_after_s"] == 300
    for text in (b"alice", b"Example", b"12345678901234567890", b"Door"):
        assert text not in data
    assert os.listdir(path.parent) == [path.name]


def test_another_token_restores_it_with_the_code_entered_there(run, other, path):
    keeper = save(run, path)
    accounts = [each.key_check_value for each in run.stored()]
    fresh = other()
    someone = Keeper(fresh.token)
    someone.paper = keeper.paper
    result = fresh("restore", str(path), "--json", answer=someone)
    assert result.code == 0 and result.json["added"] == 3, result
    assert someone.asked == ["code", "press"]
    assert [each.key_check_value for each in fresh.stored()] == accounts
    # The paper is good for its own backups, too.
    again = Keeper(fresh.token)
    assert fresh("backup", str(path), "--force", answer=again).code == 0
    assert again.asked == ["hold"]
    assert len(backups.read(path.read_bytes(), keeper.code).accounts) == 3


def test_a_file_of_the_second_implementation_is_restored(other, path):
    fresh = other()
    accounts = (ALICE, DOOR, MAIL)
    file = write(path, *map(kept, accounts), settings={"favourites": [1], "brightness": 2})
    result = fresh("restore", str(file), "--code-on-computer", stdin=CODE + "\n")
    assert result.code == 0 and "can read every secret" in result.err, result
    assert "has no PIN yet" in result.err and "shows no codes; run tokenctl sync" in result.err
    assert [each.name for each in fresh.stored()] == [each.name for each in accounts]
    assert fresh.stored()[0].key_check_value == ALICE.key_check_value()
    assert fresh("status", "--json").json["backup"]["has_code"] is False  # a computer knows it
    fresh.token.wait(DARK + 35)
    for _ in range(4):  # until the account is there
        if not says(fresh, "Door"):
            fresh.token.press()
            fresh.token.wait(1.5)
    assert says(fresh, "behind? hold 3 s")
    skip_ten(fresh)
    assert fresh.stored()[1].counter == 41 + 1 + 10  # a hold begins as what makes a code


def skip_ten(run: CommandLine) -> None:
    """Hold the button on an HOTP account that may be behind, and say yes."""
    run.token.press(3.3)
    run.token.wait(8)
    assert says(run, "Counter behind?")
    run.token.press(3.3)
    run.token.wait(5)


def test_later_backups_use_the_same_code_until_another_is_wanted(run, path, tmp_path):
    keeper = save(run, path)
    second = tmp_path / "second.otpb"
    assert save(run, second).asked == ["hold"]
    assert len(backups.read(second.read_bytes(), keeper.code).accounts) == 3
    assert path.read_bytes()[28:44] != second.read_bytes()[28:44]
    new = save(run, second, "--force", "--new-code")
    assert new.asked == ["hold", "show_code"] and new.code != keeper.code
    assert len(backups.read(second.read_bytes(), new.code).accounts) == 3
    with pytest.raises(backups.Refused):
        backups.read(second.read_bytes(), keeper.code)


def test_verify_knows_the_last_backup_and_full_opens_it(run, path, tmp_path):
    save(run, path)
    result = run("backup", "--verify", str(path))
    assert result.code == 0 and "last backup" in result.out and run.asked == []
    assert "never checked" in run("status").out
    full = run("backup", "--verify", "--full", str(path), "--json")
    assert (full.code, full.json["same"], full.json["last"]) == (0, 3, True) and run.asked == []
    assert "checked 20" in run("status").out
    run("backup", "--verify", str(path), "--json")
    changed = bytearray(path.read_bytes())
    changed[-40] ^= 1
    bad = tmp_path / "bad.otpb"
    bad.write_bytes(changed)
    assert run("backup", "--verify", str(bad)).code == 8
    run("backup", "--verify", "--full", str(bad)).refused(21, "changed or damaged")
    run.put(Account("New", "bob", b"a new secret for bob"))
    assert "1 new or changed since" in run("status").out
    assert run("status", "--json").json["backup"]["changed_count"] == 1


def test_verify_says_when_a_file_is_of_another_token(run, path):
    write(path, kept(ALICE), serial="OTHER7")
    run("backup", "--verify", str(path)).refused(8, "another token, OTHER7")


def test_full_finds_another_secret(run, path):
    save(run, path)
    other = Account(ALICE.issuer, ALICE.name, b"another secret of 20")
    with run.open() as token:
        token.replace(1, other)
    result = run("backup", "--verify", "--full", str(path))
    assert result.code == 8 and "1 with another secret there" in result.out


def test_the_code_on_paper_can_be_checked_too(run, path):
    keeper = save(run, path)
    keeper.asked.clear()
    result = run("backup", "--verify", "--full", "--enter-code", str(path), answer=keeper)
    assert (result.code, keeper.asked) == (0, ["code"]), result


def test_the_pin_is_wanted_anew_although_the_token_is_unlocked(run, path):
    set_pin(run, PIN, PIN)
    keeper = save(run, path, pin=PIN)
    assert keeper.asked == ["hold", "pin", "show_code"]
    run("backup", str(path), "--force", answer=HOLD).refused(7, "PIN")
    assert len(backups.read(path.read_bytes(), keeper.code).accounts) == 3  # the file before


def test_a_locked_token_makes_none(locked, path):
    locked("backup", str(path), answer=NOTHING).refused(7, "60 s")
    assert os.listdir(path.parent) == []
    assert "Backup" not in locked("status").out


def test_that_one_was_made_is_said_until_somebody_answers(run, path):
    set_pin(run, PIN, PIN)
    save(run, path, pin=PIN)
    for answered in (False, True):
        run.token.wait(DARK + 35)
        run.token.press()
        run.token.wait(1.5)
        keeper = Keeper(run.token, PIN)
        keeper("pin")
        run.token.wait(14)
        assert says(run, "Backup made")
        if answered:
            run.token.press()
            run.token.wait(3)
            assert not says(run, "Backup made")
    run.token.wait(DARK + 35)
    run.token.press()
    run.token.wait(1.5)
    Keeper(run.token, PIN)("pin")
    run.token.wait(14)
    assert not says(run, "Backup made")


def test_no_file_is_left_of_one_that_fails_and_none_is_written_over(run, path, tmp_path):
    run("backup", str(path), answer=NOTHING).refused(7)
    assert os.listdir(tmp_path) == []
    path.write_text("something of mine")
    run("backup", str(path)).refused(21, "already exists", "--force")
    assert run.asked == [] and path.read_text() == "something of mine"
    run("backup", str(tmp_path)).refused(2)
    run("backup", str(tmp_path / "none" / "x")).refused(21, "no such file")
    run("backup").refused(2, "enter the name of the backup file")
    run("backup", "--off", str(path)).refused(2, "--off")
    run("backup", "--full", str(path)).refused(2, "--verify")
    run("restore", str(tmp_path / "none")).refused(21, "no such file")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"otpauth://totp/x", "not a token's backup"),
        (b"", "not a token's backup"),
        (b"OTPB\2" + bytes(100), "update it"),
        (b"OTPB\1", "truncated"),
    ],
)
def test_what_is_no_backup_is_refused_without_the_token(commandline, path, data, words):
    path.write_bytes(data)
    commandline("restore", str(path), port=False).refused(21, words)
    commandline("backup", "--verify", str(path), port=False).refused(21, words)


def test_a_file_that_is_too_short_or_too_long_is_refused_without_the_token(commandline, path):
    data = backups.write(Backup([kept(ALICE)]), CODE)
    for changed, words in (
        (data[:-1], "truncated"),
        (data[:100], "truncated"),
        (data + b"x", "after its end"),
        (data + data, "after its end"),
        (data[:76] + b"\0\1" + data[78:], "not a token's backup"),
    ):
        path.write_bytes(changed)
        commandline("restore", str(path), port=False).refused(21, words)


def test_a_code_that_is_not_the_files_changes_nothing(run, path):
    write(path, kept(Account("New", "bob", b"a new secret for bob")))
    before = names(run)
    wrong = backups.code_of("9876543210" * 4)
    run("restore", str(path), "--code-on-computer", stdin=wrong).refused(21, "recovery code")
    mistyped = CODE[:7] + str((int(CODE[7]) + 1) % 10) + CODE[8:]
    run("restore", str(path), "--code-on-computer", stdin=mistyped).refused(3, "group 2")
    run("restore", str(path), "--code-on-computer", stdin="12").refused(3, "10 groups")
    run("restore", str(path), "--code-on-computer", stdin="").refused(3, "no recovery code")
    assert run.asked == [] and names(run) == before


def test_an_account_of_the_same_names_is_asked_about_at_the_token(run, path):
    changed = kept(Account(ALICE.issuer, ALICE.name, b"another secret of 20"))
    write(path, changed, kept(MAIL))

    def answering(second):
        asked = iter(["press", second])

        def answer(notice):
            assert notice == "press"
            run.token.press(0.9 if next(asked) == "no" else 0.1, 0.7)

        return answer

    for second, outcome, secret in (
        ("no", "kept", ALICE.secret),
        ("press", "replaced", changed.secret),
    ):
        result = run(
            *("restore", str(path), "--code-on-computer", "--json"),
            stdin=CODE,
            answer=answering(second),
        )
        assert (result.code, result.json[outcome], result.json["skipped"]) == (0, 1, 1), result
        check = Account("a", "b", secret).key_check_value()
        assert run.stored()[0].key_check_value == check


def test_replace_takes_a_hold_and_leaves_nothing_else(run, path):
    write(path, kept(Account("New", "bob", b"a new secret for bob")), kept(MAIL))
    command = ("restore", str(path), "--replace", "--code-on-computer")
    run(*command, stdin=CODE, answer=lambda notice: run.token.press(0.1, 0.7)).refused(7)
    assert len(run.stored()) == 3
    assert run(*command, stdin=CODE, answer=HOLD).code == 0
    assert names(run) == ["bob", "alice"]


def test_switched_off_until_a_wipe(run, path):
    run("backup", "--off").refused(7)  # a press is a no
    assert run("backup", "--off", answer=HOLD).code == 0
    run("backup", str(path), answer=HOLD).refused(6, "switched off")
    assert "switched off" in run("status").out
    assert run("wipe", answer=HOLD).code == 0
    assert "switched off" not in run("status").out


def test_of_two_backups_at_once_the_later_one_goes_on(run):
    run.put(*[Account("New", f"user{number}", b"x" * 100) for number in range(9)])
    keeper = Keeper(run.token)
    with Token(run.token.transport(), keeper) as one:
        first = one.backups.make()
        next(first.parts)
        with Token(run.token.transport(), keeper) as two:
            second = two.backups.make()
            with pytest.raises(BackupOver):
                list(first.parts)
            assert backup_file.parse(b"".join(second.parts)).count == 12


@pytest.mark.parametrize("messages", [0, 1, 2])
def test_a_cable_pulled_at_any_message_of_a_restore(run, path, messages):
    accounts = [kept(Account("New", f"user{n}", b"x" * 60)) for n in range(12)]
    file = backup_file.parse(backups.write(Backup(accounts), CODE))
    before = run.stored()
    with run.open() as token:
        link, sent = token.backups._link, iter(range(99))
        request = link.request

        def pulled(method, parameters=None):
            if method == "transfer.write" and next(sent) == messages:
                raise NoAnswer("pulled")
            if method == "transfer.cancel":
                raise NoAnswer("pulled")
            return request(method, parameters)

        link.request = pulled
        with pytest.raises(NoAnswer):
            token.backups.open(file, "merge", code=CODE)
    assert run.stored() == before
    if messages == 1:
        run.token.power_off()
        run.token.power_on()
        run.token.wait_until_ready()
        assert run.stored() == before
    with run.open() as token:
        assert token.backups.open(file, "merge", code=CODE)["added"] == 12
        assert token.status().changed is False
    assert len(run.stored()) == 15


def test_a_computer_gets_no_backup_with_another_ones_request(run):
    with run.open() as token:
        for method, parameters in (
            ("transfer.read", {"transfer_id": "AAAAAAAA", "part": 0}),
            ("transfer.write", {"transfer_id": "AAAAAAAA", "part": 0, "data": ""}),
            ("transfer.finish", {"transfer_id": "AAAAAAAA"}),
        ):
            with pytest.raises(BackupOver):
                token._link.request(method, parameters)
        with pytest.raises(WireError):
            token._link.request("backup.open", {"header": "AAAA", "purpose": "steal"})


def test_the_log_of_a_restore_has_no_code(run, path, tmp_path):
    write(path, kept(MAIL))
    log = tmp_path / "log"
    run("--log-file", str(log), "restore", str(path), "--code-on-computer", stdin=CODE)
    text = log.read_text()
    assert "backup.open" in text
    assert CODE.split()[0] not in text and CODE.replace(" ", "") not in text


@pytest.mark.parametrize("radio", [False, True])
def test_status_says_when_the_code_may_be_weak(monkeypatch, capfd, path, radio):
    """That is when it was drawn without the radio: what the chip draws then is not vouched for."""
    with SimulatedToken(radio=radio) as token:
        if not radio:
            token.board.idf_heap.leave((8192, 8192))
        run = CommandLine(token, monkeypatch, capfd)
        run.put(ALICE)
        save(run, path)
        said = run("status")
        weak = "recovery code was drawn without the radio, and may be weak"
        assert said.code == 0 and (weak in said.out) is not radio, said
        assert run("status", "--json").json["backup"]["strong_code"] is radio


def test_json_of_a_backup(run, path):
    keeper = Keeper(run.token)
    result = run("backup", str(path), "--json", answer=keeper)
    said = json.loads(result.out)
    assert said["account_count"] == 3 and said["bytes"] == path.stat().st_size
    assert keeper.paper[0] not in result.out + result.err


def test_an_output_that_cannot_be_written_leaves_nothing(tmp_path, monkeypatch):
    with backup_file.NewFile(tmp_path / "x", False) as file:
        file.write(b"abc")
        (tmp_path / "x").write_text("came meanwhile")
        with pytest.raises(TokenctlError):
            file.keep()
    assert [each.name for each in tmp_path.iterdir()] == ["x"]
    assert (tmp_path / "x").read_text() == "came meanwhile"
