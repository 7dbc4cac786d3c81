"""An app password, or another short text for the token to keep: typed twice, unseen.

At a terminal the prompts go to standard error and what is wrong is asked again. Without
one, issuer, account and text are lines of standard input. The text is taken as it is
typed, but letters are composed (NFC), and blanks of another width are spaces: sites show
such between groups. No message holds any of it.
"""

import sys
import unicodedata
from typing import TextIO

from tokenctl.cli import terminal
from tokenctl.cli.masked_input import read_masked
from tokenctl.cli.prompts import ask_names, line
from tokenctl.enrol.code_parameters import TEXT
from tokenctl.enrol.enrolment import Enrolment, enrol
from tokenctl.errors import BadEnrolment, Quit, SourceError
from tokenctl.language import _, marked

_NAMES = {
    "issuer": marked("Issuer (the site or program that asks for it): "),
    "account": marked("Account (your user name or e-mail address): "),
}
_TEXT, _AGAIN = marked("Text (not shown): "), marked("Repeat it: ")
_TEXT_OR_ENTER = marked("Text (not shown; Enter keeps it): ")
_BLANKS = dict.fromkeys(map(ord, "\u00a0\u2007\u2009\u202f"), " ")


def ask(
    issuer: str | None = None,
    account: str | None = None,
    *,
    keyboard: TextIO | None = None,
    screen: TextIO | None = None,
) -> Enrolment:
    """Return the Enrolment that the user types; names that are given are not asked for.

    Raises BadEnrolment, SourceError when the input ends too early, Quit when somebody ends
    it at a terminal, KeyboardInterrupt on Ctrl-C.
    """
    keyboard = keyboard or sys.stdin
    screen = screen or sys.stderr
    if keyboard is None or screen is None:
        raise SourceError(_("there is no terminal to prompt at, and no standard input"))
    given = {"issuer": issuer, "account": account}
    names = {field: name for field, name in given.items() if name is not None}
    _made({"issuer": "x", "account": "x"} | names, b"x")  # what is wrong in the arguments
    try:
        if not keyboard.isatty():
            for field in _NAMES:
                if field not in names:
                    names[field] = line(keyboard).strip()
            return _made(names, encoded(line(keyboard)))
        terminal.show(
            screen,
            _(
                "An app password, or another short text: the token shows it after a 3-second hold "
                "and never sends it to a computer. Leave out spaces that the site ignores."
            ),
        )
        ask_names(names, _NAMES, lambda names: _made(names, b"x"), keyboard, screen)
        return _made(names, _typed(keyboard, screen))
    except EOFError:
        if keyboard.isatty():
            raise Quit from None
        raise SourceError(_("the input ended before the text")) from None


def ask_text_again(text: bytes) -> bytes:
    """Ask for another text at the terminal; an empty answer keeps this one."""
    try:
        return _typed(sys.stdin, sys.stderr, text)
    except EOFError:
        raise Quit from None


def encoded(typed: str) -> bytes:
    """Return the form in which a typed text is stored; raise BadEnrolment if it is empty."""
    if not typed:
        raise BadEnrolment("secret", _("the text is empty"))
    try:
        return unicodedata.normalize("NFC", typed).translate(_BLANKS).encode()
    except UnicodeEncodeError:
        raise BadEnrolment("secret", _("the text is not valid Unicode")) from None


def _made(names: dict[str, str], text: bytes) -> Enrolment:
    return enrol(names["issuer"], names["account"], text, TEXT)


def _typed(keyboard: TextIO, screen: TextIO, kept: bytes | None = None) -> bytes:
    """Ask until the same valid text was typed twice; an empty answer means `kept`, if any."""
    while True:
        first = read_masked(_(_TEXT_OR_ENTER if kept else _TEXT), keyboard, screen, clear="")
        if not first and kept:
            return kept
        try:
            text = encoded(first)
            _made({"issuer": "x", "account": "x"}, text)
        except BadEnrolment as error:
            terminal.show(screen, error.sentence)
            continue
        if read_masked(_(_AGAIN), keyboard, screen, clear="") == first:
            return text
        terminal.show(screen, _("The two entries do not match; type it twice again."))
