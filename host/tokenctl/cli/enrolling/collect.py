"""Collects the content of the sources of `tokenctl provision`.

Each source is read once, by itself; what it lacks is asked for, and faults are kept until all
sources have been read.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto
from pathlib import Path

import click

from tokenctl.cli.dialog import ask, forget_keys, says_yes, tell
from tokenctl.cli.enrolling.exports import Exports
from tokenctl.cli.enrolling.options import Options
from tokenctl.cli.output import Output
from tokenctl.enrol import apps, merging, pipeline, sources
from tokenctl.enrol.draft import NOTHING_GIVEN, Draft, Given
from tokenctl.enrol.enrolment import Enrolment
from tokenctl.enrol.faults import Fault, first_of, is_fault, parted
from tokenctl.enrol.setup_code import Sheet
from tokenctl.enrol.sources import Content
from tokenctl.errors import (
    IncompleteExport,
    PartOfSet,
    SeveralCodes,
    SourceError,
)
from tokenctl.language import _, marked
from tokenctl.pictures import Reader

_IN_HISTORY = marked(
    "a URI given as an argument stays in the shell's history, with any "
    "secret in it; a file, --clipboard or standard input (-) avoids this"
)


class Capture(Enum):
    """A source that is not an argument."""

    CLIPBOARD = auto()
    SCREEN = auto()
    CAMERA = auto()


@dataclass(frozen=True)
class Collected:
    """The content of the sources, and their faults: empty unless --keep-going is given."""

    enrolments: list[Enrolment]
    bad: list[SourceError]

    def refuse_bad(self) -> None:
        """Raise the faults of the sources, once the rest is done."""
        if self.bad:
            raise first_of(self.bad)


class Collector:
    """Reads the sources that the options name."""

    def __init__(self, options: Options, output: Output, exports: Exports) -> None:
        self._options = options
        self._output = output
        self._exports = exports

    def collect(self, reader: Reader) -> Collected:
        """Return the content of all sources; raise SourceError, UsageError."""
        outcomes = [each for source in self._sources() for each in self._read(source, reader)]
        missing = reader.missing()
        good, bad = parted(outcomes)
        bad += [PartOfSet(missing)] if missing else []
        if bad and not (self._options.keep_going and good):
            raise first_of(bad, good)
        enrolments = self._put_together(good)
        if self._options.guess:
            enrolments = [replace(each, assumptions=()) for each in enrolments]
        _refuse_several(enrolments, self._options.given)
        return Collected(enrolments, bad)

    def _sources(self) -> list[str | Capture]:
        options = self._options
        captures = {
            Capture.CLIPBOARD: options.clipboard,
            Capture.SCREEN: options.screen,
            Capture.CAMERA: options.camera is not None,
        }
        return [*options.source, *(each for each, wanted in captures.items() if wanted)]

    def _read(self, source: str | Capture, reader: Reader) -> list[Enrolment | Fault]:
        """Return the content of one source; nothing for a part of a set, which others complete."""
        try:
            drafts = self._drafts(source, reader)
            # Standard input would have to give the answers, too.
            given = self._given(drafts, self._options.asking and source != "-")
        except SourceError as error:
            drafts, given = [Fault(error)], NOTHING_GIVEN
        outcomes = pipeline.finish(drafts, given)
        outcomes = [each for each in outcomes if not is_fault(each, PartOfSet)]
        several = len(outcomes) > 1 and not any(isinstance(each, Fault) for each in outcomes)
        if several and not (self._options.all_of_it or self._options.asking):
            return [Fault(_several(len(outcomes)))]
        return outcomes

    def _drafts(self, source: str | Capture, reader: Reader) -> Sequence[Draft | Fault]:
        if source is Capture.CLIPBOARD:
            from tokenctl.capture import desktop

            held = desktop.on_clipboard()
            return [each for one in held for each in self._on_clipboard(one, reader)]
        if isinstance(source, Capture):
            return pipeline.parse(self._captured(source, reader))
        if source == "-" and self._options.at_terminal:
            self._output.note(_("Reading otpauth URIs, one per line; end with Ctrl-D."))
        content = sources.content(source)
        if content.text is not None and sources.is_uri(content.text):
            self._output.warn(_(_IN_HISTORY))
        return self._in_content(content, source, reader)

    def _in_content(self, content: Content, name: str, reader: Reader) -> Sequence[Draft | Fault]:
        if content.folder is not None:
            return self._in_folder(content.folder, reader)
        drafts = self._exports.drafts(content, name)
        return drafts if drafts is not None else pipeline.parse(sources.sheets(content, reader))

    def _in_folder(self, folder: Path, reader: Reader) -> Sequence[Draft | Fault]:
        """Return the content of a folder: exports of other apps, then pictures and lists."""
        found = self._exports.in_folder(folder)
        sheets = sources.sheets(Content(folder=folder), reader)
        if found and not any(each.codes or each.fault for each in sheets):
            return found  # in a folder of exports no picture lacks
        if (
            self._options.format is not None
            and not found
            and not any(each.codes for each in sheets)
        ):
            return [Fault(_none_of(self._options.format, folder))]
        return [*found, *pipeline.parse(sheets)]

    def _on_clipboard(self, held: Content | str, reader: Reader) -> Sequence[Draft | Fault]:
        """Return what was copied: a content, or the path of a file or folder."""
        try:
            if isinstance(held, Content):
                return self._in_content(held, _("the clipboard"), reader)
            return self._in_content(sources.at_path(held), held, reader)
        except SourceError as error:
            return [Fault(error)]

    def _captured(self, source: Capture, reader: Reader) -> list[Sheet]:
        from tokenctl.capture import desktop  # here, not above: most sources are files

        if source is Capture.SCREEN:
            return desktop.from_screen(reader, self._output.note)
        number = self._options.camera or 0
        sheets = desktop.from_camera(number, reader, self._output.note, self._output.preview)
        if self._options.asking:
            forget_keys()
        return sheets

    def _given(self, drafts: Sequence[Draft | Fault], asking: bool) -> Given:
        """Return what the options give, and what the user answers about anything missing."""
        given, only = self._options.given, drafts[0] if len(drafts) == 1 else None
        if not asking or not isinstance(only, Draft):  # several would all be called so
            return given
        if only.lacks_counter and given.counter is None:
            given = replace(given, counter=_ask_counter())
        if not only.is_named and not given.issuer and not given.account:
            tell(_("The setup code contains no name."))
            issuer = ask(_("Issuer (the site that asks for the code): "))
            given = replace(
                given, issuer=issuer, account=ask(_("Account (your user name or e-mail address): "))
            )
        return given

    def _put_together(self, enrolments: list[Enrolment]) -> list[Enrolment]:
        try:
            return merging.put_together(enrolments, self._options.incomplete)
        except IncompleteExport as error:
            if not self._options.asking:
                raise
            tell(error.sentence)
            if not says_yes(_("Continue with the codes that are there?")):
                raise
        return merging.put_together(enrolments, incomplete=True)


def _refuse_several(enrolments: Sequence[Enrolment], given: Given) -> None:
    """Raise UsageError if what is given for one account would apply to several."""
    if len(enrolments) < 2:
        return
    if given.issuer or given.account:
        raise click.UsageError(_("--issuer and --account are for one account; there are several"))
    if given.counter is not None:
        raise click.UsageError(_("--counter is for one account; there are several"))


def _none_of(format: str, folder: Path) -> SourceError:
    return SourceError(
        _("no file in the folder {folder} is an export of {title}").format(
            folder=folder, title=apps.title(format)
        )
    )


def _several(count: int) -> SeveralCodes:
    return SeveralCodes(
        _("the source holds {count} accounts; --all adds them all, --dry-run lists them").format(
            count=count
        )
    )


def _ask_counter() -> int:
    tell(_("The setup code is of type HOTP and does not give its counter; the server knows it."))
    while True:
        answer = ask(_("Counter (0 or 1 for a new account): "))
        if re.fullmatch("[0-9]{1,20}", answer):
            return int(answer)
        tell(_("Enter a whole number."))
