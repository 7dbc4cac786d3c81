"""tokenctl backup against tokens; what is in the files a second implementation says."""

import json
import os
import stat

import pytest
from e2e import backup_command
from e2e.backup_command import ALICE, DARK, DOOR, MAIL, kept, save, says, write
from e2e.commandline import HOLD, NOTHING, CommandLine
from e2e.paper import Keeper
from e2e.pin_command import PIN, set_pin
from support import backups

from otpcore.account import Account
from otpcore.errors import BackupOver, WireError
from tokenctl.device import backup_file
from tokenctl.device.token import Token
from tokenctl.errors import TokenctlError
from tokensim.token import SimulatedToken

run, locked, other, path = (
    backup_command.run,
    backup_command.locked,
    backup_command.other,
    backup_command.path,
)


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


@pytest.mark.parametrize("options", [(), ("--new-code",)])
def test_a_code_that_nobody_repeats_is_not_in_force_and_that_is_said(run, path, options):
    keeper = save(run, path) if options else None
    someone = Keeper(run.token)
    someone.refuse = "show_code"  # they do not write it down
    result = run("backup", str(path), "--force", *options, answer=someone)
    assert result.code == 7 and "shown is not valid" in result.err, result
    assert run("status", "--json").json["backup"]["has_code"] is bool(options)
    if keeper is not None:
        assert save(run, path, "--force").asked == ["hold"]
        assert len(backups.read(path.read_bytes(), keeper.code).accounts) == 3


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


@pytest.mark.parametrize("error, code", [(OSError(28, ""), 21), (BackupOver("changed"), 6)])
def test_the_paper_is_kept_whatever_becomes_of_the_file(run, path, monkeypatch, error, code):
    """The next backup does not show the code again: its paper is the one that is there already."""
    keeper = Keeper(run.token)
    with monkeypatch.context() as patch:

        def fail(*_):
            raise error

        patch.setattr(os, "fsync", fail)
        failed = run("backup", str(path), answer=keeper)
    failed.refused(code, "no backup was written", "keep the recovery code")
    assert os.listdir(path.parent) == []
    assert save(run, path).asked == ["hold"]
    assert len(backups.read(path.read_bytes(), keeper.code).accounts) == 3


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
