"""Secrets that are typed at a terminal, a real pseudo-terminal: what is read, and what is seen."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from support.pty_program import PATH, TIMEOUT, PtyProgram

# Reads lines until the input ends, and says to a pipe what each was.
PROGRAM = """
import json, sys
from tokenctl.cli.masked_input import read_masked
from tokenctl.errors import SourceError
while True:
    try:
        print(json.dumps(read_masked("Secret: ", sys.stdin, sys.stderr, **json.loads(sys.argv[1]))))
    except KeyboardInterrupt:
        print('"interrupted"')
    except EOFError:
        print('"ended"')
        break
    except SourceError as error:
        print(json.dumps(str(error)))
        break
    sys.stdout.flush()
"""
HOME, END, LEFT, DELETE = "\x1b[H", "\x1b[F", "\x1b[D", "\x1b[3~"


class Terminal(PtyProgram):
    """Somebody at a terminal who is asked for one secret after the other."""

    def __init__(self, clear: str | None = None, **environment: str) -> None:
        argument = json.dumps({} if clear is None else {"clear": clear})
        super().__init__(PROGRAM, argument, **environment)

    def read(self) -> str:
        """Return the line that the program got."""
        assert self.program.stdout
        return json.loads(self.program.stdout.readline())

    def prompted(self) -> None:
        """Wait until a secret is asked for: the prompt appears when the echo is off."""
        end = time.monotonic() + TIMEOUT
        while self.echoes():
            assert time.monotonic() < end
            time.sleep(0.01)
        self.until("Secret:")

    def asked(self, keys: str) -> str:
        """Return what the program got of what is typed at its prompt."""
        self.prompted()
        self.type(keys)
        return self.read()


@pytest.fixture(scope="module")
def terminal() -> Iterator[Terminal]:
    """One for all: each test ends with a line that was read."""
    terminal = Terminal()
    yield terminal
    terminal.close()


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        ("abc\r", "abc"),
        ("abc\n", "abc"),
        ("abx\x7fc\r", "abc"),
        ("\x08a\r", "a"),
        ("xyz\x15ab\r", "ab"),
        (f"ac{LEFT}b\r", "abc"),
        (f"bcx{HOME}a{END}\x7f\r", "abc"),
        (f"xabc{HOME}{DELETE}\r", "abc"),
        ("a\0b\r", "ab"),
        ("\u00e9 \u65e5\r", "\u00e9 \u65e5"),
    ],
)
def test_a_line_is_edited(terminal: Terminal, keys: str, text: str) -> None:
    assert terminal.asked(keys) == text


def test_no_letter_is_on_the_screen(terminal: Terminal) -> None:
    assert terminal.asked("QWQWQW\r") == "QWQWQW"
    assert terminal.asked("\r") == ""
    assert "\u2022" in terminal.screen and not set("QW") & set(terminal.screen)


@pytest.mark.parametrize(
    ("pasted", "text"),
    [("JBSW Y3DP\n", "JBSW Y3DP"), ("JBSW\r\nnext\r\n", "JBSW"), ("\tJB\x1b[31mSW", "JB[31mSW")],
)
def test_of_a_paste_the_first_line_counts(terminal: Terminal, pasted: str, text: str) -> None:
    ends = "" if "next" in pasted else "\r"
    assert terminal.asked(f"\x1b[200~{pasted}\x1b[201~{ends}") == text


def test_what_is_typed_ahead_is_no_answer_to_the_next_question(terminal: Terminal) -> None:
    assert terminal.asked("first\rsecond\r") == "first"
    assert terminal.asked("third\r") == "third"


def test_dots_are_shown_and_what_stands_between_groups(terminal: Terminal) -> None:
    terminal.prompted()
    terminal.type("ab cd-e")
    terminal.until("\u2022\u2022 \u2022\u2022-\u2022")
    assert not terminal.echoes()
    terminal.type("\r")
    assert terminal.read() == "ab cd-e"


def test_ctrl_r_does_not_search_in_the_open(terminal: Terminal) -> None:
    assert terminal.asked("a\x12bcd\x13e\r") == "abcde"
    assert terminal.asked("\r") == ""
    assert "bcd" not in terminal.screen


def test_ctrl_c_interrupts_and_ctrl_d_ends() -> None:
    terminal = Terminal()
    try:
        assert terminal.asked("ab\x03") == "interrupted"
        assert terminal.asked("\x04") == "ended"
        terminal.program.wait(TIMEOUT)
        assert terminal.echoes()
    finally:
        terminal.close()


def test_no_dash_is_shown_of_an_app_password_nor_any_letter() -> None:
    """In ASCII a dot is a star."""
    terminal = Terminal(clear="", PYTHONIOENCODING="ascii")
    try:
        terminal.prompted()
        terminal.type("a-b c")
        terminal.until("*****")
        assert not set("abc-") & set(terminal.screen.rpartition("Secret:")[2])
    finally:
        terminal.close()


@pytest.mark.parametrize("name", ["dumb", ""])
def test_a_terminal_that_cannot_draw_shows_nothing(name: str) -> None:
    terminal = Terminal(TERM=name)
    try:
        assert terminal.asked("secret\n") == "secret"
        terminal.until("Secret:")
        assert "secret" not in terminal.screen and "\x1b" not in terminal.screen
    finally:
        terminal.close()


@pytest.mark.slow
def test_help_does_not_wait_for_it() -> None:
    program = "import sys, tokenctl.cli.main; sys.exit('prompt_toolkit' in sys.modules)"
    environment = os.environ | {"PYTHONPATH": PATH}
    assert subprocess.run([sys.executable, "-c", program], env=environment).returncode == 0
