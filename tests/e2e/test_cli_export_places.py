"""Other apps' exports in a folder and in the clipboard, beside pictures and lists."""

import json
from pathlib import Path

import pytest
from e2e.commandline import unchanged
from e2e.test_cli_exports import BAD, YANDEX, aegis, entry
from support.apps.registry import SAMPLES
from support.apps.sample import PASSWORD, written

from tokenctl.capture import clipboard
from tokenctl.capture.clipboard import Content

PICTURE = Path(__file__).parents[1] / "data" / "pictures" / "several.png"
UNMARKED = [sample for sample in SAMPLES if sample.password and not sample.marked]
URI = "otpauth://totp/Site:me?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Site"


def names(result) -> list[str]:
    assert result.code == 0, result
    return [each["name"] for each in json.loads(result.out)]


def dry(commandline, *arguments: str):
    return commandline("provision", "--dry-run", "--json", *arguments)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What a phone's folder of downloads may hold."""
    (tmp_path / "codes.png").write_bytes(PICTURE.read_bytes())
    (tmp_path / "uris.txt").write_text(URI + "\n")
    (tmp_path / "letter.pdf.part").write_bytes(bytes(range(256)) * 20)  # no app's mark
    (tmp_path / "settings.json").write_text('{"theme": "dark", "accounts": []}')
    return tmp_path


def test_an_export_in_a_folder_is_read_beside_its_pictures_and_lists(commandline, folder):
    aegis(folder / "aegis.json", entry(0), entry(1))
    found = names(dry(commandline, str(folder)))
    assert found[:2] == ["user0", "user1"] and len(found) == 2 + 3 + 1


def test_a_folder_of_exports_needs_no_picture(commandline, tmp_path):
    aegis(tmp_path / "a.json", entry(0))
    (tmp_path / "deeper").mkdir()
    aegis(tmp_path / "deeper" / "b.json", entry(1))
    assert names(dry(commandline, str(tmp_path))) == ["user0", "user1"]


def test_what_is_bad_in_each_is_listed_and_nothing_is_added(commandline, folder):
    aegis(folder / "a.json", entry(0), BAD)
    whole = (folder / "a.json").read_text()
    (folder / "cut.json").write_text(whole[: len(whole) * 2 // 3])
    result = unchanged(commandline, lambda: commandline("provision", "--all", str(folder)))
    assert result.code == 3
    for words in ("a.json", "1 of the 2 entries", "cut.json", "Aegis"):
        assert words in result.err


def test_another_program_s_file_is_named_and_left_out(commandline, folder):
    (folder / "keys.kdbx").write_bytes(bytes.fromhex("03d9a29a67fb4bb5") + bytes(200))
    result = dry(commandline, str(folder))
    assert len(names(result)) == 4
    assert "left out" in result.err and "keys.kdbx" in result.err and "KeePass" in result.err


@pytest.mark.parametrize("as_file", [True, False], ids=["a file", "its text"])
def test_an_export_in_the_clipboard(commandline, tmp_path, monkeypatch, as_file):
    path = aegis(tmp_path / "aegis.json", entry(0), YANDEX)
    held = Content(paths=(path,)) if as_file else Content(text=Path(path).read_text())
    monkeypatch.setattr(clipboard, "content", lambda: held)
    result = dry(commandline, "--clipboard")
    assert names(result) == ["user0"]
    assert "Yandex" in result.err


def test_a_damaged_export_in_the_clipboard_says_where_it_is(commandline, tmp_path, monkeypatch):
    path = aegis(tmp_path / "aegis.json", entry(0), entry(1))
    text = Path(path).read_text()[:-40]
    monkeypatch.setattr(clipboard, "content", lambda: Content(text=text))
    dry(commandline, "--clipboard").refused(3, "On the clipboard:", "Aegis")


def test_a_folder_that_was_copied_is_read_as_one_that_is_named(commandline, folder, monkeypatch):
    monkeypatch.setattr(clipboard, "content", lambda: Content(paths=(str(folder),)))
    assert names(dry(commandline, "--clipboard")) == names(dry(commandline, str(folder)))


@pytest.mark.parametrize("sample", UNMARKED, ids=lambda sample: sample.name)
def test_an_export_that_only_its_password_identifies_is_named(commandline, folder, sample):
    (folder / "backup of mine").write_bytes(written(sample))
    result = dry(commandline, str(folder))
    assert len(names(result)) == 4
    assert "left out" in result.err and "backup of mine" in result.err
    (folder / "password").write_text(PASSWORD + "\n")
    options = ("--yes", "--password-file", str(folder / "password"))
    assert len(names(dry(commandline, *options, str(folder)))) == 4  # none is guessed
    alone = names(dry(commandline, *options, str(folder / "backup of mine")))
    assert len(alone) == len(sample.accounts())


@pytest.mark.parametrize("with_picture", [False, True])
def test_a_folder_without_an_export_of_the_app_that_is_named(commandline, tmp_path, with_picture):
    (tmp_path / "settings.json").write_text('{"theme": "dark"}')
    if with_picture:
        empty = Path(__file__).parents[1] / "data" / "pictures" / "no-code.png"
        (tmp_path / "empty.png").write_bytes(empty.read_bytes())
    result = dry(commandline, "--format", "aegis", str(tmp_path))
    result.refused(3, "no file in the folder", "is an export of Aegis")
    assert "settings.json" in result.err
    assert "identifies its app" not in result.err


@pytest.mark.parametrize("sample", UNMARKED, ids=lambda sample: sample.name)
def test_alone_it_wants_the_password_that_nobody_can_be_asked_for(commandline, tmp_path, sample):
    (tmp_path / "backup").write_bytes(written(sample))
    dry(commandline, str(tmp_path / "backup")).refused(3, "--password-file", "backup")


def test_a_folder_with_nothing_but_such_exports(commandline, tmp_path):
    for number, sample in enumerate(UNMARKED):
        (tmp_path / f"backup {number}").write_bytes(written(sample))
    result = dry(commandline, str(tmp_path))
    assert result.code == 3 and "no export that identifies its app" in result.err
    assert all(f"backup {number}" in result.err for number in range(len(UNMARKED)))
