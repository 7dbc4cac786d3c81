"""Two simulated tokens, each with somebody who answers it, for what passes between them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from e2e.typist import Typist

from otpcore.account import Account
from tokenctl.device.token import StoredAccount, Token
from tokensim.token import START, SimulatedToken

SHORT, LONG, HOLD = 0.1, 1.2, 3.3  # seconds that the button is down
THINKING = 0.5  # seconds


@dataclass
class Side:
    """One token, and who stands at it. `asked` are its notices, `refuse` those answered no."""

    sim: SimulatedToken
    pin: str = ""
    refuse: tuple[str, ...] = ()
    asked: list[str] = field(default_factory=list)
    screens: list[list[bytes]] = field(default_factory=list)  # rows of pixels, at each notice

    def answer(self, notice: str) -> None:
        """Do what somebody does."""
        self.asked.append(notice)
        self.screens.append(self.sim.look()[0])
        no = notice in self.refuse
        if notice == "pin":
            Typist(self.sim).enter(self.pin)
        elif notice == "press":
            self.sim.press(LONG if no else SHORT, THINKING)
        elif notice == "hold":
            self.sim.press(SHORT if no else HOLD, THINKING)

    @contextmanager
    def token(self) -> Iterator[Token]:
        """Open the token."""
        with Token(self.sim.transport(), self.answer) as token:
            yield token

    def put(self, *accounts: Account) -> None:
        """Put accounts on the token."""
        with self.token() as token:
            batch = token.batch(len(accounts)) if len(accounts) > 1 else None
            for account in accounts:
                token.add(account, batch)
        self.asked.clear()

    def has(self) -> list[StoredAccount]:
        """Return what is on the token."""
        with self.token() as token:
            return token.accounts()

    def set_pin(self, pin: str) -> None:
        """Set a PIN."""
        self.pin = pin
        with Token(self.sim.transport(), lambda _: _twice(self.sim, pin)) as token:
            token.change_pin()


def _twice(sim: SimulatedToken, pin: str) -> None:
    Typist(sim).enter(pin).enter(pin)


@contextmanager
def two_tokens() -> Iterator[tuple[Side, Side]]:
    """Two tokens with serial numbers of their own."""
    with SimulatedToken() as one, SimulatedToken(start=START + 1) as other:
        yield Side(one), Side(other)
