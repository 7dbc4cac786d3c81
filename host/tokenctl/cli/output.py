"""What the commands print: data on standard output, words for people on standard error.

It writes through tokenctl.cli.terminal, which makes every text printable: names come from
strangers' QR codes. What is no terminal gets each account on one line.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from otpcore.account import STATIC, TYPES
from tokenctl.cli import terminal
from tokenctl.cli.layout import Column
from tokenctl.language import _, marked
from tokenctl.printable import printable

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from tokenctl.capture.camera import Frame
    from tokenctl.device.token import StoredAccount
    from tokenctl.enrol.enrolment import Enrolment

_WITH_CODES = tuple(each for each in TYPES if each != STATIC)
_NUMBER = Column("#")
_TITLES = (
    Column(marked("Issuer")),
    Column(marked("Account")),
    Column(marked("Type"), ("totp",)),
    Column(marked("Algorithm"), ("SHA1",)),
    Column(marked("Digits"), ("6",)),
    Column(marked("Period"), ("30 s",)),
    Column(marked("Check"), order=1),
)
_FAVOURITE = Column("")  # what is in it says what it is
_STATE = Column(marked("Token"))
_BESIDE_BAR = 20  # columns for a bar's title, its percentage and the gaps


class Output:
    """Tables for people, or with `as_json` the same as JSON on standard output."""

    def __init__(self, as_json: bool) -> None:
        self.as_json = as_json

    def note(self, text: str) -> None:
        """Print a remark for the user."""
        terminal.say(text)

    def warn(self, text: str) -> None:
        """Print a warning."""
        terminal.warn(_("Warning: {text}.").format(text=text))

    def line(self, text: str) -> None:
        """Print one line of data."""
        terminal.say(text, err=False)

    def data(self, value: Any) -> None:
        """Print a JSON value."""
        terminal.json_value(value, indent=2)

    def event(self, value: dict[str, Any]) -> None:
        """Print a JSON object on a line of its own, at once."""
        terminal.json_value(value)

    def enrolments(self, enrolments: Sequence["Enrolment"]) -> None:
        """Print what would be added, numbered."""
        if self.as_json:
            self.data([each.describe() for each in enrolments])
            return
        rows = [_row(each.describe() | {"issuer": each.display_issuer}) for each in enrolments]
        self._table(rows, first=1)

    def review(self, enrolments: Sequence["Enrolment"], marks: Sequence[str]) -> None:
        """Show the user what is to be added, numbered, with the state of each and warnings."""
        rows = [
            (*_row(each.describe() | {"issuer": each.display_issuer})[:-1], mark)
            for each, mark in zip(enrolments, marks, strict=True)
        ]
        self._table(rows, first=1, titles=(*_TITLES[:-1], _STATE), err=True)
        for remark in dict.fromkeys(text for each in enrolments for text in each.remarks):
            self.warn(remark)
        for text, numbers in _shared_warnings(enrolments).items():
            self.warn(text if len(enrolments) == 1 else f"{numbers}: {text}")

    def accounts(self, accounts: Sequence["StoredAccount"], first: int = 0) -> None:
        """Print accounts of the token; with the place of the `first` in its order, all numbered."""
        if self.as_json:
            self.data([each.describe() for each in accounts])
        else:
            rows = [_row(each.describe()) for each in accounts]
            titles = _TITLES
            if any(each.favourite for each in accounts):
                titles = *_TITLES, _FAVOURITE
                marks = (_("favourite") if each.favourite else "" for each in accounts)
                rows = [(*row, mark) for row, mark in zip(rows, marks, strict=True)]
            self._table(rows, first, titles)

    @contextmanager
    def progress(self, total: int, title: str = "") -> Iterator[Callable[[int], None]]:
        """Show a bar as soon as one is done: what is asked before stays on a line of its own.

        Once all are done it says that the token finishes, which a restore takes long for.
        """
        if total < 2 or terminal.columns(err=True) is None:
            yield lambda done: None
            return
        bar = _bar()
        title = title or _("Writing")
        task = bar.add_task(title, total=total)

        def show(done: int) -> None:
            if done:
                bar.start()
                text = title if done < total else _("Finishing")
                bar.update(task, completed=done, description=text)

        try:
            yield show
        finally:
            bar.stop()

    def working(self, title: str) -> AbstractContextManager[Callable[[str], None]]:
        """Show that something is under way, once it takes longer than half a second."""
        return terminal.working(title)

    def preview(self) -> AbstractContextManager[Callable[["Frame"], None]]:
        """Return a context in which the user sees the camera's frames."""
        if terminal.columns(err=True) is None:
            return nullcontext(lambda frame: None)
        from tokenctl.cli.console import SafeConsole
        from tokenctl.cli.preview import preview

        return preview(SafeConsole(stderr=True))

    @contextmanager
    def percentages(self) -> Iterator[Callable[[str, int], None]]:
        """Show a bar for each name that gets a percentage."""
        if terminal.columns(err=True) is None:
            yield lambda name, percent: None
            return
        tasks: dict[str, TaskID] = {}
        with _bar() as bar:

            def show(name: str, percent: int) -> None:
                if name not in tasks:
                    tasks[name] = bar.add_task(printable(name), total=100)
                bar.update(tasks[name], completed=percent)

            yield show

    def _table(
        self,
        rows: Sequence[tuple[str, ...]],
        first: int,
        titles: Sequence[Column] = _TITLES,
        err: bool = False,
    ) -> None:
        if first:
            titles = _NUMBER, *titles
            rows = [(str(number), *row) for number, row in enumerate(rows, first)]
        titles = [replace(each, title=_(each.title) if each.title else "") for each in titles]
        terminal.table(titles, rows, err=err)


def _bar() -> "Progress":
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

    from tokenctl.cli.console import SafeConsole

    title = TextColumn("{task.description}", markup=False)
    console = SafeConsole(stderr=True)
    bar = BarColumn(max(4, min(40, console.width - _BESIDE_BAR)))
    return Progress(title, bar, TaskProgressColumn(), console=console, transient=True)


def _shared_warnings(enrolments: Sequence["Enrolment"]) -> dict[str, str]:
    """Return each warning once, with the numbers of those that have it."""
    numbers: dict[str, list[int]] = {}
    for number, each in enumerate(enrolments, 1):
        for text in each.warnings:
            numbers.setdefault(text, []).append(number)
    return {text: _ranges(places) for text, places in numbers.items()}


def _ranges(numbers: Sequence[int]) -> str:
    """Return ascending numbers as a selection is typed, such as `1, 3-5`."""
    runs: list[list[int]] = []
    for each in numbers:
        if runs and each == runs[-1][-1] + 1:
            runs[-1].append(each)
        else:
            runs.append([each])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)


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
