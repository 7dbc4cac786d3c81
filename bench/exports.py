"""Importing from an app: reading its export, and putting a thousand of its accounts on a token.

Reading is timed on this computer against a plain list of as many URIs, in turns; the samples
are those of the tests (tests/support/apps), including encrypted ones. Putting accounts on a
token is timed end to end: reading, planning, writing and verifying, against the time of the
bytes on the wire at 115200 baud. In simulated time the reading counts with its real duration;
in real time everything does, including the firmware's computing on this computer.
"""

import importlib
import importlib.util
import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from bench import importing, link, samples
from bench.figure import Figure, ratio
from otpcore import base32
from tokenctl.enrol import apps, pipeline, provisioning
from tokenctl.enrol.enrolment import Enrolment
from tokensim.link.link import PtyLink
from tokensim.token import SimulatedToken

_TESTS = Path(__file__).parents[1] / "tests"
_SAMPLES = "support.apps.registry"
_ROUNDS = 5
_READING = "Reading an app's export, against a list of as many URIs"


def figures(count: int = 1000, count_in_real_time: int = 200) -> Iterator[Figure]:
    """Measure all of it."""
    yield from reading()
    group = "An Aegis export of {} accounts onto a token, end to end, in {} time"
    yield from link.figures(group.format(count, "simulated"), moved(count), at_least=80)
    run = moved(count_in_real_time, real_time=True)
    yield from link.figures(group.format(count_in_real_time, "real"), run, at_least=80)


def reading() -> Iterator[Figure]:
    """Measure how long reading each sample takes, if the samples are available."""
    for name, data, password in _samples():
        count = len(apps.read(data, password=password).entries)
        listed = importing.uris(count).encode()
        sample, plain = [], []
        for _ in range(_ROUNDS):
            sample.append(_seconds(lambda: apps.read(data, password=password)))  # noqa: B023
            plain.append(_seconds(lambda: apps.read(listed)))  # noqa: B023
        yield ratio(_READING, f"{name}, {count} accounts", sample, plain)


def moved(count: int, real_time: bool = False) -> link.Run:
    """Read an export of so many accounts, and provision a token with them."""
    export = aegis(samples.enrolments(count))

    def press(notice: str) -> None:
        board.press(after=link.READ)

    with SimulatedToken(endpoint=PtyLink() if real_time else None) as board:
        if real_time:
            with link.Confirmed.open(board.port, press) as token:
                return _moved(board, token, time.monotonic, export, count)
        transport = board.transport()
        token = link.Confirmed(transport, press)
        read = _seconds(lambda: apps.read(export))  # takes no simulated time
        run = _moved(board, token, transport.monotonic, export, count)
        return link.Run(run.accounts, run.seconds + read, run.bytes)


def _moved(
    board: SimulatedToken,
    token: link.Confirmed,
    clock: Callable[[], float],
    export: bytes,
    count: int,
) -> link.Run:
    uart = board.chip.uart
    token.confirm(count)
    bytes_before, start = uart.received + uart.sent, clock()
    found = pipeline.result(pipeline.finish(apps.read(export).entries))
    steps = provisioning.plan(found, [], replace=False)
    provisioning.write(token, steps)
    return link.Run(count, clock() - start, uart.received + uart.sent - bytes_before)


def aegis(enrolments: list[Enrolment]) -> bytes:
    """Return an export of Aegis with these enrolments."""
    entries = [
        {
            "type": "totp",
            "name": each.account.name,
            "issuer": each.account.issuer,
            "info": {
                "secret": base32.encode(each.account.secret),
                "algo": "SHA1",
                "digits": 6,
                "period": 30,
            },
        }
        for each in enrolments
    ]
    db = {"version": 3, "entries": entries}
    return json.dumps({"version": 1, "header": {"slots": None}, "db": db}).encode()


def _samples() -> Iterator[tuple[str, bytes, Callable[[], str] | None]]:
    """Yield name, file and a function for the password of each sample that can be recognised."""
    sys.path.insert(0, str(_TESTS))
    try:
        if importlib.util.find_spec("support") is None:
            return
        registry: Any = importlib.import_module(_SAMPLES)
    finally:
        sys.path.remove(str(_TESTS))
    for sample in registry.SAMPLES:
        if sample.marked and not sample.slow:
            password = sample.password
            ask = None if password is None else (lambda password=password: password)
            yield sample.name, sample.write(sample.accounts()), ask


def _seconds(run: Callable[[], object]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start
