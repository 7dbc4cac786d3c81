"""Runs a Python program at a pseudo-terminal, types at it, and reads its screen."""

import os
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest

pty = pytest.importorskip("pty", reason="no pseudo-terminals on this system")

ROOT = Path(__file__).parents[2]
PATH = os.pathsep.join((str(ROOT / "firmware"), str(ROOT / "host")))
TIMEOUT = 100  # seconds


class PtyProgram:
    """Runs `program` (source) with one argument, at a terminal but for its standard output."""

    def __init__(self, program: str, argument: str, **environment: str) -> None:
        self.master, self.slave = pty.openpty()
        defaults = {"PYTHONPATH": PATH, "PYTHONIOENCODING": "utf-8", "TERM": "xterm"}
        self.program = subprocess.Popen(
            [sys.executable, "-c", program, argument],
            stdin=self.slave,
            stdout=subprocess.PIPE,
            stderr=self.slave,
            env=os.environ | defaults | environment,
            start_new_session=True,
        )
        self.screen = ""

    def until(self, words: str) -> str:
        """Wait for these words; return the screen's new text up to them."""
        end = time.monotonic() + TIMEOUT
        seen = b""
        while words not in seen.decode(errors="replace"):
            assert time.monotonic() < end, f"no {words!r} in {seen!r}"
            if select.select([self.master], [], [], 0.1)[0]:
                seen += os.read(self.master, 1)
        text = seen.decode(errors="replace")
        self.screen += text
        return text

    def type(self, keys: str) -> None:
        """Type these keys."""
        os.write(self.master, keys.encode())

    def echoes(self) -> bool:
        """Return whether the terminal echoes what is typed."""
        import termios

        return bool(termios.tcgetattr(self.slave)[3] & termios.ECHO)

    def close(self) -> None:
        """End the program."""
        self.program.kill()
        self.program.wait()
        if self.program.stdout:
            self.program.stdout.close()
        os.close(self.master)
        os.close(self.slave)
