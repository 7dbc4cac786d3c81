"""A command that is started as a copy does what one does that is started anew."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from support.prepared import Command

BIN = Path(sys.executable).parent
URI = "otpauth://totp/Bank:me?secret=KNSUG4SFOQVE432CN5CHSKSTMVCXGKSU"


def ended(start: type[subprocess.Popen], folder: Path, *command: str) -> tuple[str, str, int]:
    """Return output, errors and exit code of a command that reads a link."""
    process = start(
        [BIN / command[0], *command[1:]],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=folder,
        env=os.environ | {"LC_ALL": "nl_NL.UTF-8"},
    )
    return *process.communicate(URI), process.returncode


@pytest.mark.parametrize(
    "command",
    [
        ("tokenctl", "provision", "--dry-run", "-"),
        ("tokenctl", "provision", "--dry-run", "none.png"),
        ("tokensim", "run", "--state", "a.file"),
    ],
)
def test_a_copy_does_what_the_command_does(command, tmp_path):
    (tmp_path / "a.file").write_text("")
    copied = ended(Command, tmp_path, *command)
    assert copied == ended(subprocess.Popen, tmp_path, *command)
    assert copied[0] or copied[1]


def test_a_signal_ends_it_and_is_told():
    process = Command([BIN / "tokenctl", "provision", "--dry-run", "-"], stdin=subprocess.PIPE)
    assert process.poll() is None
    process.kill()
    process.communicate()
    assert process.returncode == -signal.SIGKILL


@pytest.mark.skipif(sys.platform != "linux", reason="only there it is a copy")
def test_it_is_a_child_of_ours_and_a_copy():
    with Command([BIN / "tokenctl", "provision", "--dry-run", "-"], stdin=subprocess.PIPE) as copy:
        begun = Path(f"/proc/{copy.pid}/stat").read_text().rpartition(")")[2].split()
        assert int(begun[1]) == os.getpid()
        assert b"prepared.py" in Path(f"/proc/{copy.pid}/cmdline").read_bytes()
        copy.kill()
