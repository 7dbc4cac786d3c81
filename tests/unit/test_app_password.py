"""An app password as it is typed: at a terminal twice and unseen, else as a line."""

import io

import pytest

from tokenctl.cli.enrolling import app_password
from tokenctl.cli.enrolling.review import Review
from tokenctl.cli.output import Output
from tokenctl.device.token import StoredAccount
from tokenctl.enrol.code_parameters import TEXT
from tokenctl.enrol.enrolment import Enrolment, enrol
from tokenctl.errors import BadEnrolment, SourceError


class Terminal(io.StringIO):
    """A keyboard at which names are typed; `hidden` is what is typed where it shows as dots."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, names: str, *hidden: str) -> None:
        super().__init__(names)
        self.screen = io.StringIO()
        self._hidden = iter(hidden)
        monkeypatch.setattr(app_password, "read_masked", self._read)

    def isatty(self) -> bool:
        return True

    def _read(self, prompt: str, keyboard: object, screen: io.StringIO, clear: str) -> str:
        screen.write(prompt + "\n")
        assert clear == "", "a dash or a space is shown"
        return next(self._hidden)

    def ask(self, *names: str) -> Enrolment:
        return app_password.ask(*names, keyboard=self, screen=self.screen)


def piped(text: str, *names: str) -> Enrolment:
    return app_password.ask(*names, keyboard=io.StringIO(text), screen=io.StringIO())


def test_lines_in_order() -> None:
    made = piped("Example Mail\n alice \n  with spaces  \n")
    assert (made.account.issuer, made.account.name) == ("Example Mail", "alice")
    assert made.account.type == "static"
    assert made.account.text() == "  with spaces  "
    assert made.describe()["warnings"] == ["the text starts or ends with a space"]
    assert "key_check_value" not in made.describe()
    assert piped("text", "I", "a").account.text() == "text"


def test_letters_are_composed_and_blanks_are_spaces() -> None:
    made = piped("abcd\u00a0cafe\u0301\u202fx\r\n", "I", "a")
    assert made.account.secret == "abcd caf\u00e9 x".encode()


@pytest.mark.parametrize(
    ("text", "error", "words"),
    [
        ("", SourceError, "the input ended before the text"),
        ("\n", BadEnrolment, "the text is empty"),
        ("x" * 65, BadEnrolment, "the text has 65 characters; the limit is 64"),
        ("hunter2\u4e2d", BadEnrolment, "the token cannot show character 8 of the text"),
        ("hunter2\udcff", BadEnrolment, "the text is not valid Unicode"),
    ],
)
def test_refused(text: str, error: type[SourceError], words: str) -> None:
    with pytest.raises(error) as raised:
        piped(text, "I", "a")
    assert str(raised.value) == words


def test_names_in_arguments_are_refused_before_anything_is_read() -> None:
    with pytest.raises(BadEnrolment, match="issuer"):
        piped("", "i" * 65, "a")


def test_it_is_typed_until_it_is_good_and_twice_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    hidden = ("", "x" * 65, "hunter2", "hunter3", "hunter2", "hunter2")
    terminal = Terminal(monkeypatch, "Mail\nalice\n", *hidden)
    made = terminal.ask()
    assert made.account.text() == "hunter2"
    shown = terminal.screen.getvalue()
    assert "never sends it" in shown and "hunter" not in shown
    for words in ("Issuer", "Account", "is empty", "has 65 characters", "do not match"):
        assert words in shown
    assert shown.count("Text (not shown): ") == 4
    assert shown.count("Repeat it: ") == 2


def test_names_are_asked_until_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal(monkeypatch, "\n\nMail\n\n", "x", "x")
    assert terminal.ask().account.issuer == "Mail"
    assert "Enter at least one of the two." in terminal.screen.getvalue()


@pytest.mark.parametrize(
    ("type", "check", "legend"),
    [
        ("static", "", "there?: the token has an app password with this name"),
        (
            "totp",
            "a1a77fd8",
            "there: the token has an account with this name, but another secret",
        ),
    ],
)
def test_what_it_takes_the_place_of_is_said(
    type: str,
    check: str,
    legend: str,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """The token tells nobody whether it is the same text: whoever asks could try them all."""
    there = StoredAccount(1, type, "Mail", "alice", key_check_value=check)
    mail = enrol("Mail", "alice", b"hunter2", TEXT)
    monkeypatch.setattr("sys.stdin", io.StringIO("y\ny\n"))
    assert Review([mail], [there], Output(False), typed=True).choose(False, False) == [mail]
    shown = capfd.readouterr().err
    assert " ".join(legend.split()) in " ".join(shown.split()) and "Replace it?" in shown
    assert "same secret" not in shown


def test_it_is_edited(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    """Its names and its text, and nothing that a code has."""
    hidden = iter(["", "other", "other"])
    monkeypatch.setattr(app_password, "read_masked", lambda *_, **__: next(hidden))
    mail = enrol("Mail", "alice", b"hunter2", TEXT)
    monkeypatch.setattr("sys.stdin", io.StringIO("e\n\nbob\ne\n\n\n\n"))
    (made,) = Review([mail], [], Output(False), typed=True).choose(False, False)
    assert (made.account.name, made.account.text()) == ("bob", "other")
    assert "Digits" not in capfd.readouterr().err.replace("Digits  Period", "")
