"""Another app's export among the sources of `tokenctl provision`: its password, its bad entries."""

import dataclasses
import io
import os
import stat
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from tokenctl import pictures
from tokenctl.capture.desktop import Parse
from tokenctl.cli.dialog import ask, says_yes, tell
from tokenctl.cli.masked_input import read_dotted
from tokenctl.cli.output import Output
from tokenctl.enrol import apps, files, sources
from tokenctl.enrol.apps.faults import SeveralFormats, WrongPassword
from tokenctl.enrol.enrolment import Enrolment, enrol
from tokenctl.errors import NothingChosen, SourceError
from tokenctl.pictures import Reader

TRIES = 3  # of a password
_SHOWN_MAX = 100  # entries that are left out, each on a line
_NAMED_MAX = 20  # in one sentence
_PASSWORD_MAX = 4096  # bytes


@dataclass(frozen=True)
class ExportWishes:
    """What the options say: whether somebody is `at_terminal`, and `asking` is wanted there."""

    password_file: str | None = None
    format: str | None = None
    allow_slow: bool = False
    keep_going: bool = False
    at_terminal: bool = False
    asking: bool = False


def export_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that are for other apps' exports."""
    for option in (
        click.option("--allow-slow", is_flag=True, help="Let an export's key take a GiB and time."),
        click.option(
            "--format",
            type=click.Choice(apps.NAMES, case_sensitive=False),
            metavar="APP",
            help="Say whose export it is: " + ", ".join(apps.NAMES) + ".",
        ),
        click.option(
            "--password-file",
            metavar="FILE",
            help="Take an export's password from a file's first line.",
        ),
    ):
        command = option(command)
    return command


class Exports:
    """The exports of one call. `end` is for when all that is good is done."""

    def __init__(self, wishes: ExportWishes, output: Output) -> None:
        self._wishes = wishes
        self._output = output
        self._bad: list[str] = []
        self.left_out: list[apps.LeftOut] = []

    def parse(self, source: str, reader: Reader) -> Parse | None:
        """Return what a source holds if it is an export, or a stream that can be read once.

        None is for anything else. Raises SourceError.
        """
        data = _data(source)
        if data is None:
            return None
        try:
            found = self._read(data, source)
        except SourceError as error:
            raise error.at("on standard input" if source == "-" else f"in {source}") from None
        if found is not None:
            return lambda issuer, account, counter=None: _named(found, issuer, account)
        if os.path.isfile(source):
            return None
        return lambda issuer, account, counter=None: sources.from_stdin(
            io.BytesIO(data), issuer, account, reader, counter
        )

    def end(self) -> None:
        """Raise SourceError if entries were bad, and the others are on the token."""
        if self._bad:
            more = f" and {len(self._bad) - _NAMED_MAX} more" if self._bad[_NAMED_MAX:] else ""
            named = ", ".join(f"'{name}'" for name in self._bad[:_NAMED_MAX])
            raise SourceError(f"bad entries were left out: {named}{more}")

    def _read(self, data: bytes, source: str) -> list[Enrolment] | None:
        if not self._is_export(data):
            return None
        # Where the answers come from, there is no question.
        export = self._opened(data, source, self._wishes.at_terminal and source != "-")
        self._report(export, self._wishes.asking and source != "-")
        if not export.entries:
            raise SourceError("no account in it can be on the token")
        return self._enrolments(export, source)

    def _is_export(self, data: bytes) -> bool:
        if not data or pictures.is_picture(data):
            return False
        if self._wishes.format is not None:
            return True
        names = [app.name for app in apps.recognise(data)]
        if not names and (error := apps.explained(data)) is not None:
            raise error
        can_prove = self._wishes.at_terminal or self._wishes.password_file is not None
        if names and not can_prove and not apps.is_certain(data):
            return False
        return bool(names) and names != ["uris"]  # which have their own way

    def _opened(self, data: bytes, source: str, at_terminal: bool) -> apps.Export:
        """Return the export; somebody may try a password again, and say whose it is."""
        asks_password = at_terminal and self._wishes.password_file is None
        app_name, tries = self._wishes.format, TRIES if asks_password else 1
        while True:
            try:
                return apps.read(
                    data,
                    password=self._password(source, at_terminal),
                    format=app_name,
                    allow_slow=self._wishes.allow_slow,
                )
            except SeveralFormats as error:
                if not at_terminal or not self._wishes.asking:
                    raise
                app_name = _which(error.names)
            except WrongPassword as error:
                tries -= 1
                if not tries:
                    raise
                tell(error.sentence)

    def _password(self, source: str, at_terminal: bool) -> Callable[[], str] | None:
        if (path := self._wishes.password_file) is not None:
            return lambda: _first_line(path)
        return (lambda: _typed(source)) if at_terminal else None

    def _report(self, export: apps.Export, asking: bool) -> None:
        """Say what is left out; refuse an export with bad entries unless somebody agrees."""
        self.left_out += export.left_out
        for each in export.left_out[:_SHOWN_MAX]:
            self._output.warn(f"{each.name}: {'bad' if each.bad else 'left out'}: {each.reason}")
        if more := len(export.left_out[_SHOWN_MAX:]):
            self._output.warn(f"{more} more entries are left out")
        bad = [each.name for each in export.left_out if each.bad]
        if not bad:
            return
        total = len(export.entries) + len(export.left_out)
        what = f"{len(bad)} of the {total} entries {'is' if len(bad) == 1 else 'are'} bad"
        if not self._wishes.keep_going:
            if not asking or not export.entries:
                raise SourceError(f"{what}, and nothing is added; --keep-going adds the good ones")
            tell(f"{what}.")
            if not says_yes(f"Go on with the other {len(export.entries)}?"):
                raise NothingChosen("nothing was added")
        self._bad += bad

    def _enrolments(self, export: apps.Export, source: str) -> list[Enrolment]:
        """Return the drafts, favourites first, with remarks on them all."""
        entries = sorted(export.entries, key=lambda each: not each.favourite)
        found = [each.enrolment for each in entries]
        remarks: list[str] = []
        if favourites := sum(each.favourite for each in entries):
            remarks.append(
                f"the app's favourites come first ({favourites}); the token's own are set in "
                "its menu"
            )
        if export.dropped:
            remarks.append(f"the app's {_list(export.dropped)} have no place on the token")
        path = Path(source)
        if export.disposable and not export.left_out and path.is_file():
            found = [dataclasses.replace(each, lists=(path,)) for each in found]
        if found:
            first = found[0]
            found[0] = dataclasses.replace(first, remarks=first.remarks + tuple(remarks))
        return found


def _data(source: str) -> bytes | None:
    """Return what stands in a file or a stream; None for what is neither."""
    if source == "-":
        try:
            return sys.stdin.buffer.read(sources.BYTES_MAX + 1)
        except (OSError, AttributeError):
            return None
    if sources.is_uri(source):
        return None
    try:
        kind = os.stat(source).st_mode
    except (OSError, ValueError):
        return None
    if not stat.S_ISREG(kind) and not stat.S_ISFIFO(kind):
        return None
    return files.read(Path(source), sources.BYTES_MAX + 1)


def _named(found: list[Enrolment], issuer: str | None, account: str | None) -> list[Enrolment]:
    """Return the enrolments; a single one with the names that are given."""
    if len(found) != 1 or (issuer is None and account is None):
        return found
    fields: dict[str, Any] = found[0].account.describe()
    kept = {"algorithm", "digits", "period", "counter", "type"} & fields.keys()
    made = enrol(
        fields["issuer"] if issuer is None else issuer,
        fields["name"] if account is None else account,
        found[0].account.secret,
        **{name: fields[name] for name in kept},
    )
    return [dataclasses.replace(made, remarks=found[0].remarks, lists=found[0].lists)]


def _which(names: tuple[str, ...]) -> str:
    while True:
        answer = ask(f"Whose export is it: {' or '.join(names)}? ").lower()
        found = [name for name in names if answer and name.startswith(answer)]
        if len(found) == 1:
            return found[0]


def _typed(source: str) -> str:
    try:
        return read_dotted(f"Password of {source}: ", sys.stdin, sys.stderr, clear="")
    except EOFError:
        raise NothingChosen("nobody gave the password, and nothing was added") from None


def _first_line(path: str) -> str:
    data = files.read(Path(path), _PASSWORD_MAX).splitlines()
    try:
        return data[0].decode() if data else ""
    except UnicodeDecodeError:
        raise SourceError(f"the password in {path} is not UTF-8 text") from None


def _list(things: tuple[str, ...]) -> str:
    *first, last = things
    return f"{', '.join(first)} and {last}" if first else last
