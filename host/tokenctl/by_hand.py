"""An enrolment typed by hand: issuer and account at a prompt, the secret behind dots.

At a terminal the prompts go to standard error and what is wrong is asked
again. Without one the same lines are read from standard input in the same
order (issuer, account, secret), and what is wrong is refused.
"""

import sys
from collections.abc import Callable
from typing import TextIO

from tokenctl.dotted import read_dotted
from tokenctl.enrolment import Enrolment, decode_secret, enrol
from tokenctl.errors import BadEnrolment, NoName, SourceError

_NAMES = {"issuer": "Issuer (who asks for the code): ", "account": "Account (your name there): "}


def ask(
    issuer: str | None = None,
    account: str | None = None,
    *,
    type: str = "totp",
    algorithm: str = "SHA1",
    digits: int = 6,
    period: int = 30,
    counter: int = 0,
    keyboard: TextIO | None = None,
    screen: TextIO | None = None,
) -> Enrolment:
    """Return the Enrolment that somebody types; names that are given are not asked for.

    `period` in seconds. Raises BadEnrolment, SourceError when the input ends
    too early, KeyboardInterrupt on Ctrl-C.
    """
    keyboard = keyboard or sys.stdin
    screen = screen or sys.stderr
    if keyboard is None or screen is None:
        raise SourceError("there is no terminal to type at, and no standard input")

    def made(names: dict[str, str], secret: bytes) -> Enrolment:
        return enrol(
            names["issuer"],
            names["account"],
            secret,
            type=type,
            algorithm=algorithm,
            digits=digits,
            period=period,
            counter=counter,
        )

    given = {"issuer": issuer, "account": account}
    known = {field: name for field, name in given.items() if name is not None}
    # What is wrong in the arguments cannot be put right at a prompt: refused before it.
    made({"issuer": "x", "account": "x"} | known, bytes(16))
    try:
        if keyboard.isatty():
            rhythm = f"counter {counter}" if type == "hotp" else f"{period} s"
            screen.write(f"Set up by hand: {type}, {algorithm}, {digits} digits, {rhythm}\n")
            return _ask(known, made, keyboard, screen)
        for field in _NAMES:
            if field not in known:
                known[field] = _line(keyboard).strip()
        return made(known, decode_secret(_line(keyboard)))
    except EOFError:
        raise SourceError("the input ended before the secret") from None


def _ask(
    names: dict[str, str],
    made: Callable[[dict[str, str], bytes], Enrolment],
    keyboard: TextIO,
    screen: TextIO,
) -> Enrolment:
    given = dict(names)
    while True:
        for field, prompt in _NAMES.items():
            if field not in names:
                names[field] = _answer(prompt, keyboard, screen)
        try:
            made(names, bytes(16))
            break
        except BadEnrolment as error:
            if not _NAMES.keys() - given.keys():
                raise
            unnamed = isinstance(error, NoName)
            screen.write("One of the two is needed.\n" if unnamed else f"{error.sentence}\n")
            names = dict(given)
    while True:
        typed = read_dotted("Secret (not shown): ", keyboard, screen)
        try:
            return made(names, decode_secret(typed))
        except BadEnrolment as error:
            screen.write(f"{error.sentence}\n")


def _answer(prompt: str, keyboard: TextIO, screen: TextIO) -> str:
    screen.write(prompt)
    screen.flush()
    try:
        return _line(keyboard).strip()
    except EOFError:
        screen.write("\n")
        raise


def _line(keyboard: TextIO) -> str:
    try:
        line = keyboard.readline()
    except UnicodeDecodeError:
        raise SourceError("the input is not text") from None
    if not line:
        raise EOFError
    return line.rstrip("\r\n")
