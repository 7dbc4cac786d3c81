"""Provisioning over the simulated link, against what 115200 baud allow.

What they allow: all bytes of the requests and the answers, with framing and
acknowledgements, as the simulated UART counts them, at 11520 bytes a second and
in one direction at a time. A batch is written and verified as `tokenctl
provision` does it; the press that confirms it comes before the clock starts.

Simulated time holds the wire, the flash and the bus, and nothing for the
firmware's own computing; in real time the firmware computes on this machine.
"""

import time
from dataclasses import dataclass
from pathlib import Path

from bench import samples
from bench.figure import Figure, share
from tokenctl.device.token import Token
from tokenctl.enrol import provisioning
from tokensim.token import SimulatedToken

BYTES_PER_SECOND = 11520  # 115200 baud, ten bits a byte
READ = 0.7  # seconds until somebody presses: the question must have stood a while


class Confirmed(Token):
    """A token whose batch was confirmed before it was timed."""

    def confirm(self, count: int) -> None:
        """Have `count` additions confirmed."""
        self._confirmed = super().batch(count)

    def batch(self, additions: int, replacements: int = 0) -> str:
        """Return the batch that was confirmed."""
        return self._confirmed


@dataclass(frozen=True)
class Run:
    """So many accounts took `seconds`, and so many bytes on the wire."""

    accounts: int
    seconds: float
    bytes: int

    @property
    def allowed(self) -> float:
        """The seconds that the bytes take at 115200 baud."""
        return self.bytes / BYTES_PER_SECOND


def in_simulated_time(count: int, state: Path | None = None) -> Run:
    """Provision `count` accounts; `state` keeps the token that has them."""
    with SimulatedToken(state) as board:
        transport = board.transport()
        token = Confirmed(transport, lambda notice: board.press(after=READ))
        return _provision(board, token, transport.monotonic, count)


def in_real_time(count: int) -> Run:
    """As in_simulated_time, through a pseudo-terminal and at the pace of this machine."""
    with (
        SimulatedToken(real_time=True) as board,
        Confirmed.open(board.port, lambda notice: board.press(after=READ)) as token,
    ):
        return _provision(board, token, time.monotonic, count)


def _provision(board: SimulatedToken, token: Confirmed, clock, count: int) -> Run:
    uart = board.simulator.uart
    token.confirm(count)
    steps = provisioning.plan(samples.enrolments(count), [], replace=False)
    bytes_before, start = uart.received + uart.sent, clock()
    provisioning.write(token, steps)
    return Run(count, clock() - start, uart.received + uart.sent - bytes_before)


def figures(group: str, run: Run, at_least: float = 50) -> list[Figure]:
    """Return what a run says."""
    return [
        Figure(group, "accounts", run.accounts, ""),
        Figure(group, "bytes on the wire for an account", run.bytes / run.accounts, "bytes"),
        Figure(group, "accounts a second that 115200 baud allow", run.accounts / run.allowed, "/s"),
        Figure(group, "accounts a second", run.accounts / run.seconds, "/s"),
        share(group, "of what is allowed", run.allowed, run.seconds, at_least),
    ]
