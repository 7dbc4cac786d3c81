"""A token whose flash holds a release, for tokenctl harden --burn chip-key."""

import pytest
from e2e.loader_bench import BOARDS, NONE, Bench
from e2e.typist import Typist

from otpcore.account import Account

__all__ = ["NONE"]

ALICE = Account("Example", "alice@example.com", b"12345678901234567890")
BOB = Account("Example", "bob@example.com", b"98765432109876543210")
PIN = "102010"


@pytest.fixture
def bench(tmp_path, capfd, monkeypatch):
    """Return what makes a Bench that runs."""
    benches = []

    def make(chip="esp32c3"):
        wiring = BOARDS / f"{chip}-devkit.json"
        benches.append(Bench(tmp_path / "state", monkeypatch, capfd, wiring))
        benches[-1].lay()
        return benches[-1].__enter__()

    yield make
    for each in benches:
        each.__exit__()


def entering(bench, *pins):
    """Return what somebody does who holds for the question, and enters these PINs then."""

    def answer(notice):
        if notice == "hold":
            bench.token.press(3.3, 0.7)
        else:
            typist = Typist(bench.token)
            for pin in pins:
                typist.enter(pin)

    return answer


def with_pin(bench):
    bench.line.put(ALICE)
    result = bench.line("pin", "set", answer=entering(bench, PIN, PIN))
    assert result.code == 0, result
    return bench
