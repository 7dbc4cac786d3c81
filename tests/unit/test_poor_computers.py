"""Commands on a computer that lacks something: room, a home, a locale, a wide terminal.

A command ends as on any other computer, or with one sentence, and what the token has done is said.
"""

import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from unit.every_command import (
    BOARD,
    BOTH,
    FIRST,
    NOTHING,
    SECOND,
    TOKEN,
    Computer,
    Ended,
    Line,
    of_kind,
    paths,
)
from unit.test_pulled_out import CHANGING

from tokenctl.cli import log, terminal
from tokenctl.errors import BadPayload
from tokenctl.release import temporary

FULL = Path("/dev/full")
needs_full = pytest.mark.skipif(not FULL.exists(), reason="the system has no /dev/full")
NO_ROOM = "no space left on device"
NOWHERE = "/proc/self/nowhere"  # no user, not even root, makes a folder there
ALL = of_kind(TOKEN, BOTH, NOTHING)


@pytest.fixture
def computer(monkeypatch, capfd, tmp_path) -> Computer:
    return Computer(monkeypatch, capfd, tmp_path)


def run(computer: Computer, line: Line, *more: str) -> Ended:
    """Run a line with new tokens."""
    for port in (FIRST, SECOND) if line.kind == BOTH else (FIRST,):
        computer.plug(line, port)
    return computer(line, *more)


def changed(computer: Computer) -> bool:
    return any(each in CHANGING for token in computer.tokens.values() for each in token.methods)


@needs_full
@pytest.mark.parametrize("as_json", [False, True])
@pytest.mark.parametrize("line", ALL, ids=str)
def test_an_output_that_is_full(computer: Computer, monkeypatch, line: Line, as_json: bool):
    more = ["--json"] * as_json
    usual = run(computer, line, *more)
    with monkeypatch.context() as patch, FULL.open("w") as full:
        patch.setattr("sys.stdout", full)
        ended = run(computer, line, *more)
    if not usual.out:
        assert ended == usual
        return
    assert ended.code in (1, usual.code) and "Traceback" not in ended.err, ended
    if usual.code == 0:
        said = ended.said[-1]
        assert ended.code == 1 and said.count(NO_ROOM) == 1, ended
        if changed(computer) and line.arguments[:2] != ("backup", "--verify"):
            assert re.search("had already|on the token", said), ended
            assert "Nothing was changed" not in said and "No backup" not in said


@needs_full
@pytest.mark.parametrize("line", ALL, ids=str)
def test_a_log_that_is_full_is_given_up(computer: Computer, line: Line):
    """What the command does for its user goes on."""
    usual = run(computer, line)
    ended = run(computer, line, "--log-file", str(FULL))
    warned = [each for each in ended.err.splitlines() if NO_ROOM in each]
    assert len(warned) == 1 and warned[0].startswith("Warning: the log file"), ended
    assert (ended.code, ended.out, ended.said) == (usual.code, usual.out, usual.said)
    assert not log._open


@pytest.mark.parametrize("line", ALL, ids=str)
def test_no_home_and_no_such_locale(computer: Computer, monkeypatch, line: Line):
    for name in ("HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, NOWHERE)
    usual = run(computer, line)
    for variables in ({"LANG": "xx_XX"}, {"LC_ALL": "bogus"}, {"LANGUAGE": "zz:xx", "LANG": "C"}):
        with monkeypatch.context() as patch:
            for name, value in variables.items():
                patch.setenv(name, value)
            ended = run(computer, line)
        assert (ended.code, ended.out, ended.said) == (usual.code, usual.out, usual.said)
    assert not Path(NOWHERE).exists() and usual.code == (11 if "fault" in line.arguments else 0)


@pytest.mark.parametrize("line", of_kind(TOKEN, BOARD, BOTH, NOTHING), ids=str)
def test_a_language_that_there_is_none_of(computer: Computer, line: Line):
    ended = run(computer, line, "--language", "zz")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("Error: Invalid value for '--language': 'zz' is not one of 'en', ")
    assert not any(each.methods for each in computer.tokens.values())


@pytest.mark.parametrize("line", [replace(each, typed=each.typed) for each in ALL], ids=str)
@pytest.mark.parametrize("language", ["en", "nl"])
def test_twenty_columns(computer: Computer, monkeypatch, line: Line, language: str):
    """Prose breaks between words: no line is longer than a terminal's, unless one word is."""
    usual = run(computer, line, "--language", language)
    monkeypatch.setattr(terminal, "columns", lambda *, err: 20)
    ended = run(computer, line, "--language", language)
    assert ended.code == usual.code
    for each in ended.err.splitlines():
        bare = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|\r", "", each)
        assert len(bare) <= 20 or " " not in bare.strip(), (bare, ended)


@pytest.mark.parametrize("path", [(), *paths()], ids=" ".join)
def test_help_in_twenty_columns(computer: Computer, monkeypatch, path: tuple[str, ...]):
    monkeypatch.setenv("COLUMNS", "20")
    ended = computer(Line((*path, "--help")))
    text, _examples, commands = ended.out.partition("Examples:")
    assert ended.code == 0
    for each in text.splitlines():
        option = each.startswith("  ") and re.match(r" +(-|\[?[A-Z]|\w+$|tokenctl |sudo )", each)
        usage = each.startswith("Usage: ")
        assert len(each) <= 20 or " " not in each.strip() or option or usage, each
    assert all(each in ended.out for each in commands.splitlines())


def test_no_room_for_the_compiler_is_no_fault_of_the_firmware(monkeypatch, tmp_path):
    monkeypatch.setenv("TMPDIR", NOWHERE)
    monkeypatch.setattr("tempfile.tempdir", NOWHERE)
    with pytest.raises(BadPayload, match="TMPDIR"), temporary.work_folder():
        pass
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr("shutil.disk_usage", lambda folder: SimpleNamespace(free=0))
    with pytest.raises(BadPayload, match=NO_ROOM), temporary.work_folder() as folder:
        temporary.require_room(folder)
