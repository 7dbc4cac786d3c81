"""The REPL of a simulated board, without the board: what mpremote sends, and Ctrl-C at once."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tokensim.port.repl import Repl

RAW, RUN, CTRL_C = b"\1", b"\4", b"\3"


@pytest.fixture
def repl(tmp_path: Path) -> Iterator[Repl]:
    """One in raw mode."""
    repl = Repl(tmp_path)
    repl.begin()
    repl.take(RAW)
    repl.output()
    yield repl
    repl.end()


def finish(repl: Repl) -> bytes:
    """Return what a program writes until it ends, in time."""
    written, end = b"", time.monotonic() + 60
    while repl.busy and time.monotonic() < end:
        written += repl.output()[0]
        time.sleep(0.001)
    assert not repl.busy
    return written + repl.output()[0]


def run(repl: Repl, program: bytes) -> bytes:
    """Run a program; return what it writes."""
    repl.take(program + RUN)
    return finish(repl)


def test_names_stay_until_a_restart(repl):
    assert run(repl, b"x = 41") == b"OK\4\4>"
    assert run(repl, b"print(x + 1)") == b"OK42\r\n\4\4>".replace(b"\r", b"")
    repl.end()
    repl.take(RAW)
    assert b"NameError" in run(repl, b"print(x)")


@pytest.mark.parametrize("first", [b"", b"x = 41"], ids=["the first program", "a later one"])
def test_ctrl_c_at_once_ends_the_program_and_no_more(repl, first):
    """It comes with the program, which has not begun: on a board that has read it by then."""
    if first:
        run(repl, first)
    for _ in range(3):
        repl.take(b"while True: pass" + RUN + CTRL_C)
        # Until it loops: Ctrl-C as a program begins or ends was seen to hang the unix port.
        time.sleep(0.1)
        assert b"KeyboardInterrupt" in finish(repl)
    if first:
        assert b"41" in run(repl, b"print(x)")


def test_what_a_program_writes_is_its_own(repl):
    assert run(repl, b"print('\\x06', end='\\x06')") == b"OK\6\6\4\4>"
