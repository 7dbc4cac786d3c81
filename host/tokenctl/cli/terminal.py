"""The one place where tokenctl writes to standard output and standard error.

Each function makes its text printable itself, so that nobody can forget to: see
tokenctl.printable. A test holds all other modules to these functions.
"""

import sys
from collections.abc import Sequence
from typing import Any, TextIO

import click
from rich.console import Console
from rich.text import Text

from tokenctl.printable import as_json, printable

_UNFOLDED = 1000  # columns


def say(text: str, *, err: bool = True, newline: bool = True) -> None:
    """Write one line, to standard error unless `err` is False; without its end for a question."""
    click.echo(printable(text), err=err, nl=newline)


def lines(texts: Sequence[str], *, err: bool = False) -> None:
    """Write several lines."""
    for text in texts:
        say(text, err=err)


def json_value(value: Any, indent: int | None = None) -> None:
    """Write a JSON value to standard output; one with no `indent` is one line of ASCII."""
    encoding = (getattr(sys.stdout, "encoding", None) or "").lower()
    unicode = indent is not None and encoding in ("utf-8", "utf8")
    click.echo(as_json(value, unicode=unicode, indent=indent))


def drawn(line: str, *, err: bool) -> None:
    """Write a line that a SafeConsole has drawn, with whatever colours it has put in."""
    click.echo(line, err=err)


def show(screen: TextIO, text: str, end: str = "\n") -> None:
    """Write one line to `screen`, at once; `end` is empty for a prompt."""
    screen.write(printable(text) + end)
    screen.flush()


class SafeConsole(Console):
    """A rich console that makes every text printable that it draws: lines, cells, titles."""

    def __init__(self, *, stderr: bool) -> None:
        stream = sys.stderr if stderr else sys.stdout
        super().__init__(
            stderr=stderr,
            width=None if stream is not None and stream.isatty() else _UNFOLDED,
            highlight=False,
            markup=False,
            emoji=False,
            soft_wrap=True,
        )

    def render_str(self, text: str, **options: Any) -> Text:
        """See Console: rich has each text that is drawn made by this."""
        return super().render_str(printable(text), **options)
