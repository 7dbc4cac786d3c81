"""What the sources of `tokenctl provision` hold, and what is to be said before more is done."""

import dataclasses
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import click

from tokenctl.capture import desktop
from tokenctl.capture.desktop import Parse
from tokenctl.cli.dialog import ask, forget_keys, says_yes, tell
from tokenctl.cli.enrolling.exports import Exports
from tokenctl.cli.output import Output
from tokenctl.cli.session import is_interactive
from tokenctl.enrol import google_export, sources
from tokenctl.enrol.enrolment import Enrolment
from tokenctl.enrol.faults import Faults
from tokenctl.enrol.twice import once_each
from tokenctl.errors import (
    Doubtful,
    IncompleteExport,
    NoCounter,
    NoName,
    PartOfSet,
    SeveralCodes,
    SourceError,
)
from tokenctl.pictures import Reader


@dataclass(frozen=True)
class Wishes:
    """What the options say. `asking` is whether somebody may be asked."""

    clipboard: bool
    screen: bool
    camera: int | None  # its number

    issuer: str | None
    account: str | None
    counter: int | None
    take_all: bool
    guess: bool
    incomplete: bool
    keep_going: bool
    asking: bool


@dataclass(frozen=True)
class Gathered:
    """What the sources hold, and what in them is bad: empty unless the wish is to go on."""

    enrolments: list[Enrolment]
    bad: list[SourceError]


def gather(arguments: Sequence[str], wishes: Wishes, output: Output, exports: Exports) -> Gathered:
    """Return what all sources hold; raise SourceError, UsageError."""
    faults = Faults()
    with Reader() as reader:
        for source, may_ask in _sources(arguments, wishes, output, reader, exports):
            try:
                faults.good += _read(source(), wishes, may_ask)
            except PartOfSet:  # another source may have the rest
                continue
            except SourceError as error:
                faults.add(error)
        if missing := reader.missing():
            faults.add(PartOfSet(missing))
    if faults.bad and not (wishes.keep_going and faults.good):
        raise faults.first()
    enrolments = once_each(_whole(faults.good, wishes))
    if wishes.guess:
        enrolments = [dataclasses.replace(each, doubts=()) for each in enrolments]
    if len(enrolments) > 1:
        for option, given in (
            ("--issuer and --account are", wishes.issuer or wishes.account),
            ("--counter is", wishes.counter is not None),
        ):
            if given:
                raise click.UsageError(f"{option} for one account; there are several")
    return Gathered(enrolments, faults.bad)


def _sources(
    arguments: Sequence[str], wishes: Wishes, output: Output, reader: Reader, exports: Exports
) -> Iterator[tuple[Callable[[], Parse], bool]]:
    """Yield how each source is captured, and whether somebody may be asked about it."""
    for each in arguments:
        # From standard input the answers would come, too.
        yield (
            lambda each=each: _from_argument(each, output, reader, exports),
            wishes.asking and each != "-",
        )
    if wishes.clipboard:
        yield lambda: desktop.from_clipboard(reader), wishes.asking
    if wishes.screen:
        yield lambda: desktop.from_screen(reader, output.note), wishes.asking
    if wishes.camera is not None:
        number = wishes.camera

        def look() -> Parse:
            parse = desktop.from_camera(number, reader, output.note, output.preview)
            if wishes.asking:
                forget_keys()
            return parse

        yield look, wishes.asking


def warn(output: Output, enrolments: Sequence[Enrolment]) -> None:
    """Say what is odd: a thing that several have in common once."""
    said: dict[str, list[str]] = {}
    for each in enrolments:
        for warning in each.warnings:
            said.setdefault(warning, []).append(each.display_issuer or each.account.name)
    for remark in dict.fromkeys(text for each in enrolments for text in each.remarks):
        output.warn(remark)
    for warning, names in said.items():
        others = f" and {len(names) - 1} more" if len(names) > 1 else ""
        output.warn(f"{names[0]}{others}: {warning}")


def refuse_bad(gathered: Gathered) -> None:
    """Raise what is bad in the sources, when the rest is done."""
    if gathered.bad:
        first, *first.more = gathered.bad
        raise first


def refuse_doubts(enrolments: Sequence[Enrolment]) -> None:
    """Raise Doubtful for the first enrolment in which something was guessed."""
    for each in enrolments:
        if each.doubts:
            name = each.display_issuer or each.account.name
            raise Doubtful(
                f"'{name}' is ambiguous: {each.doubts[0]}; run this at a terminal to edit it, "
                "name it with --issuer and --account, or take what is guessed with --guess"
            )


def _whole(enrolments: list[Enrolment], wishes: Wishes) -> list[Enrolment]:
    try:
        return google_export.whole(enrolments, wishes.incomplete)
    except IncompleteExport as error:
        if not wishes.asking:
            raise
        tell(error.sentence)
        if not says_yes("Go on with the codes that are there?"):
            raise
    return google_export.whole(enrolments, incomplete=True)


def _from_argument(source: str, output: Output, reader: Reader, exports: Exports) -> Parse:
    if sources.is_uri(source):
        output.warn(
            "a URI as an argument stays in the shell's history, with any secret in it; "
            "a file, --clipboard or standard input (-) does not"
        )
    if source == "-" and is_interactive():
        output.note("Reading otpauth URIs, one on each line; Ctrl-D ends them.")
    if (parse := exports.parse(source, reader)) is not None:
        return parse
    return lambda issuer, account, counter=None: sources.from_argument(
        source, issuer, account, reader, counter
    )


def _read(parse: Parse, wishes: Wishes, may_ask: bool) -> list[Enrolment]:
    issuer, account, counter = wishes.issuer, wishes.account, wishes.counter
    found: list[Enrolment] | None = None
    while found is None:
        try:
            found = parse(issuer, account, counter)
        except (NoName, NoCounter) as error:
            if not may_ask or error.good or error.more:  # they would all be called so
                raise
            if isinstance(error, NoCounter):
                counter = _asked_counter()
                continue
            tell("The set-up code has no name.")
            issuer = ask("Issuer (who asks for the code): ")
            account = ask("Account (your name there): ")
            if not issuer and not account:
                raise
    if len(found) == 1 or wishes.take_all or wishes.asking:
        return found
    raise SeveralCodes(
        f"the source holds {len(found)} accounts; --all adds them all, --dry-run lists them"
    )


def _asked_counter() -> int:
    tell("The set-up code is of type HOTP and does not say its counter; the server knows it.")
    while True:
        answer = ask("Counter (0 or 1 where it is new): ")
        if re.fullmatch("[0-9]{1,20}", answer):
            return int(answer)
        tell("A whole number, please.")
