"""Another app's export among the sources of `tokenctl provision`: what it holds and leaves out."""

from collections.abc import Sequence
from dataclasses import replace

from tokenctl import pictures
from tokenctl.cli.dialog import says_yes, tell
from tokenctl.cli.enrolling.export_password import opened
from tokenctl.cli.enrolling.options import Options
from tokenctl.cli.output import Output
from tokenctl.enrol import apps
from tokenctl.enrol.code import NOWHERE
from tokenctl.enrol.draft import Draft
from tokenctl.enrol.sources import Content
from tokenctl.errors import Quit, SourceError

_SHOWN_MAX = 100  # entries that are left out, each on a line
_NAMED_MAX = 20  # in one sentence


class Exports:
    """The exports of one call. `refuse_bad` is for when all that is good is done."""

    def __init__(self, options: Options, output: Output) -> None:
        self._options = options
        self._output = output
        self._bad: list[str] = []
        self.left_out: list[apps.LeftOut] = []

    def drafts(self, content: Content, name: str) -> list[Draft] | None:
        """Return what the source called `name` holds, or None if it is no export.

        Raises SourceError.
        """
        if not content.data or pictures.is_picture(content.data):
            return None
        try:
            return self._read(content, name) if self._is_export(content.data) else None
        except SourceError as error:
            raise error.at("on standard input" if name == "-" else f"in {name}") from None

    def refuse_bad(self) -> None:
        """Raise SourceError if entries were bad, and the others are on the token."""
        if self._bad:
            more = f" and {len(self._bad) - _NAMED_MAX} more" if self._bad[_NAMED_MAX:] else ""
            named = ", ".join(f"'{name}'" for name in self._bad[:_NAMED_MAX])
            raise SourceError(f"bad entries were left out: {named}{more}")

    def _read(self, content: Content, name: str) -> list[Draft]:
        export = opened(content.data, name, self._options)
        # Where the answers come from, there is no question.
        self._report(export, self._options.asking and name != "-")
        if not export.entries:
            raise SourceError("no account in it can be on the token")
        return _in_order(export, content)

    def _is_export(self, data: bytes) -> bool:
        if self._options.format is not None:
            return True
        names = [app.name for app in apps.recognise(data)]
        if not names and (error := apps.explained(data)) is not None:
            raise error
        can_prove = self._options.at_terminal or self._options.password_file is not None
        if names and not can_prove and not apps.is_certain(data):
            return False
        return bool(names) and names != ["uris"]  # which have their own way

    def _report(self, export: apps.Export, asking: bool) -> None:
        """Say what is left out; refuse an export with bad entries unless somebody agrees."""
        self.left_out += export.left_out
        for each in export.left_out[:_SHOWN_MAX]:
            self._output.warn(f"{each.name}: {'bad' if each.bad else 'left out'}: {each.reason}")
        if more := len(export.left_out[_SHOWN_MAX:]):
            self._output.warn(f"{more} more entries are left out")
        bad = [each.name for each in export.left_out if each.bad]
        if bad and not (self._options.keep_going or self._options.diff):
            _refuse_unless_agreed(export, len(bad), asking)
        self._bad += bad


def _refuse_unless_agreed(export: apps.Export, bad: int, asking: bool) -> None:
    good = len(export.entries)
    total = good + len(export.left_out)
    what = f"{bad} of the {total} entries {'is' if bad == 1 else 'are'} bad"
    if not asking or not good:
        raise SourceError(f"{what}, and nothing is added; --keep-going adds the good ones")
    tell(f"{what}.")
    if not says_yes(f"Go on with the other {good}?"):
        raise Quit


def _in_order(export: apps.Export, content: Content) -> list[Draft]:
    """Return the drafts, favourites first, with remarks on them all."""
    drafts = sorted(export.entries, key=lambda each: not each.favourite)
    if export.disposable and not export.left_out and content.path is not None:
        code = replace(NOWHERE, lists=(content.path,))
        drafts = [replace(each, code=code) for each in drafts]
    remarks: list[str] = []
    if favourites := sum(each.favourite for each in drafts):
        remarks.append(
            f"the app's favourites come first ({favourites}); the token's own are set in its menu"
        )
    if export.dropped:
        remarks.append(f"the app's {_listed(export.dropped)} have no place on the token")
    drafts[0] = replace(drafts[0], remarks=drafts[0].remarks + tuple(remarks))
    return drafts


def _listed(things: Sequence[str]) -> str:
    *first, last = things
    return f"{', '.join(first)} and {last}" if first else last
