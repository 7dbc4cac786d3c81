"""An enrolment typed by hand: issuer and account at a prompt, the secret behind dots.

At a terminal the prompts go to standard error and what is wrong is asked
again. Without one the same lines are read from standard input in the same
order (issuer, account, secret), and what is wrong is refused. Whether a secret
is base32 or hex is asked where it may be both, and said where hex is all it can be.
"""

import sys
from collections.abc import Callable
from dataclasses import replace
from typing import TextIO, TypeVar

from tokenctl.cli import terminal
from tokenctl.cli.masked_input import read_masked
from tokenctl.cli.prompts import answer, ask_names, line
from tokenctl.enrol import secret_text
from tokenctl.enrol.code_parameters import USUAL, CodeParameters
from tokenctl.enrol.enrolment import Enrolment, enrol
from tokenctl.enrol.secret_text import ENCODINGS, HEX
from tokenctl.errors import Ambiguous, BadEnrolment, Quit, SourceError
from tokenctl.language import _, marked

_NAMES = {
    "issuer": marked("Issuer (the site that asks for the code): "),
    "account": marked("Account (your user name or e-mail address): "),
}
_SECRET = marked("Secret (not shown): ")  # noqa: S105
_Result = TypeVar("_Result")
READ_AS_HEX = marked("the secret is read as hex")


def ask(
    issuer: str | None = None,
    account: str | None = None,
    parameters: CodeParameters = USUAL,
    encoding: str | None = None,
    keyboard: TextIO | None = None,
    screen: TextIO | None = None,
) -> Enrolment:
    """Return the Enrolment that the user types; names that are given are not asked for.

    `encoding` is the secret's, None for either. Raises BadEnrolment, Ambiguous, SourceError when
    the input ends too early, Quit when somebody ends it at a terminal, KeyboardInterrupt on Ctrl-C.
    """
    keyboard = keyboard or sys.stdin
    screen = screen or sys.stderr
    if keyboard is None or screen is None:
        raise SourceError(_("there is no terminal to prompt at, and no standard input"))
    given = {"issuer": issuer, "account": account}
    known = {field: name for field, name in given.items() if name is not None}
    # Faults in the arguments cannot be corrected at a prompt, so they are refused before it.
    _made({"issuer": "x", "account": "x"} | known, bytes(16), parameters)
    try:
        if keyboard.isatty():
            return _ask_at_terminal(known, parameters, encoding, keyboard, screen)
        return _read_lines(known, parameters, encoding, keyboard)
    except EOFError:
        if keyboard.isatty():
            raise Quit from None
        raise SourceError(_("the input ended before the secret")) from None


def _ask_at_terminal(
    names: dict[str, str],
    parameters: CodeParameters,
    encoding: str | None,
    keyboard: TextIO,
    screen: TextIO,
) -> Enrolment:
    """Ask for the names that are not known, and for the secret, until each is right."""
    rhythm = (
        _("counter {counter}").format(counter=parameters.counter)
        if parameters.type == "hotp"
        else _("{period} s").format(period=parameters.period)
    )
    what = _("{type}, {algorithm}, {digits} digits, {rhythm}").format(
        algorithm=parameters.algorithm,
        digits=parameters.digits,
        rhythm=rhythm,
        type=parameters.type,
    )
    terminal.show(screen, _("Manual entry: {what}.").format(what=what))
    terminal.show(screen, _("You can change all of this before it is added."))
    ask_names(names, _NAMES, lambda named: _made(named, bytes(16), parameters), keyboard, screen)

    def made(secret: bytes, warnings: tuple[str, ...]) -> Enrolment:
        return _made(names, secret, parameters, warnings)

    return _ask_secret(made, encoding, keyboard, screen)


def _read_lines(
    names: dict[str, str], parameters: CodeParameters, encoding: str | None, keyboard: TextIO
) -> Enrolment:
    """Read a line for each name that is not known, and one with the secret."""
    for field in _NAMES:
        if field not in names:
            names[field] = line(keyboard).strip()
    secret, warnings = _read(line(keyboard), encoding)
    return _made(names, secret, parameters, warnings)


def _made(
    names: dict[str, str],
    secret: bytes,
    parameters: CodeParameters,
    warnings: tuple[str, ...] = (),
) -> Enrolment:
    """Return the Enrolment, with warnings about the secret in front of its own."""
    made = enrol(names["issuer"], names["account"], secret, parameters)
    return replace(made, warnings=warnings + made.warnings)


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
    made: Callable[[bytes, tuple[str, ...]], _Result],
    encoding: str | None,
    keyboard: TextIO,
    screen: TextIO,
    prompt: str | None = None,
) -> _Result:
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
