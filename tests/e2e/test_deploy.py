"""make deploy, with the real mpremote, to a board that is a stand-in (see it for its limits)."""

import dataclasses
import importlib
import io
import json
import re
import shutil
import sys
from pathlib import Path

import pytest
from support.deploying import changes
from support.deploying.standin import StandIn
from support.kept_release import as_simulated

from tokenctl.cli import main as tokenctl
from tokenctl.device.token import Token
from tokenctl.flashing import app_image
from tokenctl.flashing.chips import CHIPS
from tokenctl.payload import firmware_folder

ROOT = Path(__file__).parents[2]


@pytest.fixture
def firmware(tmp_path):
    """A copy of the firmware, to be changed."""
    folder = tmp_path / "firmware"
    shutil.copytree(firmware_folder(), folder)
    return folder


@pytest.fixture
def board(tmp_path, firmware):
    """A board whose development build is this firmware; it runs."""
    with StandIn(laid_out(firmware, tmp_path / "board"), tmp_path) as board:
        yield board


HERE = dataclasses.replace(CHIPS[0], arch="x64")  # this computer


def built(firmware):
    """Return the files of a development build for a simulated board."""
    made = as_simulated(firmware, development=True)
    return made.files | {"board.json": (firmware / "board.json").read_bytes()}


def released(firmware):
    """Return the files of a release for it."""
    return app_image.compiled(firmware, HERE)


def laid_out(firmware, folder, making=built):
    """Write what the image of a development build has, or of another, to a folder."""
    for name, data in making(firmware).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


def files(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.fixture
def deploy(monkeypatch, capfd):
    """Deploys: returns exit code, output and errors of deploy.py, which runs in this process.

    Its map goes beside the firmware.
    """
    monkeypatch.syspath_prepend(ROOT / "tools")
    main = importlib.import_module("deploy").main

    def deploy(port, *arguments):
        for folder in arguments[1:2]:
            arguments += "--map", str(Path(folder).parent / "development.map")
        monkeypatch.setattr(sys, "argv", ["deploy.py", *arguments, port])
        capfd.readouterr()
        try:
            main()
        except SystemExit as ended:
            return ended.code, *capfd.readouterr()
        return 0, *capfd.readouterr()

    return deploy


def sent(out):
    """Return the names of what was copied, and how many bytes of how many were sent of each."""
    found = re.findall(r"^Copied (\S+), (\d+) of (\d+) bytes\.$", out, re.MULTILINE)
    return {name: (int(few), int(all_of_them)) for name, few, all_of_them in found}


def test_only_what_changed_is_copied_and_the_new_code_runs(board, firmware, deploy):
    board_only = board.folder / "mine.py"
    board_only.write_text("# a developer's own")
    old = board.folder / "tokenfw" / "old"  # as the first development builds had it
    old.mkdir(parents=True)
    (old / "gone.mpy").write_text("")
    (board.folder / "units.py").write_text("")  # it would win over units.mpy
    (board.folder / "app.bin.new").write_bytes(bytes(500))  # of a deploy that was cut off
    changes.another(firmware)
    expected = built(firmware)
    code, out, err = deploy(board.port, "--firmware", str(firmware))
    assert code == 0, (out, err)
    deleted = ["app.bin.new", "tokenfw/old/gone.mpy", "units.py"]
    assert out.splitlines()[:3] == [f"Deleted {name}." for name in deleted]
    assert {name: size for name, (_, size) in sent(out).items()} == {
        name: len(expected[name]) for name in ("app.bin", "main.py")
    }
    few, size = sent(out)["app.bin"]
    assert few < size / 50
    assert "2 of 3 files" in out
    assert out.splitlines()[-1].startswith("Token ") and f"firmware {changes.VERSION}" in out
    assert files(board.folder) == expected | {"mine.py": board_only.read_bytes()}
    assert not old.exists() and not old.parent.exists()
    assert board.starts == 2
    with Token.open(board.port) as token:
        assert token.identity.firmware == changes.VERSION and token.identity.development


def test_nothing_to_do_copies_nothing_and_starts_it_again(board, firmware, deploy):
    before = files(board.folder)
    code, out, err = deploy(board.port, "--firmware", str(firmware))
    assert code == 0, (out, err)
    assert out.startswith("0 of ") and "Copied" not in out and "Deleted" not in out
    assert files(board.folder) == before
    assert not [each for each in board.executed if "wb" in each or "rename" in each]


def test_a_board_without_raw_paste_mode(tmp_path, firmware, deploy):
    folder = laid_out(firmware, tmp_path / "board")
    changes.another(firmware)
    with StandIn(folder, tmp_path, raw_paste=False) as board:
        code, out, err = deploy(board.port, "--firmware", str(firmware))
        assert code == 0, (out, err)
        assert files(folder) == built(firmware)


def test_the_wiring_stays_unless_another_is_given(board, firmware, tmp_path, deploy):
    ours = json.loads((board.folder / "board.json").read_text())
    mine = json.dumps(ours | {"name": "mine"})
    (board.folder / "board.json").write_text(mine)
    assert deploy(board.port, "--firmware", str(firmware))[0] == 0
    assert (board.folder / "board.json").read_text() == mine
    other = tmp_path / "other.json"
    other.write_text(json.dumps(ours | {"name": "other"}))
    assert deploy(board.port, "--firmware", str(firmware), "--board", str(other))[0] == 0
    assert (board.folder / "board.json").read_text() == other.read_text()
    with Token.open(board.port) as token:
        assert token.identity.board == "other"


def test_a_firmware_that_does_not_start_shows_its_traceback_and_is_repaired(
    board, firmware, deploy
):
    app = firmware / changes.FILE
    good = app.read_text()
    line, function = changes.broken(firmware)
    code, out, err = deploy(board.port, "--firmware", str(firmware))
    assert code == 4, (out, err)
    assert changes.FAULT in err and "mpremote connect" in err
    assert f'File "{changes.FILE}", line {line}, in {function}' in err
    assert err.splitlines()[-1].startswith("Error: ")
    app.write_text(good)
    code, out, err = deploy(board.port, "--firmware", str(firmware))
    assert code == 0, (out, err)
    assert "app.bin" in sent(out)


def test_a_board_whose_archive_and_main_do_not_belong_together_is_repaired(
    tmp_path, firmware, deploy
):
    """As a deploy leaves it that is cut off between the two."""
    folder = laid_out(firmware, tmp_path / "board")
    changes.another(firmware)
    (folder / "app.bin").write_bytes(built(firmware)["app.bin"])
    with StandIn(folder, tmp_path) as board:
        code, out, err = deploy(board.port, "--firmware", str(firmware))
        assert code == 0, (out, err)
        assert set(sent(out)) == {"main.py"}
        assert f"firmware {changes.VERSION}" in out


def test_a_build_that_cannot_be_made_leaves_the_board_as_it_is(board, firmware, deploy):
    before = files(board.folder)
    (firmware / "tokenfw" / "system" / "assembly.py").write_text("import nothing_of_that_name\n(")
    code, out, err = deploy(board.port, "--firmware", str(firmware))
    assert code and not out
    assert len(err.splitlines()) == 1 and "cannot be built" in err
    assert files(board.folder) == before


def test_the_map_of_what_was_deployed_is_kept_for_tokenctl_fault(
    board, firmware, tmp_path, deploy, monkeypatch, capfd
):
    assert deploy(board.port, "--firmware", str(firmware))[0] == 0
    made = as_simulated(firmware, development=True)
    place = next(iter(made.lines["0"]))
    path, line = made.lines["0"][place]
    traceback = f'  File "0", line {place}, in nobody\nValueError: odd\n'
    command = ["fault", "--map", str(tmp_path / "development.map"), "-"]
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(traceback.encode())))
    capfd.readouterr()
    assert tokenctl.run(command) == 0
    assert capfd.readouterr().out == f'  File "{path}", line {line}, in nobody\nValueError: odd\n'


@pytest.mark.long
def test_a_release_build_is_left_alone(tmp_path, firmware, deploy):
    folder = laid_out(firmware, tmp_path / "board", released)
    before = files(folder)
    with StandIn(folder, tmp_path, release=firmware) as board:
        code, out, err = deploy(board.port, "--firmware", str(firmware))
        assert (code, out) == (12, "")
        assert len(err.splitlines()) == 1 and "flash --development" in err
        assert files(folder) == before and not board.executed and board.starts == 1
        with Token.open(board.port) as token:
            assert not token.identity.development


@pytest.mark.parametrize(("port", "code"), [("", 2), ("/dev/there-is-none", 4)])
def test_no_port_is_one_sentence(port, code, deploy):
    result = deploy(port)
    assert result[:2] == (code, "")
    assert len(result[2].splitlines()) == 1 and result[2].startswith("Error: ")
