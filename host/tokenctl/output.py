"""What the commands print: data on standard output, words for people on standard error."""

import json
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from tokenctl.enrolment import Enrolment
from tokenctl.token import StoredAccount


class Output:
    """Tables for people, or with `as_json` the same as JSON on standard output."""

    def __init__(self, as_json: bool) -> None:
        self.as_json = as_json
        self._out = Console(highlight=False, soft_wrap=True)
        self._err = Console(stderr=True, highlight=False, soft_wrap=True)

    @property
    def is_terminal(self) -> bool:
        """Whether a person reads standard error."""
        return self._err.is_terminal

    def note(self, text: str) -> None:
        """Say something to the person at the terminal."""
        self._err.print(text, markup=False)

    def warn(self, text: str) -> None:
        """Say something that wants attention."""
        self._err.print(f"Warning: {text}.", markup=False, style="yellow")

    def line(self, text: str) -> None:
        """Print one line of data."""
        self._out.print(text, markup=False)

    def data(self, value: Any) -> None:
        """Print a JSON value."""
        print(json.dumps(value, ensure_ascii=False, indent=2))

    def enrolments(self, enrolments: Sequence[Enrolment]) -> None:
        """Print what would be added."""
        if self.as_json:
            self.data([each.describe() for each in enrolments])
            return
        rows = [_row(each.describe() | {"issuer": each.display_issuer}) for each in enrolments]
        self._table(rows)

    def accounts(self, accounts: Sequence[StoredAccount]) -> None:
        """Print accounts of the token."""
        if self.as_json:
            self.data([each.describe() for each in accounts])
        else:
            self._table([_row(each.describe()) for each in accounts])

    def _table(self, rows: Sequence[tuple[str, ...]]) -> None:
        table = Table(box=None, pad_edge=False, header_style="bold")
        for title in ("#", "Issuer", "Account", "Type", "Algorithm", "Digits", "Period", "Check"):
            table.add_column(title, overflow="fold")
        for number, row in enumerate(rows, 1):
            table.add_row(str(number), *row)
        self._out.print(table)


def _row(fields: dict[str, Any]) -> tuple[str, ...]:
    if fields.get("damaged"):
        return ("(damaged)", "", "", "", "", "", "")
    hotp = fields["type"] == "hotp"
    rhythm = f"counter {fields.get('counter')}" if hotp else f"{fields.get('period')} s"
    return (
        _plain(fields["issuer"]),
        _plain(fields["account"]),
        fields["type"],
        fields["algorithm"],
        str(fields["digits"]),
        rhythm,
        fields["key_check_value"],
    )


def _plain(text: str) -> str:
    """Return a name for a table: no markup of rich's, nothing that a terminal obeys."""
    return "".join(each if each.isprintable() else "\ufffd" for each in text).replace("[", r"\[")
