"""The one place where tokenctl writes to standard output and standard error.

Each function makes its text printable itself, so that nobody can forget to: see
tokenctl.printable. A test holds all other modules to these functions. Prose breaks between the
words of a terminal's lines; what is no terminal gets each text on one line, and no colours.
"""

import os
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from typing import Any, ClassVar, TextIO

import click

from tokenctl.cli import layout
from tokenctl.printable import as_json, printable

_COLUMNS = 80  # of a terminal that does not say
_PATIENCE, _INTERVAL = 0.5, 0.2  # seconds before it is said what goes on, and between two looks


def working(title: str) -> AbstractContextManager[Callable[[str], None]]:
    """Show what is under way, on a line of its own, until something else is written.

    Not before half a second, and only to somebody at a terminal. What it gives takes how far
    it is, such as "3 of 7".
    """
    if columns(err=True) is None:
        return nullcontext(lambda text: None)
    return _Working(title)


class _Working:
    """The last line of standard error, which says what is under way."""

    shown: ClassVar["list[_Working]"] = []  # one at most: whatever else is written wipes it out

    def __init__(self, title: str) -> None:
        self._title = printable(title)
        self._far = ""
        self._over = threading.Event()
        self._lock = threading.Lock()

    def __enter__(self) -> Callable[[str], None]:
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        return self._go_on

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        self.wipe()

    def wipe(self) -> None:
        """Erase the line."""
        with self._lock:
            if self in self.shown:
                self.shown.remove(self)
                click.echo("\r" if _is_dumb() else "\r\x1b[K", err=True, nl=False)

    def _go_on(self, far: str) -> None:
        self._far = printable(far)

    def _run(self) -> None:
        wait = _PATIENCE
        while not self._over.wait(wait):
            wait = _INTERVAL
            text = layout.cut(
                f"{self._title} … {self._far}".rstrip(), columns(err=True) or _COLUMNS
            )
            with self._lock:
                click.echo(f"\r{text}" if _is_dumb() else f"\r{text}\x1b[K", err=True, nl=False)
                self.shown[:] = [self]


def _alone() -> None:
    """Have the line end on which something goes on: something else is written."""
    for each in list(_Working.shown):
        each.wipe()


def _is_dumb() -> bool:
    return os.environ.get("TERM", "") in ("", "dumb", "unknown")


def columns(*, err: bool) -> int | None:
    """Return the columns of standard error, or standard output; None if there is no terminal."""
    return _columns(sys.stderr if err else sys.stdout)


def _columns(stream: TextIO | None) -> int | None:
    if stream is None or not stream.isatty():
        return None
    try:
        return os.get_terminal_size(stream.fileno()).columns or _COLUMNS
    except (OSError, ValueError):
        return _COLUMNS


def say(text: str, *, err: bool = True, newline: bool = True) -> None:
    """Write prose, to standard error unless `err` is False; without its end for a question."""
    _alone()
    *first, last = layout.prose(printable(text), columns(err=err))
    for each in first:
        click.echo(each, err=err)
    click.echo(last, err=err, nl=newline)


def lines(texts: Sequence[str], *, err: bool = False) -> None:
    """Write several lines unbroken, so that they can be copied."""
    _alone()
    for text in texts:
        click.echo(printable(text), err=err)


def warn(text: str) -> None:
    """Write a warning to standard error, yellow where there are colours."""
    _alone()
    for each in layout.prose(printable(text), columns(err=True)):
        click.echo(_styled(each, "33", err=True), err=True)


def json_value(value: Any, indent: int | None = None, *, err: bool = False) -> None:
    """Write a JSON value to standard output; one with no `indent` is one line of ASCII."""
    _alone()
    encoding = (getattr(sys.stdout, "encoding", None) or "").lower()
    unicode = indent is not None and encoding in ("utf-8", "utf8")
    click.echo(as_json(value, unicode=unicode, indent=indent), err=err)


def table(
    titles: Sequence[layout.Column], rows: Sequence[Sequence[str]], *, err: bool = False
) -> None:
    """Write a table; see layout.table. Its head is bold where there are colours."""
    _alone()
    titles = [replace(each, title=printable(each.title)) for each in titles]
    cells = [[printable(cell) for cell in row] for row in rows]
    for number, line in enumerate(layout.table(titles, cells, columns(err=err))):
        text = "".join(line).rstrip()  # no blanks at the ends, for who cuts columns
        if number or text:
            click.echo(_styled(text, "1", err=err) if not number else text, err=err)


def _styled(text: str, sgr: str, *, err: bool) -> str:
    """Return a text with colour or weight (an SGR number of ECMA-48), if that is wanted."""
    if columns(err=err) is None or _is_dumb() or os.environ.get("NO_COLOR"):
        return text
    return f"\x1b[{sgr}m{text}\x1b[0m"


def show(screen: TextIO, text: str, end: str = "\n") -> None:
    """Write prose to `screen`, at once; `end` is empty for a prompt."""
    screen.write("\n".join(layout.prose(printable(text), _columns(screen))) + end)
    screen.flush()
