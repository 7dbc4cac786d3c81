"""Questions to somebody at a terminal: asked on standard error, answered at the keyboard.

Standard output is for data. Who ends the input (Ctrl-D) has answered nothing.
"""

import sys

from tokenctl.cli import terminal
from tokenctl.errors import NothingChosen, SourceError
from tokenctl.language import _

if sys.platform == "win32":
    import msvcrt

    def _forget_keys() -> None:
        while msvcrt.kbhit():
            msvcrt.getwch()

else:
    import termios

    def _forget_keys() -> None:
        termios.tcflush(sys.stdin, termios.TCIFLUSH)


YES = ("y", "yes", "j", "ja")  # in English and in Dutch, whichever was asked in


def forget_keys() -> None:
    """Forget what was typed and not read yet: it is no answer to what is asked next."""
    if sys.stdin.isatty():
        _forget_keys()


def tell(text: str) -> None:
    """Say something to the person at the terminal."""
    terminal.say(text)


def ask(question: str) -> str:
    """Return what is answered, without blanks around it; raise NothingChosen, SourceError."""
    terminal.say(question, newline=False)
    try:
        line = sys.stdin.readline()
    except UnicodeDecodeError:
        raise SourceError(_("the answer is not valid text")) from None
    if not line:
        terminal.say("")
        raise NothingChosen(
            _("there was no answer, so nothing was changed; use --yes to skip the questions")
        )
    return line.strip()


def says_yes(question: str) -> bool:
    """Ask what is yes or no; anything but a yes is a no."""
    return ask(_("{question} [y/N] ").format(question=question)).lower() in YES
