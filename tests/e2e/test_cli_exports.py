"""Another app's export onto a token, and compared with one: in scripts, nobody to ask."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from e2e.commandline import unchanged
from e2e.provision_command import EXAMPLE
from support import backups
from support.apps.registry import BY_NAME
from support.apps.sample import PASSWORD, written

from otpcore.account import Account
from tokenctl.enrol.apps import file

SECRETS = [f"JBSWY3DPEHPK3PXPJBSWY3DPEHPK3P{letter}A" for letter in "ABCDEFGH"]


def entry(number: int, **more: Any) -> dict[str, Any]:
    info = {"secret": SECRETS[number], "algo": "SHA1", "digits": 6, "period": 30}
    info |= more.pop("info", {})
    return {"type": "totp", "name": f"user{number}", "issuer": "Bank", "info": info} | more


BAD = entry(6, info={"secret": "JBSWY3DP1"})
YANDEX = entry(7, type="yandex")


def aegis(path: Path, *entries: dict[str, Any]) -> str:
    db = {"version": 3, "entries": list(entries)}
    header = {"slots": None, "params": None}
    path.write_text(json.dumps({"version": 1, "header": header, "db": db}))
    return str(path)


def accounts(commandline) -> list[str]:
    return [each.name for each in commandline.stored()]


def test_an_export_is_added_its_favourites_first_and_what_is_lacking_is_named(
    commandline, tmp_path
):
    counting = entry(3, type="hotp", info={"counter": 41})
    source = aegis(tmp_path / "x", entry(0), YANDEX, counting, entry(2, favorite=True, note="n"))
    result = commandline("provision", "--all", source)
    assert result.code == 0, result
    assert accounts(commandline) == ["user2", "user0", "user3"]
    assert commandline.stored()[2].counter == 41
    assert "Bank:user7: left out" in result.err and "Yandex" in result.err
    lines = result.err.splitlines()
    assert any(line.startswith("The app's favourites come first (1)") for line in lines), lines
    assert "Warning: the app's notes cannot be kept on the token." in lines
    assert commandline.asked == ["press"]
    assert Path(source).exists()


def test_what_is_xml_is_read_by_its_content(commandline, tmp_path):
    """Those of Authy, FreeOTP 1, PSKC and TOTP Authenticator, alone and in a folder."""
    for name in ("authy", "freeotp1", "pskc", "totp-authenticator"):
        sample = BY_NAME[name]
        source = tmp_path / name / "export"
        source.parent.mkdir()
        source.write_bytes(written(sample))
        for place in (source, source.parent):
            result = commandline("provision", "--dry-run", "--all", "--json", str(place))
            assert result.code == 0, (name, result)
            assert len(result.json) == len(sample.accounts())


def test_several_accounts_want_a_word_as_those_of_a_list_do(commandline, tmp_path):
    source = aegis(tmp_path / "x", entry(0), entry(1))
    unchanged(commandline, lambda: commandline("provision", source)).refused(3, "--all")


def test_bad_entries_are_all_named_and_nothing_is_added(commandline, tmp_path):
    source = aegis(tmp_path / "x", entry(0), BAD, entry(1, info={"digits": "six"}), entry(2))
    result = unchanged(commandline, lambda: commandline("provision", "--all", source))
    result.refused(3, "2 of the 4 entries", "nothing was added", "--keep-going")
    assert "Bank:user6: bad" in result.err and "Bank:user1: bad" in result.err


def test_with_keep_going_the_good_ones_are_added_and_the_exit_code_tells(commandline, tmp_path):
    source = aegis(tmp_path / "x", entry(0), BAD, entry(2))
    result = commandline("provision", "--all", "--keep-going", "--delete-sources", source)
    assert result.code == 3
    assert accounts(commandline) == ["user0", "user2"]
    assert "'Bank:user6'" in result.err.splitlines()[-1]
    assert Path(source).exists(), "it still has what is not on the token"
    assert f"{source} was kept: " in " ".join(result.err.split())
    assert "JBSWY3DP1" not in result.err
    result = commandline("provision", "--dry-run", "--keep-going", "--json", source)
    assert result.code == 3 and len(result.json) == 2


def test_an_export_that_is_done_with_goes_if_that_is_wanted(commandline, tmp_path):
    source = aegis(tmp_path / "x", entry(0), entry(1))
    assert commandline("provision", "--all", "--delete-sources", source).code == 0
    assert not Path(source).exists()


def test_an_export_that_goes_in_part_is_not_kept_in_silence(commandline, tmp_path):
    """Its secrets are in the clear; what the token cannot hold, or has no place for, is beside."""
    partly = aegis(tmp_path / "x", entry(0), YANDEX)
    passwords = tmp_path / "keepassxc.csv"
    head = '"Group","Title","Username","Password","URL","Notes","TOTP"\n'
    uri = f"otpauth://totp/Shop:me?secret={SECRETS[2]}&issuer=Shop"
    passwords.write_text(f'{head}"Root","Shop","me","hunter2","","","{uri}"\n')
    sources = (partly, str(passwords))
    result = commandline("provision", "--all", "--delete-sources", *sources)
    assert result.code == 0, result
    assert accounts(commandline) == ["user0", "me"]
    (kept,) = re.findall(r"(.*) were kept: ", " ".join(result.err.split()))
    assert all(each in kept and Path(each).exists() for each in sources)
    assert "kept" not in commandline("provision", "--all", "--yes", *sources).err


def test_a_backup_and_an_export_are_told_apart_by_their_content(commandline, tmp_path):
    """Each command names the other, whatever the file is called."""
    backup, export = tmp_path / "aegis.json", aegis(tmp_path / "token.otpb", entry(0))
    picture, uris, stranger = tmp_path / "code.png", tmp_path / "uris.txt", tmp_path / "notes.txt"
    backup.write_bytes(backups.write(backups.Backup([]), backups.code_of("0" * 40)))
    commandline("provision", str(backup)).refused(3, "a token's backup", "tokenctl restore")
    shutil.copy(EXAMPLE, picture)
    uris.write_text(f"otpauth://totp/Shop:me?secret={SECRETS[2]}")
    for source in (export, picture, uris):
        commandline("restore", str(source)).refused(21, "not a", "backup", "tokenctl provision")
        commandline("backup", "--verify", str(source)).refused(21, "tokenctl provision")
    stranger.write_text("milk, bread")
    result = commandline("restore", str(stranger))
    result.refused(21, "not a token's backup")
    assert "provision" not in result.err
    stranger.write_bytes(backup.read_bytes()[:-1])
    result = commandline("restore", str(stranger))
    assert result.code == 21 and "truncated" in result.err and "provision" not in result.err


def test_two_exports_of_one_app_and_what_both_have(commandline, tmp_path):
    first = aegis(tmp_path / "1", entry(0), entry(1))
    second = aegis(tmp_path / "2", entry(1), entry(2))
    result = commandline("provision", "--all", first, second)
    assert result.code == 0 and "appears 2 times with identical data" in result.err
    assert accounts(commandline) == ["user0", "user1", "user2"]


def test_what_both_of_two_exports_have_is_one_line_however_many_there_are(commandline, tmp_path):
    first, second = (aegis(tmp_path / each, *map(entry, range(5))) for each in "12")
    result = commandline("provision", "--dry-run", "--all", first, second)
    (line,) = (each for each in result.err.splitlines() if "appears 2 times" in each)
    assert line.startswith("Warning: Bank and 4 more: ")


def test_one_account_may_be_named_and_comes_from_standard_input(commandline, tmp_path):
    data = Path(aegis(tmp_path / "x", entry(0))).read_bytes()
    assert commandline("provision", "--account", "me", "-", stdin=data).code == 0
    assert [(each.issuer, each.name) for each in commandline.stored()] == [("Bank", "me")]
    uri = f"otpauth://totp/Bank:list?secret={SECRETS[1]}"
    assert commandline("provision", "-", stdin=uri).code == 0, "a list still is one"
    assert accounts(commandline) == ["me", "list"]


def test_nothing_in_it_for_a_token(commandline, tmp_path):
    source = aegis(tmp_path / "x", YANDEX)
    unchanged(commandline, lambda: commandline("provision", "--all", source)).refused(
        3, "none of its accounts"
    )
    source = aegis(tmp_path / "y")
    unchanged(commandline, lambda: commandline("provision", "--all", source)).refused(
        3, "Aegis", "no accounts"
    )


def ente(path: Path) -> str:
    fields = {"encryptedData": "A" * 64, "encryptionNonce": "A" * 32, "version": 1}
    salt = {"memLimit": 8 << 20, "opsLimit": 1, "salt": "A" * 22 + "=="}
    path.write_text(json.dumps(fields | {"kdfParams": salt}))
    return str(path)


def test_an_encrypted_one_wants_its_password(commandline, tmp_path):
    source, words = ente(tmp_path / "x"), tmp_path / "password"
    words.write_bytes("Größe\r\nmore\n".encode())
    refused = unchanged(commandline, lambda: commandline("provision", "--all", source))
    refused.refused(3, "Ente Auth", "encrypted", "--password-file")
    for path, said in ((words, "password is wrong"), (tmp_path / "none", "no file")):
        commandline("provision", "--all", "--password-file", str(path), source).refused(3, said)


def test_whose_a_file_is_can_be_said(commandline, tmp_path):
    path = tmp_path / "x"
    path.write_text('{"tokens": [], "schemaVersion": 4, "services": []}')
    commandline("provision", "--all", str(path)).refused(3, "2fas", "freeotp-plus", "--format")
    commandline("provision", "--all", "--format", "2FAS", str(path)).refused(3, "no accounts")
    commandline("provision", "--all", "--format", "there-is-none", str(path)).refused(2)


def test_with_a_format_each_file_of_a_folder_that_can_be_one_is_tried(commandline, tmp_path):
    """An encrypted andOTP backup has no mark: without the format it is only named."""
    folder, words = tmp_path / "in", tmp_path / "password"
    folder.mkdir()
    words.write_text(PASSWORD)
    sample = BY_NAME["andotp, encrypted"]
    (folder / "backup.bin").write_bytes(written(sample))
    (folder / "list.txt").write_text(f"otpauth://totp/Bank:list?secret={SECRETS[1]}")
    (folder / "letter").write_text("Dear Bank")
    aegis(folder / "aegis", entry(0))
    arguments = ("provision", "--dry-run", "--all", "--json", "--password-file", str(words))
    result = commandline(*arguments, str(folder))
    assert result.code == 0 and "backup.bin" in result.err, result
    assert {each["name"] for each in result.json} == {"user0", "list"}
    result = commandline(*arguments, "--format", "andotp", str(folder))
    assert result.code == 0, result
    assert len(result.json) == len(sample.accounts()) + 1
    assert "user0" not in {each["name"] for each in result.json}
    (left_out,) = (line for line in result.err.splitlines() if "left out: " + str(folder) in line)
    assert "aegis" in left_out and "letter" in left_out and "andotp format" in left_out
    assert "backup.bin" not in left_out and "list.txt" not in left_out


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\x03\xd9\xa2\x9a" + bytes(60), "KeePass"),
        (b'{"version":1,"header":{"slots":[', "cannot be read"),
        (b"[" + b" " * file.BYTES_MAX, "16 MB"),
    ],
)
def test_what_cannot_be_read_says_what_it_is(commandline, tmp_path, data, words):
    path = tmp_path / "x"
    path.write_bytes(data.replace(b"[", b'[],"db":[', 1) if b"header" in data else data)
    unchanged(commandline, lambda: commandline("provision", "--all", str(path))).refused(3, words)


# --- what is on the token and not in the export, and the other way round ----------------------


def test_the_difference_is_told_by_key_check_value(commandline, tmp_path):
    source = aegis(tmp_path / "x", entry(0), entry(1), entry(2), YANDEX)
    assert commandline("provision", "--all", aegis(tmp_path / "y", entry(0), entry(1))).code == 0
    commandline.put(
        Account("Else", "only here", b"y" * 20), Account("Desk", "", b"text", type="static")
    )
    shown = unchanged(commandline, lambda: commandline("provision", "--diff", "--json", source))
    assert shown.code == 0 and commandline.asked == []
    assert [each["name"] for each in shown.json["only_on_token"]] == ["only here"]
    assert [each["name"] for each in shown.json["only_in_source"]] == ["user2"]
    assert [each["name"] for each in shown.json["left_out"]] == ["Bank:user7"]
    assert shown.json["not_comparable"] == 1
    assert "secret" not in shown.out
    told = commandline("provision", "--diff", source)
    here, there = told.out.index("only here"), told.out.index("user2")
    assert told.out.index("On the token but not in the source: 1") < here
    assert here < told.out.index("In the source but not on the token: 1") < there


def test_no_difference_another_name_is_none(commandline, tmp_path):
    source = aegis(tmp_path / "x", entry(0))
    assert commandline("provision", "--account", "renamed", source).code == 0
    result = commandline("provision", "--diff", source)
    assert result.code == 0 and "the same accounts" in result.out
    commandline("provision", "--diff").refused(2, "source")
