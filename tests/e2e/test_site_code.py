"""The code that a site asks for at the end of an enrolment, at a terminal.

The codes are checked with PyOTP. What the terminal shows is standard error.
"""

import io
import re
from base64 import b32encode
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyotp
import pytest
from e2e.commandline import NO, NOTHING, PRESS, CommandLine
from e2e.processes import Running, Terminal, running
from unit.test_sources import URI, page

from otpcore.account import Account
from tokenctl.cli.enrolling import site_code
from tokenctl.device.token import StoredAccount, Token
from tokensim.token import SimulatedToken

pytestmark = pytest.mark.long

SECRET = b"12345678901234567890"
BASE32 = b32encode(SECRET).decode()
ALICE = Account("Example", "alice", SECRET)
DOOR = Account("Door", "key", SECRET, "hotp")


class Person:
    """Somebody with a token in simulated time, who types `keys` at the terminal."""

    def __init__(
        self,
        sim: SimulatedToken,
        monkeypatch: pytest.MonkeyPatch,
        capfd: pytest.CaptureFixture[str],
    ) -> None:
        self._sim, self._monkeypatch, self._capfd = sim, monkeypatch, capfd
        self._presses: Iterator[object] = iter(())

    def put(self, account: Account) -> StoredAccount:
        with Token(self._sim.transport(), lambda notice: self._sim.press(after=0.3)) as token:
            token.add(account)
            return token.accounts()[-1]

    def offered(self, account: StoredAccount, keys: str, *presses: object, others: int = 0) -> str:
        """Return what the terminal shows. Presses are seconds, an exception, or None for none."""
        self._presses = iter(presses)
        self._monkeypatch.setattr("sys.stdin", io.StringIO(keys))
        self._capfd.readouterr()
        with Token(self._sim.transport(), self._at_the_token) as token:
            site_code.offer(token, account, knows_time=True, others=others)
            assert token.accounts(), "the token is there after it"
        out, err = self._capfd.readouterr()
        assert out == ""
        return str(err)

    def _at_the_token(self, notice: str) -> None:
        press = next(self._presses)
        if isinstance(press, BaseException):
            raise press
        if isinstance(press, float):
            self._sim.press(press, after=0.3)


@pytest.fixture
def person(
    sim: SimulatedToken, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Person:
    return Person(sim, monkeypatch, capfd)


def wait_until(sim: SimulatedToken, left: int) -> None:
    """Let time pass until a code of 30 s has so many seconds left, less half a second."""
    with Token(sim.transport()) as token:
        now = token.read_clock()
    assert now is not None
    sim.wait((30 - left - now) % 30)


def codes(now: int) -> set[str]:
    totp = pyotp.TOTP(BASE32)
    return {totp.at(now + late) for late in range(-2, 3)}


def now(sim: SimulatedToken) -> int:
    with Token(sim.transport()) as token:
        unix = token.read_clock()
    assert unix is not None
    return unix


def test_a_code_with_time_left(sim: SimulatedToken, person: Person) -> None:
    account = person.put(ALICE)
    wait_until(sim, 22)
    shown = person.offered(account, "x\nc\n\n", 0.1)
    assert "The site now asks for a code" in shown and "Enter c, or press Enter." in shown
    (found,) = re.findall(r"(?m)(\d{6})   (\d+) s left$", shown)
    assert found[0] in codes(now(sim)) and 15 <= int(found[1]) <= 22


def test_a_fresh_one_is_better_when_few_seconds_are_left(
    sim: SimulatedToken, person: Person
) -> None:
    account = person.put(ALICE)
    wait_until(sim, 4)
    shown = person.offered(account, "c\n\n", 0.1)
    assert re.search(r"\d{6}   only [1-4] s left: better to wait", shown), shown
    wait_until(sim, 25)
    assert "better" not in person.offered(account, "c\n\n", 0.1)


@pytest.mark.parametrize("keys", ["\n", "n\n", "q\n", ""])
def test_nobody_has_to_take_one(person: Person, keys: str) -> None:
    shown = person.offered(person.put(ALICE), keys)
    assert not re.search(r"\d{6}", shown)


def test_who_refuses_or_does_not_press_is_asked_again(person: Person) -> None:
    account = person.put(ALICE)
    shown = person.offered(account, "c\nc\nc\n\n", 1.2, None, 0.1)
    assert len(re.findall(r"(?m)^\d{6} ", shown.replace(site_code._QUESTION, "\n"))) == 1, shown
    assert "refused" in shown.lower() and "nobody pressed" in shown.lower()


def test_ctrl_c_takes_the_question_at_the_token_away(sim: SimulatedToken, person: Person) -> None:
    account = person.put(DOOR)
    with pytest.raises(KeyboardInterrupt):  # and nothing else follows
        person.offered(account, "c\n\n", KeyboardInterrupt())
    sim.press(after=0.3)  # answers nothing
    sim.wait(4)
    assert "(counter 0)" in person.offered(account, "c\n\n", 0.1)


def test_each_code_of_an_hotp_account_counts_and_that_is_said(person: Person) -> None:
    account = person.put(DOOR)
    shown = person.offered(account, "c\nc\n\n", 0.1, 0.1)
    assert "Each code counts" in shown
    hotp = pyotp.HOTP(BASE32)
    for counter in (0, 1):
        assert f"{hotp.at(counter)}   (counter {counter})" in shown


@pytest.mark.parametrize(("others", "favourite", "said"), [
    (3, False, False), (40, False, True), (40, True, False),
])  # fmt: skip
def test_the_way_to_an_account_that_is_many_presses_away(
    person: Person, others: int, favourite: bool, said: bool
) -> None:
    account = replace(person.put(ALICE), favourite=favourite)
    shown = person.offered(account, "\n", others=others)
    assert ("Find in its menu" in shown) == said


def test_a_token_that_does_not_know_the_time(
    person: Person, sim: SimulatedToken, capfd: pytest.CaptureFixture[str]
) -> None:
    account = person.put(ALICE)
    with Token(sim.transport()) as token:
        capfd.readouterr()
        site_code.offer(token, account, knows_time=False)
    assert "tokenctl sync, then tokenctl code 'Example:alice'" in capfd.readouterr()[1]


# --- the whole command --------------------------------------------------------------


@pytest.fixture(scope="module")
def token(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder: Path = tmp_path_factory.mktemp("token")
    with running(folder / "t", "--link", str(folder / "port")) as token:
        with Token.open(token.port, token.agree) as opened:
            opened.sync()
        yield token


def test_at_the_end_of_provision(token: Running, tmp_path: Path) -> None:
    picture = tmp_path / "code.png"
    picture.write_bytes(page(URI))
    with Terminal("--port", token.port, "provision", str(picture)) as terminal:
        terminal.until("q quits: ")
        terminal.type("\n")
        token.answer(terminal.asked)
        terminal.until("The site now asks for a code.")
        terminal.until("Enter continues: ")
        terminal.type("c\n")
        token.answer(terminal.asked)
        terminal.until(" s left")
        terminal.until("Enter continues: ")
        terminal.type("\n")
        terminal.until("[y/N")  # a PIN
        terminal.type("n\n")
        terminal.until("Delete ")
        terminal.type("y\n")
        code, out = terminal.finish()
    assert code == 0 and not picture.exists(), terminal.shown
    assert "alice" in out and not re.search(r"^\d{6}", out, re.MULTILINE)


@pytest.mark.parametrize("option", ["--yes", "--json"])
def test_a_script_is_not_asked(token: Running, tmp_path: Path, option: str) -> None:
    uris = tmp_path / "uris.txt"
    uris.write_text(URI.replace("alice", option[2:]))
    with Terminal("--port", token.port, "provision", "--replace", option, str(uris)) as terminal:
        if option == "--json":
            terminal.until("q quits: ")
            terminal.type("\n")
        token.answer(terminal.asked)
        if option == "--json":
            terminal.until("Delete ")
            terminal.type("n\n")
        assert terminal.finish()[0] == 0
    assert "The site wants" not in terminal.shown


def test_without_a_terminal_nobody_is_asked(commandline: CommandLine) -> None:
    for answer, code in ((PRESS, 0), (NO, 7), (NOTHING, 7)):
        result = commandline("provision", "--replace", "-", stdin=URI, answer=answer)
        assert result.code == code and "The site wants" not in result.err
