"""Prompts for what is typed by hand: at a terminal on `screen`, else lines of `keyboard`.

What asks for a name or a secret is built of these. They raise EOFError when the input
ends, SourceError for what is no text.
"""

from collections.abc import Callable, Mapping
from typing import TextIO

from tokenctl.cli import terminal
from tokenctl.enrol.enrolment import Enrolment
from tokenctl.errors import BadEnrolment, NoName, SourceError
from tokenctl.language import _

LINE_MAX = 8192  # characters


def line(keyboard: TextIO) -> str:
    """Return the next line as it is, without its end."""
    try:
        text = keyboard.readline(LINE_MAX + 1)
    except UnicodeDecodeError:
        raise SourceError(_("the input is not valid text")) from None
    if not text:
        raise EOFError
    if len(text) > LINE_MAX:
        raise SourceError(
            _("a line is longer than {line_max} characters").format(line_max=LINE_MAX)
        )
    return text.rstrip("\r\n")


def answer(prompt: str, keyboard: TextIO, screen: TextIO) -> str:
    """Return the answer to a prompt, without surrounding blanks."""
    terminal.show(screen, prompt, end="")
    try:
        return line(keyboard).strip()
    except EOFError:
        terminal.show(screen, "")
        raise


def ask_names(
    names: dict[str, str],
    prompts: Mapping[str, str],
    made: Callable[[dict[str, str]], Enrolment],
    keyboard: TextIO,
    screen: TextIO,
) -> None:
    """Ask for missing names until `made` accepts them; put them into `names`.

    The prompts are `marked`: a field each, in English.
    """
    given = dict(names)
    while True:
        for field, prompt in prompts.items():
            if field not in names:
                names[field] = answer(_(prompt), keyboard, screen)
        try:
            made(names)
            return
        except BadEnrolment as error:
            if not prompts.keys() - given.keys():
                raise
            unnamed = isinstance(error, NoName)
            terminal.show(
                screen, _("Enter at least one of the two.") if unnamed else error.sentence
            )
            names.clear()
            names.update(given)
