"""An enrolment typed by hand: issuer and account at a prompt, the secret behind dots.

At a terminal the prompts go to standard error and what is wrong is asked
again. Without one the same lines are read from standard input in the same
order (issuer, account, secret), and what is wrong is refused. Whether a secret
is base32 or hex is asked where it may be both, and said where hex is all it can be.
"""

import sys
from collections.abc import Callable
from typing import TextIO, TypeVar

from tokenctl.cli import terminal
from tokenctl.cli.masked_input import read_masked
from tokenctl.cli.prompts import answer, ask_names, line
from tokenctl.enrol import secret_text
from tokenctl.enrol.enrolment import Enrolment, enrol
from tokenctl.enrol.secret_text import ENCODINGS, HEX
from tokenctl.errors import Ambiguous, BadEnrolment, Quit, SourceError
from tokenctl.language import _, marked

_NAMES = {
    "issuer": marked("Issuer (the site that asks for the code): "),
    "account": marked("Account (your user name or e-mail address): "),
}
_SECRET = marked("Secret (not shown): ")  # noqa: S105
_Made = TypeVar("_Made")
READ_AS_HEX = marked("the secret is read as hex")


def ask(
    issuer: str | None = None,
    account: str | None = None,
    *,
    type: str = "totp",
    algorithm: str = "SHA1",
    digits: int = 6,
    period: int = 30,
    counter: int = 0,
    encoding: str | None = None,
    keyboard: TextIO | None = None,
    screen: TextIO | None = None,
) -> Enrolment:
    """Return the Enrolment that the user types; names that are given are not asked for.

    `period` in seconds, `encoding` of the secret, None for either. Raises BadEnrolment,
    Ambiguous, SourceError when the input ends too early, Quit when somebody ends
    it at a terminal, KeyboardInterrupt on Ctrl-C.
    """
    keyboard = keyboard or sys.stdin
    screen = screen or sys.stderr
    if keyboard is None or screen is None:
        raise SourceError(_("there is no terminal to prompt at, and no standard input"))

    def made(names: dict[str, str], secret: bytes, warnings: tuple[str, ...] = ()) -> Enrolment:
        return enrol(
            names["issuer"],
            names["account"],
            secret,
            warnings=warnings,
            type=type,
            algorithm=algorithm,
            digits=digits,
            period=period,
            counter=counter,
        )

    given = {"issuer": issuer, "account": account}
    known = {field: name for field, name in given.items() if name is not None}
    # Faults in the arguments cannot be corrected at a prompt, so they are refused before it.
    made({"issuer": "x", "account": "x"} | known, bytes(16))
    try:
        if keyboard.isatty():
            rhythm = (
                _("counter {counter}").format(counter=counter)
                if type == "hotp"
                else _("{period} s").format(period=period)
            )
            what = _("{type}, {algorithm}, {digits} digits, {rhythm}").format(
                algorithm=algorithm, digits=digits, rhythm=rhythm, type=type
            )
            terminal.show(screen, _("Manual entry: {what}.").format(what=what))
            terminal.show(screen, _("You can change all of this before it is added."))
            ask_names(known, _NAMES, lambda names: made(names, bytes(16)), keyboard, screen)
            return _ask_secret(lambda *read: made(known, *read), encoding, keyboard, screen)
        for field in _NAMES:
            if field not in known:
                known[field] = line(keyboard).strip()
        return made(known, *_read(line(keyboard), encoding))
    except EOFError:
        if keyboard.isatty():
            raise Quit from None
        raise SourceError(_("the input ended before the secret")) from None


def ask_secret_again(secret: bytes) -> bytes:
    """Ask for another secret at the terminal; an empty answer keeps this one."""
    prompt = _("Secret (not shown; Enter keeps it): ")

    def made(typed: bytes, warnings: tuple[str, ...]) -> bytes:
        for warning in warnings:
            terminal.say(f"{warning[:1].upper()}{warning[1:]}.")
        return typed or secret

    try:
        return _ask_secret(made, None, sys.stdin, sys.stderr, prompt)
    except EOFError:
        raise Quit from None


def _ask_secret(
    made: Callable[[bytes, tuple[str, ...]], _Made],
    encoding: str | None,
    keyboard: TextIO,
    screen: TextIO,
    prompt: str | None = None,
) -> _Made:
    """Ask for the secret until `made` accepts it; return the result."""
    while True:
        typed = read_masked(prompt or _(_SECRET), keyboard, screen)
        try:
            try:
                return made(*_read(typed, encoding))
            except Ambiguous:
                chosen = _ask_encoding(keyboard, screen)
                return made(secret_text.decode(typed, chosen), ())
        except BadEnrolment as error:
            terminal.show(screen, error.sentence)


def _ask_encoding(keyboard: TextIO, screen: TextIO) -> str:
    question = _("Does the site call it base32 or hex? It could be either. [b/h] ")
    while True:
        chosen = answer(question, keyboard, screen).lower()
        for encoding in ENCODINGS:
            if chosen and encoding.startswith(chosen):
                return encoding
        terminal.show(screen, _("Enter b for base32 or h for hex; Ctrl-C cancels."))


def _read(typed: str, encoding: str | None) -> tuple[bytes, tuple[str, ...]]:
    """Return the secret, and what to say about how it was read; raise BadEnrolment, Ambiguous."""
    if encoding is not None:
        return secret_text.decode(typed, encoding), ()
    found = secret_text.readings(typed)
    if len(found) > 1:
        raise Ambiguous(_("the secret may be base32 or hex; say which with --encoding"))
    ((encoding, secret),) = found.items()
    return secret, (_(READ_AS_HEX),) if encoding == HEX else ()
