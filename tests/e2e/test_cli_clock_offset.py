"""A token whose clock is off: status and code say so, by how much, and what to do."""

import pyotp
import pytest
from e2e.commandline import CommandLine

from otpcore.account import Account
from otpcore.version import VERSION
from tokenctl.clock.computer import ComputerClock
from tokenctl.exit_codes import EXIT_CODES
from tokensim.token import SimulatedToken

SECRET = b"12345678901234567890"
TOTP = Account("Example", "alice", SECRET)
HOTP = Account("Counted", "alice", SECRET, type="hotp", counter=0)
REFUSED = 20


@pytest.fixture(scope="module")
def token():
    with SimulatedToken() as token:
        yield token


@pytest.fixture
def commandline(token, monkeypatch, capfd):
    commandline = CommandLine(token, monkeypatch, capfd)
    commandline("sync")
    if not commandline.stored():
        commandline.put(TOTP, HOTP)
    return commandline


def shifted(commandline: CommandLine, seconds: float) -> None:
    commandline.token.shift_clock(seconds)
    commandline.token.wait(3)


def test_a_clock_that_is_right_is_compared_and_not_spoken_of(commandline):
    fields = commandline("status", "--json").json
    assert (fields["clock_verdict"], fields["computer_synchronised"]) == ("right", True)
    assert abs(fields["offset_ms"]) <= fields["offset_uncertainty_ms"] < 1000
    line = clock_line(commandline)
    assert "computer" not in line and "refused" not in line
    result = commandline("code", "Example")
    assert result.code == 0 and "Warning" not in result.err


@pytest.mark.parametrize(
    ("shift", "words"),
    [
        (90, "90 s ahead of this computer: codes will be refused; run tokenctl sync"),
        (-3600, "60 min behind this computer: codes will be refused; run tokenctl sync"),
        (31, "31 s ahead of this computer: codes will be refused"),
        (-20, "20 s behind this computer: codes may be refused; run tokenctl sync"),
    ],
)
def test_a_clock_that_is_off_is_said_and_a_code_of_it_is_no_success(commandline, shift, words):
    shifted(commandline, shift)
    assert words in clock_line(commandline)
    fields = commandline("status", "--json").json
    assert abs(fields["offset_ms"] - shift * 1000) <= fields["offset_uncertainty_ms"] < 1000
    wrong = abs(shift) >= 30
    assert fields["clock_verdict"] == ("wrong" if wrong else "doubtful")
    result = commandline("code", "Example")
    assert result.code == (REFUSED if wrong else 0)
    assert f"Warning: the token's clock is {words}" in result.err
    # It is the code of the token's time: who knows better than this computer may use it.
    shown = commandline.token.time.now() // 10**9 + shift
    totp = pyotp.TOTP("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")
    assert result.out.strip() in {totp.at(shown), totp.at(shown - 30)}
    assert result.err.index("Warning") < result.err.index("Look at the token"), "before the press"
    fields = commandline("code", "Example", "--json")
    assert fields.code == result.code
    assert abs(fields.json["offset_ms"] - shift * 1000) < 1000
    assert fields.json["clock_verdict"] == ("wrong" if wrong else "doubtful")


def test_a_counter_knows_no_time(commandline):
    shifted(commandline, 90)
    result = commandline("code", "Counted")
    assert result.code == 0 and "Warning" not in result.err


def test_a_computer_that_is_not_synchronised_may_be_the_one_that_is_wrong(commandline, monkeypatch):
    monkeypatch.setattr("tokenctl.clock.computer.read", lambda: ComputerClock(False, 3600.0))
    shifted(commandline, 90)
    line = clock_line(commandline)
    assert "90 s ahead" in line and "not synchronised" in line
    assert commandline("status", "--json").json["computer_synchronised"] is False
    result = commandline("code", "Example")
    assert result.code == REFUSED and "not synchronised" in result.err


def test_a_token_without_a_time_is_not_compared(monkeypatch, capfd):
    with SimulatedToken() as new:
        fields = CommandLine(new, monkeypatch, capfd)("status", "--json").json
    assert fields["firmware"] == VERSION and fields["unix_time"] is None
    names = ("offset_ms", "offset_uncertainty_ms", "clock_verdict", "computer_synchronised")
    assert [fields[name] for name in names] == [None] * 4


def test_the_exit_code_is_in_the_list():
    assert "refused" in EXIT_CODES[REFUSED].meaning


def clock_line(commandline: CommandLine) -> str:
    result = commandline("status")
    assert (result.code, result.err) == (0, "")
    (line,) = [each for each in result.out.splitlines() if each.startswith("Clock ")]
    return line
