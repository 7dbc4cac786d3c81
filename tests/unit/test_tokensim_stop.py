"""Ctrl-C at `tokensim run` ends it, whatever it is doing when that comes."""

import signal
import sys
from collections.abc import Iterator
from types import FrameType
from typing import Any

import pytest

from tokensim.commands.run import Stop

SHORT, LONG = 0.001, 60  # seconds


@pytest.fixture
def stop() -> Iterator[Stop]:
    stop = Stop()
    before = signal.signal(signal.SIGUSR1, stop.ask)
    yield stop
    signal.signal(signal.SIGUSR1, before)


def interrupted(stop: Stop, line: int) -> bool:
    """Send the signal at the line with this number that asked() runs, if it runs so many."""
    count = 0

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal count
        if frame.f_code is Stop.ask.__code__:
            return None
        if event == "line":
            if count == line:
                signal.raise_signal(signal.SIGUSR1)
            count += 1
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        stop.asked(SHORT)
    finally:
        sys.settrace(before)
    return count > line


def test_it_is_asked_for_in_the_midst_of_waiting(stop):
    line = 0
    while interrupted(stop, line):
        assert stop.asked(LONG) and stop.asked(), "it stays so"
        line += 1
    assert line > 1


def test_nobody_asks(stop):
    assert not stop.asked() and not stop.asked(SHORT)
