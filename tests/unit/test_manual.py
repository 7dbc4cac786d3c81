"""Enrolments typed by hand, at a terminal (a real pseudo-terminal) and without one."""

import hmac
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.pty_program import PtyProgram

from otpcore.base32 import decode
from tokenctl.cli.enrolling.manual import ask
from tokenctl.enrol.code_parameters import CodeParameters
from tokenctl.errors import Ambiguous, BadEnrolment, NoName, SourceError

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
ROOT = Path(__file__).parents[2]

# Says what became of it on a line of its own; the secret only as a check value.
PROGRAM = """
import sys
from tokenctl.cli.enrolling.manual import ask
from tokenctl.errors import TokenctlError
try:
    made = ask(**eval(sys.argv[1]))
    print("RESULT", made.account.issuer, made.account.name, made.account.key_check_value())
except KeyboardInterrupt:
    print("RESULT interrupted")
except TokenctlError as error:
    print("RESULT", type(error).__name__, error)
"""

# --- without a terminal ----------------------------------------------------------


def typed(*lines: str) -> io.StringIO:
    return io.StringIO("".join(line + "\n" for line in lines))


def test_lines_in_order() -> None:
    screen = io.StringIO()
    made = ask(keyboard=typed(" Example ", "alice", "jbsw y3dp-ehpk 3pxp"), screen=screen)
    assert (made.account.issuer, made.account.name) == ("Example", "alice")
    assert made.account.secret == decode("JBSWY3DPEHPK3PXP")
    described = made.describe()
    assert (described["type"], described["algorithm"]) == ("totp", "SHA1")
    assert (described["digits"], described["period"]) == (6, 30)
    assert screen.getvalue() == ""


HEX = "3132333435363738393031323334353637383930"  # of RFC 4226's secret
EITHER = "ABCDEF234567ABCD"


def test_hex_is_read_and_said() -> None:
    made = ask(keyboard=typed("Example", "alice", HEX))
    assert made.account.secret == b"12345678901234567890"
    assert made.warnings == ("the secret is read as hex",)
    assert ask(keyboard=typed("Example", "a", HEX), encoding="hex").warnings == ()


def test_what_may_be_either_is_not_guessed() -> None:
    with pytest.raises(Ambiguous, match="base32 or hex.*--encoding"):
        ask(keyboard=typed("Example", "alice", EITHER))
    for encoding, secret in (("base32", decode(EITHER)), ("hex", bytes.fromhex(EITHER))):
        made = ask(keyboard=typed("Example", "alice", EITHER), encoding=encoding)
        assert made.account.secret == secret


def test_what_is_given_is_not_read() -> None:
    made = ask("Example", "", CodeParameters("hotp", counter=9, digits=8), keyboard=typed(SECRET))
    assert made.account.describe() == {
        "type": "hotp", "issuer": "Example", "name": "", "algorithm": "SHA1",
        "digits": 8, "counter": 9,
    }  # fmt: skip
    assert ask(account="me", keyboard=typed("Example", SECRET)).account.name == "me"


@pytest.mark.parametrize(
    ("lines", "error", "words"),
    [
        ([], SourceError, "ended before the secret"),
        (["Example", "alice"], SourceError, "ended before the secret"),
        (["Example", "alice", ""], BadEnrolment, "empty"),
        (["Example", "alice", "JBSW1"], BadEnrolment, "character 5"),
        (["", "", SECRET], NoName, "no name"),
        (["x" * 65, "alice", SECRET], BadEnrolment, "64"),
    ],
)
def test_lines_refused(lines: list[str], error: type[SourceError], words: str) -> None:
    with pytest.raises(error, match=words):
        ask(keyboard=typed(*lines))


@pytest.mark.parametrize(
    "wrong",
    [
        {"parameters": CodeParameters(digits=3)},
        {"parameters": CodeParameters(period=0)},
        {"issuer": "x" * 65},
    ],
)
def test_arguments_are_refused_before_anything_is_asked(wrong: dict[str, Any]) -> None:
    keyboard = typed("Example", "alice", SECRET)
    with pytest.raises(BadEnrolment):
        ask(**wrong, keyboard=keyboard)
    assert keyboard.tell() == 0


def test_input_that_is_no_text() -> None:
    with pytest.raises(SourceError, match="not valid text"):
        ask(keyboard=io.TextIOWrapper(io.BytesIO(b"\xff\xfe\n"), encoding="utf-8"))


# --- at a terminal -----------------------------------------------------------------


class Terminal(PtyProgram):
    """A person at a terminal on which PROGRAM runs."""

    def __init__(self, arguments: str = "{}") -> None:
        super().__init__(PROGRAM, arguments)

    def result(self) -> str:
        assert self.program.stdout
        text = self.program.stdout.read().decode()
        self.program.wait(20)
        return text.strip()


@pytest.fixture
def named() -> Iterator[Terminal]:
    """A terminal at which both names were given and the secret is asked for."""
    terminal = Terminal("{'issuer': 'Example', 'account': 'alice'}")
    terminal.until("Secret (not shown):")
    yield terminal
    terminal.close()


def test_a_whole_dialogue() -> None:
    terminal = Terminal()
    try:
        terminal.until("totp, SHA1, 6 digits, 30 s")
        terminal.until("Issuer")
        terminal.type("Example\n")
        terminal.until("Account")
        terminal.type("alice\n")
        terminal.until("Secret (not shown):")
        for place, key in enumerate(SECRET):
            terminal.type(key)
            terminal.until("\u2022")
            assert terminal.screen.count("\u2022") == place + 1
        terminal.type("\r")
        assert terminal.result() == "RESULT Example alice d2182ec0"
        assert SECRET[:4] not in terminal.screen
        assert terminal.echoes()
    finally:
        terminal.close()


def test_a_wrong_character_is_named_by_place_and_asked_again(named: Terminal) -> None:
    named.type("JBSW1\r")
    named.until("character 5 ('1') is not base32")
    named.until("Secret (not shown):")
    named.type(f"zz\x15{SECRET.lower()}a\x7f\r")
    assert named.result() == "RESULT Example alice d2182ec0"
    assert "JBSW" not in named.screen


def test_what_may_be_either_is_asked(named: Terminal) -> None:
    named.type(EITHER + "\r")
    named.until("[b/h] ")
    named.type("no idea\n")
    named.until("Enter b for base32 or h for hex")
    named.until("[b/h] ")
    named.type("H\n")
    key = hmac.new(bytes.fromhex(EITHER), b"key check", "sha256").hexdigest()[:8]
    assert named.result() == f"RESULT Example alice {key}"
    assert "ABCD" not in named.screen


def test_an_empty_secret_is_asked_again(named: Terminal) -> None:
    named.type("\r")
    named.until("The secret is empty.")
    named.until("Secret (not shown):")
    named.type(SECRET + "\r")
    assert named.result() == "RESULT Example alice d2182ec0"


def test_control_c_puts_the_terminal_back(named: Terminal) -> None:
    named.type("JB\x03")
    assert named.result() == "RESULT interrupted"
    assert named.echoes()


def test_control_d_ends_the_input(named: Terminal) -> None:
    named.type("\x04")
    assert named.result() == "RESULT Quit nothing was changed"
    assert named.echoes()


def test_control_d_at_a_name_ends_its_line() -> None:
    terminal = Terminal()
    try:
        terminal.until("Issuer (the site that asks for the code): ")
        terminal.type("\x04")
        terminal.until("\n")
        assert terminal.result() == "RESULT Quit nothing was changed"
    finally:
        terminal.close()


def test_names_that_are_no_good_are_asked_again() -> None:
    terminal = Terminal()
    try:
        for issuer, account, answer in (
            ("", "", "Enter at least one of the two."),
            ("x" * 65, "alice", "the limit is 64"),
            ("Example", "alice", "S"),
        ):
            terminal.until("Issuer")
            terminal.type(issuer + "\n")
            terminal.until("Account")
            terminal.type(account + "\n")
            terminal.until(answer)
        terminal.type(SECRET + "\n")
        assert terminal.result() == "RESULT Example alice d2182ec0"
    finally:
        terminal.close()
