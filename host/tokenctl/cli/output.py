"""What the commands print: data on standard output, words for people on standard error.

It writes through tokenctl.cli.terminal, which makes every text printable: names come from
strangers' QR codes. What is no terminal gets each account on one line.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn
from rich.table import Table

from otpcore.account import STATIC, TYPES
from tokenctl.capture.camera import Frame
from tokenctl.cli import terminal
from tokenctl.cli.preview import preview
from tokenctl.device.token import StoredAccount
from tokenctl.enrol.enrolment import Enrolment
from tokenctl.language import _, marked
from tokenctl.printable import printable

_WITH_CODES = tuple(each for each in TYPES if each != STATIC)
_TITLES = (
    marked("Issuer"),
    marked("Account"),
    marked("Type"),
    marked("Algorithm"),
    marked("Digits"),
    marked("Period"),
    marked("Check"),
)


class Output:
    """Tables for people, or with `as_json` the same as JSON on standard output."""

    def __init__(self, as_json: bool) -> None:
        self.as_json = as_json
        self._out = terminal.SafeConsole(stderr=False)
        self._err = terminal.SafeConsole(stderr=True)

    def note(self, text: str) -> None:
        """Say something to the person at the terminal."""
        self._err.print(text)

    def warn(self, text: str) -> None:
        """Say something that wants attention."""
        self._err.print(_("Warning: {text}.").format(text=text), style="yellow")

    def line(self, text: str) -> None:
        """Print one line of data."""
        self._out.print(text)

    def data(self, value: Any) -> None:
        """Print a JSON value."""
        terminal.json_value(value, indent=2)

    def event(self, value: dict[str, Any]) -> None:
        """Print a JSON object on a line of its own, at once."""
        terminal.json_value(value)

    def enrolments(self, enrolments: Sequence[Enrolment]) -> None:
        """Print what would be added, numbered."""
        if self.as_json:
            self.data([each.describe() for each in enrolments])
            return
        rows = [_row(each.describe() | {"issuer": each.display_issuer}) for each in enrolments]
        self._table(rows, numbered=True)

    def review(self, enrolments: Sequence[Enrolment], marks: Sequence[str]) -> None:
        """Show a person what is to be added, numbered, with a word on each, and what is odd."""
        rows = [
            (*_row(each.describe() | {"issuer": each.display_issuer})[:-1], mark)
            for each, mark in zip(enrolments, marks, strict=True)
        ]
        self._table(rows, numbered=True, titles=(*_TITLES[:-1], _("Token")), err=True)
        for remark in dict.fromkeys(text for each in enrolments for text in each.remarks):
            self.warn(remark)
        for text, numbers in _shared_warnings(enrolments).items():
            self.warn(text if len(enrolments) == 1 else f"{numbers}: {text}")

    def accounts(self, accounts: Sequence[StoredAccount], numbered: bool = False) -> None:
        """Print accounts of the token; `numbered` when they are all, in the token's order."""
        if self.as_json:
            self.data([each.describe() for each in accounts])
        else:
            self._table([_row(each.describe()) for each in accounts], numbered)

    @contextmanager
    def progress(self, total: int) -> Iterator[Callable[[int], None]]:
        """Show a bar as soon as one is done: what is asked before stays on a line of its own."""
        if total < 2 or not self._err.is_interactive:
            yield lambda done: None
            return
        bar = self._bar()
        task = bar.add_task(_("Writing"), total=total)

        def show(done: int) -> None:
            bar.start()
            bar.update(task, completed=done)

        try:
            yield show
        finally:
            bar.stop()

    def preview(self) -> AbstractContextManager[Callable[[Frame], None]]:
        """Return a context in which a person sees the frames of a camera."""
        return preview(self._err)

    @contextmanager
    def percentages(self) -> Iterator[Callable[[str, int], None]]:
        """Show a bar for each name that gets a percentage."""
        if not self._err.is_interactive:
            yield lambda name, percent: None
            return
        tasks: dict[str, TaskID] = {}
        with self._bar() as bar:

            def show(name: str, percent: int) -> None:
                if name not in tasks:
                    tasks[name] = bar.add_task(printable(name), total=100)
                bar.update(tasks[name], completed=percent)

            yield show

    def _bar(self) -> Progress:
        title = TextColumn("{task.description}", markup=False)
        return Progress(title, BarColumn(), TaskProgressColumn(), console=self._err, transient=True)

    def _table(
        self,
        rows: Sequence[tuple[str, ...]],
        numbered: bool,
        titles: Sequence[str] = _TITLES,
        err: bool = False,
    ) -> None:
        table = Table(box=None, pad_edge=False, header_style="bold")
        for title in ("#", *titles) if numbered else titles:
            table.add_column(_(title), overflow="fold")
        for number, row in enumerate(rows, 1):
            table.add_row(*((str(number), *row) if numbered else row))
        console = self._err if err else self._out
        with console.capture() as captured:
            console.print(table)
        for line in captured.get().splitlines():  # no blanks at the ends, for who cuts columns
            terminal.drawn(line.rstrip(), err=err)


def _shared_warnings(enrolments: Sequence[Enrolment]) -> dict[str, str]:
    """Return each warning once, with the numbers of those that have it."""
    numbers: dict[str, list[str]] = {}
    for number, each in enumerate(enrolments, 1):
        for text in each.warnings:
            numbers.setdefault(text, []).append(str(number))
    return {text: ", ".join(places) for text, places in numbers.items()}


def _row(fields: dict[str, Any]) -> tuple[str, ...]:
    if fields.get("damaged"):
        return (_("(damaged)"), "", "", "", "", "", "")
    names = fields["issuer"], fields["name"]
    if fields["type"] not in _WITH_CODES:  # a static text, or of a type that is not known yet
        return (*names, fields["type"], "", "", "", "")
    hotp = fields["type"] == "hotp"
    return (
        *names,
        fields["type"],
        fields["algorithm"],
        str(fields["digits"]),
        _("counter {counter}").format(counter=fields["counter"])
        if hotp
        else _("{period} s").format(period=fields["period"]),
        fields["key_check_value"],
    )
