"""Provisioning over the simulated link, against the limit of 115200 baud.

The limit is the time of all bytes of requests and answers, with framing and
acknowledgements, as the simulated UART counts them, at 11520 bytes a second and in
one direction at a time. A batch is written and verified as by `tokenctl provision`;
the press that confirms it comes before timing starts.

Simulated time includes the wire, the flash and the bus, but not the firmware's
computing; in real time the firmware computes on this computer.
"""

import time
from dataclasses import dataclass
from pathlib import Path

from bench import samples
from bench.figure import Figure, share
from tokenctl.device.token import Token
from tokenctl.enrol import provisioning
from tokensim.link.link import PtyLink
from tokensim.token import SimulatedToken

BYTES_PER_SECOND = 11520  # 115200 baud, ten bits a byte
READ = 0.7  # seconds until the press: the question must have been shown for a while


class Confirmed(Token):
    """A token whose batch is confirmed before timing starts."""

    def confirm(self, count: int) -> None:
        """Have `count` additions confirmed."""
        self._confirmed = super().batch(count)

    def batch(self, additions: int, replacements: int = 0) -> str:
        """Return the id of the batch that was confirmed."""
        return self._confirmed


@dataclass(frozen=True)
class Run:
    """The result of a run: accounts, seconds, and bytes on the wire."""

    accounts: int
    seconds: float
    bytes: int

    @property
    def allowed(self) -> float:
        """The seconds that the bytes take at 115200 baud."""
        return self.bytes / BYTES_PER_SECOND


def in_simulated_time(count: int, state: Path | None = None) -> Run:
    """Provision `count` accounts; the folder `state` keeps the token."""
    with SimulatedToken(state) as board:
        transport = board.transport()
        token = Confirmed(transport, lambda notice: board.press(after=READ))
        return _provision(board, token, transport.monotonic, count)


def in_real_time(count: int) -> Run:
    """As in_simulated_time(), but through a pseudo-terminal, in real time on this computer."""
    with (
        SimulatedToken(endpoint=PtyLink()) as board,
        Confirmed.open(board.port, lambda notice: board.press(after=READ)) as token,
    ):
        return _provision(board, token, time.monotonic, count)


def _provision(board: SimulatedToken, token: Confirmed, clock, count: int) -> Run:
    uart = board.chip.uart
    token.confirm(count)
    steps = provisioning.plan(samples.enrolments(count), [], replace=False)
    bytes_before, start = uart.received + uart.sent, clock()
    provisioning.write(token, steps)
    return Run(count, clock() - start, uart.received + uart.sent - bytes_before)


def figures(group: str, run: Run, at_least: float = 50) -> list[Figure]:
    """Return the figures of a run."""
    return [
        Figure(group, "accounts", run.accounts, ""),
        Figure(group, "bytes on the wire for an account", run.bytes / run.accounts, "bytes"),
        Figure(group, "accounts a second that 115200 baud allow", run.accounts / run.allowed, "/s"),
        Figure(group, "accounts a second", run.accounts / run.seconds, "/s"),
        share(group, "of what is allowed", run.allowed, run.seconds, at_least),
    ]
