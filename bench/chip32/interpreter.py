"""Simulated tokens whose firmware runs in the 32-bit MicroPython with a chip's heap."""

import os
import signal
import subprocess
from pathlib import Path
from typing import NamedTuple

from bench.heap32.allocator import ESP32, TABLES
from tokensim.port.interpreter import Interpreter

PORT = Path(__file__).parents[2] / ".venv/chip32/micropython"
MISSING = "there is no 32-bit MicroPython here: make .venv/chip32/micropython"
STAND_INS = 60_544  # bytes that the stand-ins for the board's modules hold at the start


class Memory(NamedTuple):
    """The heap, in bytes: `used` with garbage, `free`, the `largest` free run; areas taken."""

    used: int
    free: int
    largest: int
    areas: int


class Chip32(Interpreter):
    """An Interpreter that is this MicroPython; `heap` is that of an ESP32, whatever is given."""

    arch = "x86"
    is_copied = False

    def _command(self, modules: Path, heap: str) -> list[str]:
        self._report = modules / "report"
        self._report.touch()
        size = int((ESP32.first + STAND_INS) / TABLES)
        named = f"CHIP32_REPORT={self._report}"
        return ["/usr/bin/env", named, str(PORT), "-X", f"heapsize={size}", "-m", "_boot"]

    def _start(
        self, modules: Path, heap: str, environment: dict[str, str]
    ) -> "subprocess.Popen[bytes]":
        self._port = super()._start(modules, heap, environment)
        return self._port

    def memory(self, collect: bool = False) -> Memory:
        """Return the state of the heap, while the firmware waits for a reply.

        With `collect` garbage is freed first, which the chip would not do now.
        """
        before = self._report.stat().st_size
        os.kill(self._port.pid, signal.SIGUSR2 if collect else signal.SIGUSR1)
        while self._report.stat().st_size == before:
            if self._port.poll() is not None:
                raise EOFError("MicroPython has ended")
        last = self._report.read_text().splitlines()[-1]
        return Memory(*map(int, last.split()))
