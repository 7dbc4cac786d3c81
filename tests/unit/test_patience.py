"""How long tokensim waits for a firmware that starts."""

import pytest

from tokensim.link.rfc2217 import Rfc2217Link
from tokensim.running import running_board
from tokensim.running.patience import Patience
from tokensim.token import SimulatedToken


def test_a_firmware_that_works_is_waited_for_and_a_silent_one_is_not() -> None:
    patience = Patience(100.0, quiet=10, longest=60)
    assert not any(patience.is_over(now, signs=now) for now in range(100, 150, 9))
    assert not patience.is_over(154, signs=145)
    assert patience.is_over(156, signs=145), "ten seconds without a sign of life"


def test_nobody_waits_for_ever() -> None:
    patience = Patience(100.0, quiet=10, longest=60)
    assert not patience.is_over(159, signs=1)
    assert patience.is_over(160, signs=2)


def test_who_gives_up_says_why_and_what_helps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running_board, "Patience", lambda now: Patience(now, 0, 0))
    with pytest.raises(TimeoutError, match="computer is too busy.*try again"):
        SimulatedToken(endpoint=Rfc2217Link(0)).__enter__()
