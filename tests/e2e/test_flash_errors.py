"""A flash that refuses one operation, with an error of ESP-IDF's, in the midst of a change.

What the token holds in memory may then not be what is in the flash: it restarts, reads that again,
and the computer's request, which is repeated, is answered by what became of it.
"""

import contextlib

import pytest
from e2e.conftest import presser
from e2e.shown_codes import SECRET

from otpcore.account import Account
from otpcore.errors import WireError
from otpcore.otp import hotp
from tokenctl.device.token import Token
from tokenctl.errors import TokenctlError
from tokensim.token import SimulatedToken

DOOR = Account("Door", "key", SECRET, "hotp", counter=5)
SITE = Account("Site", "me", SECRET[::-1])
MORE = Account("More", "me", SECRET[:16])


class Refusing:
    """A simulated flash's operations, of which one fails: the one with this number from now on."""

    def __init__(self, sim: SimulatedToken, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
        self.left = number
        for name in ("program", "erase"):
            monkeypatch.setattr(sim.board.flash, name, self._in_front(sim.board.flash, name))

    def _in_front(self, flash, name):
        real = getattr(flash, name)

        def operation(*arguments):
            self.left -= 1
            if not self.left:
                raise ValueError  # the chip gets an error
            real(*arguments)

        return operation


@pytest.mark.parametrize("number", range(1, 8))
def test_one_error_while_an_account_changes_loses_nothing_and_raises_no_alarm(
    sim: SimulatedToken, token: Token, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    token.add(DOOR)
    refusing = Refusing(sim, monkeypatch, number)
    with contextlib.suppress(WireError, TokenctlError):  # of a code that was made and lost
        assert token.code(1).code == hotp(SECRET, 5)
    with Token(sim.transport(), presser(sim)) as again:
        again.add(SITE)
        assert again.code(1).code in (hotp(SECRET, 5), hotp(SECRET, 6))
        again.remove(2)
        again.add(MORE)
    assert refusing.left < 0
    sim.reset()
    with Token(sim.transport(), presser(sim)) as after:
        assert [each.issuer for each in after.accounts()] == ["Door", "More"]
        status = after.status()
    assert (status.changed, status.damaged_count) == (False, 0)
