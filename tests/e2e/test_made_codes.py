"""An HOTP code that was made at the token is shown only as long as it is the account's last one."""

import pytest
from e2e.shown_codes import SECRET, code_now

from otpcore.account import Account
from otpcore.otp import hotp
from tokenctl.device.token import Token
from tokensim.token import SimulatedToken

DOOR = Account("Door", "key", SECRET, "hotp", counter=5)
NONE = "------"
LONG = 0.9  # seconds that the button is down


def make(sim: SimulatedToken, counter: int) -> None:
    """Have the code of a counter made, and see it on the screen."""
    sim.wait(5)
    sim.press(LONG)
    sim.wait(2)
    assert code_now(sim) == hotp(SECRET, counter)


@pytest.mark.parametrize("counter", [0, 6])
def test_no_code_of_the_secret_that_was_replaced(
    sim: SimulatedToken, token: Token, counter: int
) -> None:
    token.add(DOOR)
    batch = token.batch(0, 1)
    make(sim, 5)
    token.replace(1, Account("Door", "key", SECRET[::-1], "hotp", counter=counter), batch)
    sim.wait(2)
    assert code_now(sim) == NONE


def test_no_code_that_a_service_refuses_after_a_later_one(
    sim: SimulatedToken, token: Token
) -> None:
    token.add(DOOR)
    make(sim, 5)
    assert token.code(1).code == hotp(SECRET, 6)
    sim.wait(2)
    assert code_now(sim) == NONE
    make(sim, 7)


def test_it_stays_under_another_name(sim: SimulatedToken, token: Token) -> None:
    token.add(DOOR)
    make(sim, 5)
    token.rename(1, "Gate", "key")
    sim.wait(2)
    assert code_now(sim) == hotp(SECRET, 5)
