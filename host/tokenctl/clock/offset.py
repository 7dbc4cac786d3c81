"""How far a token's clock is from the computer's, and what that means for its codes.

A service takes the codes of the time step that it is in and, as RFC 6238 (section 5.2) has it,
of one beside it: a step is 30 s. So a clock that is off by a step or more makes codes that are
refused; from a third of a step on, a strict service refuses some.
"""

from dataclasses import dataclass

from tokenctl.clock.computer import ComputerClock

RIGHT, DOUBTFUL, WRONG = "right", "doubtful", "wrong"
DOUBTFUL_FROM, WRONG_FROM = 10.0, 30.0  # seconds


@dataclass(frozen=True)
class ClockOffset:
    """The token is `seconds` ahead of the computer, give or take `uncertainty` (s).

    The uncertainty is that of the comparison; `computer` says whether the computer itself is right.
    """

    seconds: float
    uncertainty: float
    computer: ComputerClock

    @property
    def verdict(self) -> str:
        """RIGHT; DOUBTFUL if codes may be refused; WRONG if they will be. The computer is trusted.

        Only what is certain counts: a comparison over a slow link may leave a doubt.
        """
        least = abs(self.seconds) - self.uncertainty
        if least >= WRONG_FROM:
            return WRONG
        most = abs(self.seconds) + self.uncertainty
        return DOUBTFUL if least >= DOUBTFUL_FROM or most >= WRONG_FROM else RIGHT


def compared(unix: int, sent: float, arrived: float, computer: ComputerClock) -> ClockOffset:
    """Return the offset of a token that answered with its Unix second `unix`.

    It answered between `sent` and `arrived`, the computer's Unix times (s) of the request and of
    the answer, at an unknown moment of that second.
    """
    least, most = unix - arrived, unix + 1 - sent
    return ClockOffset((least + most) / 2, (most - least) / 2, computer)
