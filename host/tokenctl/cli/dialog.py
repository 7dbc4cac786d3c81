"""Questions to somebody at a terminal: asked on standard error, answered at the keyboard.

Standard output is for data. Who ends the input (Ctrl-D) has answered nothing.
"""

import sys
from contextlib import suppress

from tokenctl.cli import terminal
from tokenctl.errors import Quit, SourceError

if sys.platform == "win32":
    import msvcrt

    def _forget_keys() -> None:
        while msvcrt.kbhit():
            msvcrt.getwch()

else:
    import termios

    def _forget_keys() -> None:
        termios.tcflush(sys.stdin, termios.TCIFLUSH)


def forget_keys() -> None:
    """Forget what was typed and not read yet: it is no answer to what is asked next."""
    if sys.stdin.isatty():
        _forget_keys()


def tell(text: str) -> None:
    """Say something to the person at the terminal."""
    terminal.say(text)


def ask(question: str) -> str:
    """Return what is answered, without blanks around it; raise Quit, SourceError."""
    terminal.say(question, newline=False)
    try:
        line = _read_line()
    except UnicodeDecodeError:
        raise SourceError("the answer is not text") from None
    if not line:
        terminal.say("")
        raise Quit
    return line.strip()


def _read_line() -> str:
    return sys.stdin.readline()


def says_yes(question: str) -> bool:
    """Ask what is yes or no; anything but a yes is a no."""
    return ask(f"{question} [y/N] ").lower() in ("y", "yes")


def agrees(question: str) -> bool:
    """Ask what Enter says yes to; anything but a yes is a no, and so is the end of the input."""
    with suppress(Quit):
        return ask(f"{question} [Y/n] ").lower() in ("", "y", "yes")
    return False
