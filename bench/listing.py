"""Listing and finding accounts over the simulated link, and how fast tokenctl itself starts.

In one run on one token with 223 accounts: objects in lines of 128 bytes, as up to commit c324584,
against rows in longer lines, and against asking the token for a name. Simulated time includes the
wire, but no computing; a real port benefits from fewer bytes and round trips (acknowledged
lines).
"""

import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

from bench import samples
from bench.figure import Figure, ratio
from bench.link import READ
from tokenctl.device import link
from tokenctl.device.token import Token
from tokenctl.enrol import provisioning
from tokensim.token import SimulatedToken

ACCOUNTS = 223
_ROUNDS = 7
_GROUP = f"listing {ACCOUNTS} accounts"


def figures() -> list[Figure]:
    """Return the figures of the link."""
    with SimulatedToken() as board:
        token = Token(board.transport(), lambda notice: board.press(after=READ))
        steps = provisioning.plan(samples.enrolments(ACCOUNTS), [], replace=False)
        provisioning.write(token, steps)

        def taken(work: Callable[[Token], Any]) -> tuple[float, int, int]:
            """Return seconds, bytes and lines both ways."""
            uart, transport = board.chip.uart, token._transport
            number, start = uart.received + uart.sent, transport.monotonic()
            lines, write = [0], transport.write

            def counted(data: bytes) -> None:
                lines[0] += 1
                write(data)

            transport.write = counted  # a request's line, or the acknowledgement of a reply's
            work(token)
            transport.write = write
            moment = transport.monotonic() - start
            return moment, uart.received + uart.sent - number, lines[0]

        before, rows, found = taken(as_objects), taken(Token.accounts), taken(_found)
    return [
        Figure(_GROUP, "bytes of rows for those of objects", rows[1] / before[1], "x", at_most=0.4),
        Figure(_GROUP, "round trips of rows for those of objects", rows[2] / before[2], "x"),
        Figure(_GROUP, "time of rows for that of objects", rows[0] / before[0], "x", at_most=0.4),
        Figure(_GROUP, "time to find one for that of all", found[0] / before[0], "x", at_most=0.1),
    ]


def as_objects(token: Token) -> None:
    """List all accounts as objects, as before there were rows."""
    long, link._LONG = link._LONG, ()
    done, total = 0, 1
    while done < total:
        page = token._link.request("accounts.list", {"start": done})
        done, total = done + len(page["accounts"]), page["total"]
    link._LONG = long


def _found(token: Token) -> None:
    (account,) = token.find(f"someone{ACCOUNTS // 2:04}@example.info")
    assert account.issuer == f"Example {ACCOUNTS // 2:04}"  # noqa: S101


def start() -> list[Figure]:
    """Return the processor time of `tokenctl --help`, relative to that of importing click."""
    tool, bare = [], []
    for _ in range(_ROUNDS):
        tool.append(_processor_time("from tokenctl.cli.main import main; main()", "--help"))
        bare.append(_processor_time("import click"))
    return [ratio("start", "tokenctl --help for importing click", tool, bare, at_most=2.0)]


def _processor_time(program: str, *arguments: str) -> float:
    command = [sys.executable, "-c", program, *arguments]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    used = os.wait4(process.pid, 0)[2]
    process.returncode = 0
    return used.ru_utime + used.ru_stime
