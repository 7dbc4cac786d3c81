"""What the tests of the PIN share: tokens with and without one, and somebody who enters it."""

from collections.abc import Iterator

import pytest
from e2e.commandline import CommandLine
from e2e.saved import after, protect, provision, restarted
from e2e.typist import Typist

from otpcore.account import Account
from tokensim.token import SimulatedToken

ALICE = Account("Example", "alice@example.com", b"12345678901234567890")
PIN, OTHER = "102010", "20102011"
DARK = 31  # seconds without a press
CHANGE = 3  # PINs are entered for it
UNLOCKING = 3  # seconds


def _one_account(sim: SimulatedToken) -> None:
    provision(sim, ALICE)


def _with_pin(sim: SimulatedToken) -> None:
    provision(sim, ALICE)
    protect(sim, PIN)


@pytest.fixture
def alice(monkeypatch, capfd) -> Iterator[CommandLine]:
    """A token that knows the time and has one account."""
    with restarted(after(_one_account)) as token:
        yield CommandLine(token, monkeypatch, capfd)


@pytest.fixture
def locked(monkeypatch, capfd) -> Iterator[CommandLine]:
    """The same one with a PIN: it has just been switched on."""
    with restarted(after(_with_pin)) as token:
        yield CommandLine(token, monkeypatch, capfd)


def entering(run: CommandLine, *pins: str, two: bool = False):
    """Return what somebody does who enters these PINs when the token asks.

    Of three the first is the present one, with which the token takes some seconds.
    """

    def enter(notice):
        typist = Typist(run.token, two)
        for place, each in enumerate(pins):
            typist.enter(each)
            if len(pins) == CHANGE and not place:
                typist.think(UNLOCKING)

    return enter


def holding(run: CommandLine, *pins: str):
    """Return what somebody does who holds for a question, and enters PINs where they are asked."""

    def answer(notice):
        if notice == "hold":
            run.token.press(3.3, 0.7)
        else:
            entering(run, *pins)(notice)

    return answer


def set_pin(run: CommandLine, *pins: str, two: bool = False) -> None:
    result = run("pin", "set", answer=entering(run, *pins, two=two))
    assert (result.code, run.asked) == (0, ["pin"]), result


def status(run: CommandLine):
    return run("status", "--json").json
