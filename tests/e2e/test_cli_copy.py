"""tokenctl code --copy: on a virtual display, with xclip as the program that pastes."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from e2e.commandline import CommandLine
from e2e.processes import BIN, Running, asked, finish, running, start
from support.virtual_display import Display, display, needs_display

from otpcore.account import Account
from otpcore.otp import hotp
from tokenctl.capture import clipboard
from tokenctl.device.token import Token

SECRET = b"12345678901234567890"
TIMEOUT = 100

# What a program sees that pastes while the code is lent: printed, then what LATER does.
LENDING = """
import subprocess, sys
from tokenctl.capture import clipboard
def paste():
    command = ["xclip", "-selection", "clipboard", "-o", "-t", "UTF8_STRING"]
    return subprocess.run(command, capture_output=True, timeout=100).stdout.decode()
def later(seconds):
    print(seconds, paste())
    exec(sys.argv[1])
print(clipboard.lend("755224", wait=later), repr(paste()))
"""
# A second later the clipboard's library has heard that it is not the owner any more.
COPY_OTHERWISE = (
    'import time; subprocess.run(["xclip", "-selection", "clipboard", "-i"], input=b"mine", '
    "stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=100); time.sleep(1)"
)


@pytest.fixture(scope="module")
def screen() -> Iterator[Display]:
    with display() as screen:
        yield screen


@pytest.fixture(scope="module")
def token(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A token with one HOTP account."""
    folder: Path = tmp_path_factory.mktemp("token")
    with running(folder / "t", "--link", str(folder / "port")) as token:
        with Token.open(token.port, token.agree) as opened:
            opened.add(Account("Door", "key", SECRET, "hotp"))
        yield token


def lent(screen: Display, later: str) -> list[str]:
    command = [sys.executable, "-c", LENDING, later]
    done = subprocess.run(
        command, env=screen.environment, capture_output=True, text=True, timeout=TIMEOUT
    )
    assert not done.stderr, done.stderr
    return done.stdout.splitlines()


@needs_display
def test_a_code_is_lent_for_thirty_seconds(screen: Display) -> None:
    assert lent(screen, "") == ["30.0 755224", "True ''"]


@needs_display
def test_what_was_copied_since_stays(screen: Display) -> None:
    assert lent(screen, COPY_OTHERWISE) == ["30.0 755224", "False 'mine'"]
    assert screen.pasted() == b"mine"


@needs_display
@pytest.mark.parametrize("end", ["raise KeyboardInterrupt", "raise SystemExit(0)"])
def test_it_is_taken_back_when_the_waiting_ends_early(screen: Display, end: str) -> None:
    assert lent(screen, end)[0] == "30.0 755224"
    assert screen.pasted() == b""


@needs_display
def test_copy_until_ctrl_c(screen: Display, token: Running) -> None:
    screen.clear()
    environment = screen.environment
    process = start("tokenctl", "--port", token.port, "code", "door", "--copy", **environment)
    token.answer(lambda: asked(process))
    assert process.stderr is not None
    said = process.stderr.readline()
    assert "on the clipboard" in said and "30 s" in said and "Ctrl-C" in said
    number = int(screen.pasted())
    counter = next(c for c in range(20) if int(hotp(SECRET, c)) == number)
    process.send_signal(2)
    code, out, err = finish(process)
    assert (code, out) == (0, "") and "cleared" in err
    assert screen.pasted() == b""
    assert not re.search(r"\d{6}", said + err), f"code {counter} is on the terminal"


class Interrupted:
    """A clipboard; Ctrl-C comes while a text is put there, or SIGTERM."""

    CopykittenError = OSError

    def __init__(self, ends_with: type[BaseException]) -> None:
        self.text = "older"
        self._ends_with = ends_with

    def copy(self, text: str) -> None:
        self.text = text
        raise self._ends_with

    def paste(self) -> str:
        return self.text

    def clear(self) -> None:
        self.text = ""


def test_it_is_taken_back_when_ctrl_c_comes_as_it_is_put_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    there = Interrupted(KeyboardInterrupt)
    monkeypatch.setitem(sys.modules, "copykitten", there)
    try:
        assert clipboard.lend("755224", wait=lambda seconds: None)
    except KeyboardInterrupt:
        pytest.fail("Ctrl-C is no error")
    assert there.text == ""
    there = Interrupted(SystemExit)
    monkeypatch.setitem(sys.modules, "copykitten", there)
    with pytest.raises(SystemExit):
        clipboard.lend("755224", wait=lambda seconds: None)
    assert there.text == ""


def test_without_a_display_no_code_is_made(
    commandline: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a process: what a clipboard is was settled in this one long ago."""
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    for ssh, words in (("", "without a desktop"), ("192.0.2.1 1 192.0.2.2 22", "ssh -X")):
        monkeypatch.setenv("SSH_CONNECTION", ssh)
        done = subprocess.run(
            [BIN / "tokenctl", "--port", "/nowhere", "code", "door", "--copy"],
            capture_output=True, text=True, timeout=TIMEOUT,
        )  # fmt: skip
        assert (done.returncode, done.stdout) == (18, "")
        assert words in done.stderr and "without --copy" in done.stderr
        assert done.stderr.count("\n") == 1


def test_copy_and_json_exclude_each_other(commandline: CommandLine) -> None:
    commandline("code", "door", "--copy", "--json").refused(2, "--copy", "--json")
