"""What a token must do, simulated or real: pytest --port PORT --wipe-serial NUMBER tests/e2e.

On a real token each test begins with a wipe, and a person presses the button
when the terminal says so.
"""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pyotp
import pytest
from e2e.commandline import HOLD, NO, CommandLine, Result
from e2e.real_token import RealToken

from tokensim.token import SimulatedToken

pytestmark = [pytest.mark.real_token, pytest.mark.timeout(600)]

PICTURES = Path(__file__).parents[1] / "data" / "pictures"
SEVERAL = str(PICTURES / "several.png")
BANK = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"  # the secrets in the picture, see make.py
DOOR = "KRSXG5BAON2HE2LOM4QHG5DSNFXGO4ZB"

Run = Callable[..., Result]


@pytest.fixture
def run(
    real_token: tuple[str, str] | None,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> Iterator[CommandLine | RealToken]:
    """tokenctl's commands on an empty token whose clock is right."""
    if real_token is None:
        with SimulatedToken() as token:
            run = CommandLine(token, monkeypatch, capfd)
            assert run("sync").code == 0
            yield run
        return
    run = RealToken(real_token[0], real_token[1], monkeypatch, capfd)
    if run("status", "--json").json["account_count"]:
        assert run("wipe", answer=HOLD).code == 0
    assert run("sync").code == 0
    yield run


def now(run: CommandLine | RealToken) -> float:
    return run.token.time.now() / 1e9 if isinstance(run, CommandLine) else time.time()


def names(run: Run) -> list[str]:
    return [each["issuer"] for each in run("list", "--json").json]


def test_a_picture_s_accounts_give_the_codes_of_another_implementation(run):
    added = run("provision", "--all", "--json", SEVERAL)
    assert added.code == 0 and run.asked == ["press"]
    expected = run("provision", "--all", "--json", "--dry-run", SEVERAL).json
    checks = [each["key_check_value"] for each in expected]
    assert [each["key_check_value"] for each in run("list", "--json").json] == checks
    code = run("code", "Bank").out.strip()
    after = int(now(run))
    assert code in {pyotp.TOTP(BANK).at(after - late) for late in range(8)}
    assert run("code", "Door").out.strip() == pyotp.HOTP(DOOR).at(7)
    assert run("list", "--json").json[2]["counter"] == 8


def test_order_names_and_removal(run):
    assert run("provision", "--all", SEVERAL).code == 0
    assert run("move", "Door", "1").code == 0
    assert run("rename", "VPN", "--issuer", "Office").code == 0
    assert run("remove", "Bank").code == 0
    assert names(run) == ["Example Door", "Office"]


def test_what_is_refused_at_the_token_changes_nothing(run):
    run("provision", SEVERAL, "--all", answer=NO).refused(7, "refused at the token")
    assert names(run) == []


def test_the_same_account_twice(run):
    example = str(PICTURES / "example-totp.png")
    assert run("provision", example).code == 0
    assert run("provision", example).code == 0  # it is there already
    assert not run.asked
    assert run("provision", "--replace", example).code == 0
    assert names(run) == ["Example Bank"]


def test_the_clock_is_right_to_the_second(run):
    result = run("sync", "--json")
    assert not run.asked and abs(result.json["offset_ms"]) <= 1000
    assert abs(run("status", "--json").json["unix_time"] - now(run)) <= 1.5


def test_wipe_takes_a_hold(run):
    assert run("provision", str(PICTURES / "example-totp.png")).code == 0
    run("wipe").refused(7, "refused")
    assert len(names(run)) == 1
    assert run("wipe", answer=HOLD).code == 0
    assert names(run) == []
