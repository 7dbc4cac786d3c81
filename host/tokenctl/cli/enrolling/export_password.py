"""Opening another app's export, with its password from a file or from the terminal."""

import sys
from collections.abc import Callable
from pathlib import Path

from tokenctl.cli.dialog import ask, tell
from tokenctl.cli.enrolling.options import Options
from tokenctl.cli.masked_input import read_masked
from tokenctl.enrol import apps, files
from tokenctl.enrol.apps.faults import SeveralFormats, WrongPassword
from tokenctl.errors import Quit, SourceError
from tokenctl.language import _

TRIES = 3  # of a password
_PASSWORD_MAX = 4096  # bytes


def opened(data: bytes, name: str, options: Options) -> apps.Export:
    """Return the export in `data`; at a terminal, a wrong password may be typed again.

    There somebody is asked whose it is, too, where several apps write such files; not where
    the export itself comes in at standard input (`name` is "-"). Raises SourceError.
    """
    at_terminal = options.at_terminal and name != "-"
    app_name = options.format
    tries = TRIES if at_terminal and options.password_file is None else 1
    while True:
        try:
            return apps.read(
                data,
                password=_password(name, options.password_file, at_terminal),
                format=app_name,
                allow_slow=options.allow_slow,
            )
        except SeveralFormats as error:
            if not at_terminal or not options.asking:
                raise
            app_name = _which(error.names)
        except WrongPassword as error:
            tries -= 1
            if not tries:
                raise
            tell(error.sentence)


def _password(name: str, path: str | None, at_terminal: bool) -> Callable[[], str] | None:
    """Return a function that gives the password, None if nobody can."""
    if path is not None:
        return lambda: first_line(path)
    return (lambda: _typed(name)) if at_terminal else None


def _typed(name: str) -> str:
    try:
        return read_masked(
            _("Password for {name}: ").format(name=name), sys.stdin, sys.stderr, clear=""
        )
    except EOFError:
        raise Quit from None


def first_line(path: str) -> str:
    """Return the password in a file, its first line; raise SourceError."""
    data = files.read(Path(path), _PASSWORD_MAX).splitlines()
    try:
        return data[0].decode() if data else ""
    except UnicodeDecodeError:
        raise SourceError(_("the password in {path} is not UTF-8 text").format(path=path)) from None


def _which(names: tuple[str, ...]) -> str:
    while True:
        answer = ask(
            _("Which app is the export from: {names}? ").format(names=" / ".join(names))
        ).lower()
        found = [name for name in names if answer and name.startswith(answer)]
        if len(found) == 1:
            return found[0]
