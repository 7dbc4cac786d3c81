"""One line typed at the terminal, shown as dots, groups apart: for secrets.

Backspace, Ctrl-U (all away), Ctrl-C (KeyboardInterrupt) and Ctrl-D (end) work;
arrow keys and their like are ignored. The terminal is put back as it was
whatever happens.
"""

import codecs
import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from typing import TextIO

_END_OF_LINE = "\r\n"
_BETWEEN_GROUPS = " -"
_ERASE = "\x08\x7f"
_INTERRUPT, _END_OF_INPUT, _KILL, _ESCAPE = "\x03", "\x04", "\x15", "\x1b"


class MaskedLine:
    """The line being typed: takes keys, writes dots. `show` gets what the terminal is to print."""

    def __init__(
        self, show: Callable[[str], None], dot: str = "\u2022", clear: str = _BETWEEN_GROUPS
    ) -> None:
        """What is in `clear` is shown as it is."""
        self.text = ""
        self._clear = clear
        self._show = show
        self._dot = dot
        self._escape = ""

    def key(self, character: str) -> bool:
        """Take one character; return whether the line is complete.

        Raises KeyboardInterrupt on Ctrl-C, EOFError on Ctrl-D in an empty line.
        """
        if self._escape:
            self._swallow(character)
        elif character in _END_OF_LINE:
            return True
        elif character == _INTERRUPT:
            raise KeyboardInterrupt
        elif character == _END_OF_INPUT:
            if not self.text:
                raise EOFError
            return True
        elif character in _ERASE:
            self._erase(1)
        elif character == _KILL:
            self._erase(len(self.text))
        elif character == _ESCAPE:
            self._escape = character
        elif character >= " ":
            self.text += character
            self._show(character if character in self._clear else self._dot)
        return False

    def _erase(self, count: int) -> None:
        count = min(count, len(self.text))
        self.text = self.text[: len(self.text) - count]
        self._show("\b \b" * count)

    def _swallow(self, character: str) -> None:
        """Pass over an escape sequence (ECMA-48, section 5.4): ESC [ ... letter, ESC O letter."""
        self._escape += character
        if len(self._escape) == 2 and character in "[O":
            return
        if len(self._escape) == 2 or "@" <= character <= "~":
            self._escape = ""


def read_masked(prompt: str, keyboard: TextIO, screen: TextIO, clear: str = _BETWEEN_GROUPS) -> str:
    """Return a line from the terminal `keyboard`, with a dot on `screen` for each character.

    What stands between groups is shown as it is, or whatever else is in `clear`.
    The prompt appears when the echo is off: who answers it at once is not
    shown in clear. Raises KeyboardInterrupt, and EOFError when there is no more input.
    """

    def show(text: str) -> None:
        screen.write(text)
        screen.flush()

    line = MaskedLine(show, _dot_for(screen), clear)
    try:
        if sys.platform == "win32":
            show(prompt)
            _from_console(line)
        else:
            with _without_echo(keyboard.fileno()):
                show(prompt)
                _from_terminal(keyboard.fileno(), line)
    finally:
        show("\n")
    return line.text


def _dot_for(screen: TextIO) -> str:
    try:
        "\u2022".encode(screen.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return "*"
    return "\u2022"


if sys.platform == "win32":
    import msvcrt

    def _from_console(line: MaskedLine) -> None:
        while True:
            character = msvcrt.getwch()
            if character in "\x00\xe0":  # a function or arrow key: a second code follows
                msvcrt.getwch()
            elif line.key(character):
                return

else:
    import termios

    @contextlib.contextmanager
    def _without_echo(terminal: int) -> Iterator[None]:
        before = termios.tcgetattr(terminal)
        raw = termios.tcgetattr(terminal)
        raw[3] &= ~(termios.ECHO | termios.ICANON | termios.ISIG | termios.IEXTEN)
        raw[6][termios.VMIN], raw[6][termios.VTIME] = 1, 0
        termios.tcsetattr(terminal, termios.TCSADRAIN, raw)
        try:
            yield
        finally:
            termios.tcsetattr(terminal, termios.TCSADRAIN, before)

    def _from_terminal(terminal: int, line: MaskedLine) -> None:
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        while True:
            # Byte by byte: what is typed ahead stays for the next prompt.
            byte = os.read(terminal, 1)
            if not byte:
                raise EOFError
            if any(line.key(character) for character in decoder.decode(byte)):
                return
