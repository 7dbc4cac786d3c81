"""A terminal in full-screen use: unbuffered keys, cells drawn at their places, restored at the end.

Escape sequences are those of ECMA-48, and xterm's for the alternate screen, which all present
terminals support.
"""

import contextlib
import os
import re
import select
import sys
import tempfile
import termios
from collections.abc import Iterator
from typing import Any

ENTER = "\x1b[?1049h\x1b[?25l\x1b[2J"  # the alternate screen, no cursor, empty
LEAVE = "\x1b[0m\x1b[?25h\x1b[?1049l"
CTRL_C = "\x03"
# What arrow keys and similar keys send, which are ignored.
_SEQUENCE = re.compile(r"\x1b(\[[0-?]*[ -/]*[@-~]?|O.?|.)?", re.DOTALL)

Cell = tuple[str, str]  # a character of one column, and the SGR parameters it is drawn with


class NoTerminal(Exception):
    """There is no terminal to draw on; the message is a sentence without a full stop."""


class Terminal:
    """The terminal at standard input and output; use it within own(). Raises NoTerminal."""

    def __init__(self) -> None:
        if not (_is_terminal(sys.stdin) and _is_terminal(sys.stdout)):
            raise NoTerminal("--tui needs a terminal for its input and its output")
        if os.environ.get("TERM", "dumb") in ("", "dumb"):
            raise NoTerminal("--tui needs a terminal that can place its cursor: see TERM")
        self._keyboard, self._screen = sys.stdin.fileno(), sys.stdout.fileno()
        self._shown: list[list[Cell]] = []
        self._size = os.get_terminal_size(self._screen)

    @contextlib.contextmanager
    def own(self) -> Iterator[None]:
        """Return a context manager that takes over the terminal, and always restores it.

        What is written to standard error meanwhile appears after that.
        """
        before = termios.tcgetattr(self._keyboard)
        with _standard_error_kept():
            try:
                termios.tcsetattr(self._keyboard, termios.TCSADRAIN, _raw(before))
                self._write(ENTER)
                yield
            finally:
                with contextlib.suppress(OSError):  # it may be gone, after SIGHUP
                    self._write(LEAVE)
                    termios.tcsetattr(self._keyboard, termios.TCSADRAIN, before)

    def keys(self, timeout: float) -> str:
        """Return what was typed, waiting up to `timeout` s; CTRL_C at the end of input, too."""
        if not select.select([self._keyboard], [], [], timeout)[0]:
            return ""
        try:
            data = os.read(self._keyboard, 1024)
        except OSError:
            data = b""
        return _SEQUENCE.sub("", data.decode(errors="replace")) if data else CTRL_C

    def size(self) -> tuple[int, int]:
        """Return the present numbers of columns and rows."""
        size = self._size
        with contextlib.suppress(OSError):  # it is gone
            size = os.get_terminal_size(self._screen)
        if size != self._size:  # a resize has moved or cut what is shown
            self._size, self._shown = size, []
        return size.columns, size.lines

    def show(self, lines: list[list[Cell]]) -> None:
        """Show lines from the top left corner; only cells that changed are written."""
        parts = [] if self._shown else ["\x1b[0m\x1b[2J"]
        for row in range(max(len(lines), len(self._shown))):
            new = lines[row] if row < len(lines) else []
            old = self._shown[row] if row < len(self._shown) else []
            if new != old:
                parts += _changes(row, old, new)
        if parts:
            self._write("".join(parts))
        self._shown = [list(line) for line in lines]

    def _write(self, text: str) -> None:
        data = text.encode(errors="replace")
        while data:
            data = data[os.write(self._screen, data) :]


def _is_terminal(stream: Any) -> bool:
    return stream is not None and stream.isatty()


def _raw(before: list[Any]) -> list[Any]:
    """Return terminal attributes without echo, line editing and signals by keys.

    Signals could stop the process, and so the token, which would miss its input.
    """
    raw: list[Any] = [*before[:6], list(before[6])]
    raw[0] &= ~(termios.IXON | termios.ICRNL)
    raw[3] &= ~(termios.ECHO | termios.ICANON | termios.ISIG | termios.IEXTEN)
    raw[6][termios.VMIN], raw[6][termios.VTIME] = 1, 0
    return raw


def _changes(row: int, old: list[Cell], new: list[Cell]) -> Iterator[str]:
    """Yield the escape sequences and characters that turn a line of the screen into the new one."""
    blank: Cell = (" ", "0")
    at, style = -1, None
    for column in range(max(len(old), len(new))):
        cell = new[column] if column < len(new) else blank
        if column < len(old) and old[column] == cell:
            continue
        if at != column:
            yield f"\x1b[{row + 1};{column + 1}H"
        if style != cell[1]:
            yield f"\x1b[0;{cell[1]}m"
        yield cell[0]
        at, style = column + 1, cell[1]


@contextlib.contextmanager
def _standard_error_kept() -> Iterator[None]:
    """Hold back what is written to standard error, by child processes too, until the end."""
    with tempfile.TemporaryFile() as kept:
        before = os.dup(2)
        os.dup2(kept.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(before, 2)
            os.close(before)
            kept.seek(0)
            with contextlib.suppress(OSError):
                os.write(2, kept.read())
