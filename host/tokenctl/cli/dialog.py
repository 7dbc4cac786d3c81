"""Questions to the user at a terminal: asked on standard error, answered at the keyboard.

Standard output is for data. Ending the input (Ctrl-D) is not an answer.
"""

import sys
from contextlib import suppress

from tokenctl.cli import terminal
from tokenctl.errors import Quit, SourceError
from tokenctl.language import YES, _

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
    """Discard what was typed but not read yet: it is not an answer to the next question."""
    if sys.stdin.isatty():
        _forget_keys()


def tell(text: str) -> None:
    """Print something for the user."""
    terminal.say(text)


def ask(question: str) -> str:
    """Return the answer, without surrounding blanks; raise Quit, SourceError."""
    terminal.say(question, newline=False)
    try:
        line = _read_line()
    except UnicodeDecodeError:
        raise SourceError(_("the answer is not valid text")) from None
    if not line:
        terminal.say("")
        raise Quit
    return line.strip()


def _read_line() -> str:
    return sys.stdin.readline()


def says_yes(question: str) -> bool:
    """Ask a yes-or-no question; anything but yes is no."""
    return ask(_("{question} [y/N] ").format(question=question)).lower() in YES


def agrees(question: str) -> bool:
    """Ask a question for which Enter means yes; anything else, or the end of input, is no."""
    with suppress(Quit):
        return ask(_("{question} [Y/n] ").format(question=question)).lower() in ("", *YES)
    return False
