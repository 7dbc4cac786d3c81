"""What the sources of `tokenctl provision` hold, and what is to be said before more is done."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

import click

from tokenctl import captured, migration, sources
from tokenctl.captured import Parse
from tokenctl.commands.dialog import ask, forget_keys, says_yes, tell
from tokenctl.commands.exports import Exports
from tokenctl.enrolment import Enrolment
from tokenctl.errors import Doubtful, IncompleteExport, NoName, SeveralCodes
from tokenctl.output import Output
from tokenctl.pictures import Reader
from tokenctl.session import is_interactive


@dataclass(frozen=True)
class Wishes:
    """What the options say. `asking` is whether somebody may be asked."""

    clipboard: bool
    screen: bool
    camera: int | None  # its number

    issuer: str | None
    account: str | None
    take_all: bool
    guess: bool
    incomplete: bool
    asking: bool


def gather(
    arguments: Sequence[str], wishes: Wishes, output: Output, exports: Exports
) -> list[Enrolment]:
    """Return what all sources hold; raise SourceError, UsageError."""
    enrolments: list[Enrolment] = []
    with Reader() as reader:
        for each in arguments:
            may_ask = wishes.asking and each != "-"  # which is where the answers come from
            enrolments += _read(_from_argument(each, output, reader, exports), wishes, may_ask)
        if wishes.clipboard:
            enrolments += _read(captured.from_clipboard(reader), wishes, wishes.asking)
        if wishes.screen:
            enrolments += _read(captured.from_screen(reader, output.note), wishes, wishes.asking)
        if wishes.camera is not None:
            look = captured.from_camera(wishes.camera, reader, output.note, output.preview)
            if wishes.asking:
                forget_keys()
            enrolments += _read(look, wishes, wishes.asking)
    enrolments = _whole(enrolments, wishes)
    if wishes.guess:
        enrolments = [dataclasses.replace(each, doubts=()) for each in enrolments]
    if len(enrolments) > 1 and (wishes.issuer or wishes.account):
        raise click.UsageError("--issuer and --account are for one account; there are several")
    return enrolments


def warn(output: Output, enrolments: Sequence[Enrolment]) -> None:
    """Say what is odd: a thing that several have in common once."""
    said: dict[str, list[str]] = {}
    for each in enrolments:
        for warning in each.warnings:
            said.setdefault(warning, []).append(each.display_issuer or each.account.account)
    for remark in dict.fromkeys(text for each in enrolments for text in each.remarks):
        output.warn(remark)
    for warning, names in said.items():
        others = f" and {len(names) - 1} more" if len(names) > 1 else ""
        output.warn(f"{names[0]}{others}: {warning}")


def refuse_doubts(enrolments: Sequence[Enrolment]) -> None:
    """Raise Doubtful for the first enrolment in which something was guessed."""
    for each in enrolments:
        if each.doubts:
            name = each.display_issuer or each.account.account
            raise Doubtful(
                f"'{name}' is ambiguous: {each.doubts[0]}; run this at a terminal to edit it, "
                "name it with --issuer and --account, or take what is guessed with --guess"
            )


def _whole(enrolments: list[Enrolment], wishes: Wishes) -> list[Enrolment]:
    try:
        return migration.whole(enrolments, wishes.incomplete)
    except IncompleteExport as error:
        if not wishes.asking:
            raise
        tell(error.sentence)
        if not says_yes("Go on with the codes that are there?"):
            raise
    return migration.whole(enrolments, incomplete=True)


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
    return lambda issuer, account: sources.from_argument(source, issuer, account, reader)


def _read(parse: Parse, wishes: Wishes, may_ask: bool) -> list[Enrolment]:
    try:
        found = parse(wishes.issuer, wishes.account)
    except NoName as error:
        if not may_ask:
            raise
        found = _named(parse, error)
    if len(found) == 1 or wishes.take_all or wishes.asking:
        return found
    raise SeveralCodes(
        f"the source holds {len(found)} accounts; --all adds them all, --dry-run lists them"
    )


def _named(parse: Parse, error: NoName) -> list[Enrolment]:
    """Ask for the names that a source does not have."""
    tell("The set-up code has no name.")
    issuer, account = ask("Issuer (who asks for the code): "), ask("Account (your name there): ")
    found = parse(issuer, account)
    if len(found) > 1:  # they would all be called so
        raise error
    return found
