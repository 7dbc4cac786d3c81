"""A window with a program in it, as a terminal shows it: what stands where, after all it wrote."""

import fcntl
import os
import pty
import re
import select
import struct
import termios
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Self

from support.prepared import Command

TIMEOUT = 100  # seconds
AGAIN = 1.5  # seconds
_PIECE = re.compile(r"\x1b\[([0-9;?]*)([A-Za-z])|([^\x1b])", re.DOTALL)


class Window:
    """Runs a command at a pseudo-terminal of its own; a context manager that ends it."""

    def __init__(self, command: Sequence[str | Path], columns: int, rows: int) -> None:
        self._master, self._slave = pty.openpty()
        self.resize(columns, rows)
        self.before = termios.tcgetattr(self._slave)
        self.process = Command(
            command,
            stdin=self._slave,
            stdout=self._slave,
            stderr=self._slave,
            env=os.environ | {"TERM": "xterm-256color"},
        )
        self.written = ""
        self._rest = b""  # of a character that came in two parts

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._slave)
        os.close(self._master)

    def resize(self, columns: int, rows: int) -> None:
        """Make it another size."""
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def type(self, keys: str) -> None:
        """Type."""
        os.write(self._master, keys.encode())

    def settings(self) -> list[Any]:
        """Return how the terminal is set."""
        return termios.tcgetattr(self._slave)

    def until(self, found: Callable[[list[str]], bool], keys: str = "") -> list[str]:
        """Return the lines that stand there as soon as `found` says so.

        Until then `keys` are typed again and again: a board that starts misses a press.
        """
        end = typed = time.monotonic() + TIMEOUT
        while not found(lines := screen(self.written)):
            now = time.monotonic()
            assert now < end, "\n".join(lines)
            if keys and abs(now - typed) > AGAIN:
                self.type(keys)
                typed = now
            self._read(0.2)
        return lines

    def finish(self) -> int:
        """Return the exit code, when all that it wrote is there."""
        end = time.monotonic() + TIMEOUT
        while self.process.poll() is None and time.monotonic() < end:
            self._read(0.05)
        while self._read(0.05):
            pass
        assert self.process.returncode is not None, "it does not end"
        return self.process.returncode

    def _read(self, timeout: float) -> bool:
        if not select.select([self._master], [], [], timeout)[0]:
            return False
        self._rest += os.read(self._master, 65536)
        text = self._rest.decode(errors="ignore")
        self.written += text
        self._rest = self._rest[len(text.encode()) :]
        return True


def screen(written: str) -> list[str]:
    """Return the lines that stand in a window after all that was written to it (ECMA-48)."""
    cells: dict[tuple[int, int], str] = {}
    row, column = 1, 1
    for parameters, final, character in _PIECE.findall(written):
        if final == "H":
            row, column = (int(each) for each in (parameters or "1;1").split(";"))
        elif final == "J" or (final in "hl" and parameters == "?1049"):
            cells.clear()
        elif character == "\n":
            row += 1
        elif character == "\r":
            column = 1
        elif character:
            cells[row, column] = character
            column += 1
    rows = max((row for row, _ in cells), default=0)
    width = max((column for _, column in cells), default=0)
    return [
        "".join(cells.get((y, x), " ") for x in range(1, width + 1)).rstrip()
        for y in range(1, rows + 1)
    ]
