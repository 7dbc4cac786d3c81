"""Starts of MicroPython as copies of a process that has loaded the stand-ins."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tokensim.port import pipes, unix_port
from tokensim.port.interpreter import Interpreter
from tokensim.port.prototype import Prototype
from tokensim.port.runtime import Runtime
from tokensim.token import SimulatedToken

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Prototype.is_supported(), reason="only Linux has what copies take"),
]

NOTED = """
import sys
from tokensim.port import unix_port
from tokensim.token import SimulatedToken
with SimulatedToken():
    (prototype,) = unix_port._prototypes.values()
    print(prototype._process.pid, flush=True)
    sys.stdin.read()
"""


class Fresh(Interpreter):
    """An interpreter that is started from its beginning each time."""

    is_copied = False


def prototype():
    with SimulatedToken():
        mine = [one for key, one in unix_port._prototypes.items() if key[0] == str(os.getpid())]
    return mine[-1]


def requests(monkeypatch, kind):
    """Return what the firmware asks for until it listens, and how long it computed before each."""
    asked: list[Any] = []
    receive = pipes.Pipes.receive

    def noted(self):
        asked.append(receive(self))
        return asked[-1]

    with monkeypatch.context() as patch:
        patch.setattr(pipes.Pipes, "receive", noted)
        with SimulatedToken(runtime=Runtime(interpreter=kind)) as sim:
            return asked[:], sim.screen(), sim.time.now()


def gone(pid):
    """Return whether a process ends within half a minute."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return True
        if state == "Z":
            return True
        time.sleep(0.01)
    return False


def test_a_copy_does_the_same_as_a_fresh_start(monkeypatch):
    fresh, copy = requests(monkeypatch, Fresh), requests(monkeypatch, Interpreter)
    # How much of the heap is live ("G") differs by what the first start computed for the second.
    bare = [[each for each in asked if each.operation != b"G"] for asked, _, _ in (fresh, copy)]
    assert bare[0] == bare[1]
    assert len(fresh[0]) == len(copy[0])
    assert fresh[1:] == copy[1:]


def test_a_start_is_a_copy_with_an_environment_and_a_folder_of_its_own():
    made = prototype()
    with SimulatedToken() as first, SimulatedToken() as second:
        pids = [sim.chip.execution.running()._process.pid for sim in (first, second)]
        places = [os.readlink(f"/proc/{pid}/cwd") for pid in pids]
        parents = [int(Path(f"/proc/{pid}/stat").read_text().split()[3]) for pid in pids]
    assert len({*pids, *places}) == 4
    assert parents == [made._process.pid] * 2


def test_a_copy_that_a_signal_ends_has_crashed():
    with SimulatedToken() as sim:
        running = sim.chip.execution.running()
        os.kill(running._process.pid, signal.SIGSEGV)
        assert running.crashed()
        sim.wait(1)  # the chip resets itself
        assert sim.chip.resets == 1


def test_after_the_end_of_what_is_copied_there_is_another():
    made = prototype()
    made._process.kill()
    assert gone(made._process.pid)
    with SimulatedToken() as sim:  # from the beginning
        assert sim.chip.ready
    assert prototype() is not made


def test_what_is_copied_ends_with_its_simulator():
    run = subprocess.Popen([sys.executable, "-c", NOTED], stdin=-1, stdout=-1, text=True)
    assert run.stdout is not None
    pid = int(run.stdout.readline())
    run.kill()
    run.communicate()
    assert gone(pid)
