"""From a source to enrolments, in one way for all sources. It reads downwards:

    sources.content(argument)         what an argument means: bytes, a text, a folder
    sources.sheets(content, reader)   its codes: texts, and where each stood
    parse(sheets)                     drafts of accounts; one may lack its name
    finish(outcomes, given)           names are applied, then all is checked

A capture (tokenctl.capture) makes sheets, too, and another app's export (enrol.apps) drafts.
A fault keeps its place as a Fault, so that messages come in the order of the source.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path

from tokenctl.enrol import sources
from tokenctl.enrol.draft import NOTHING_GIVEN, Draft, Given
from tokenctl.enrol.enrolment import Enrolment, from_draft
from tokenctl.enrol.faults import Fault, first_of, is_fault, parted, told
from tokenctl.enrol.not_otp import UNKNOWN, explain
from tokenctl.enrol.setup_code import SetupCode, Sheet
from tokenctl.enrol.uri import google_export, otpauth
from tokenctl.errors import (
    BadEnrolment,
    NoQRCode,
    NotAnEnrolment,
    NotAPicture,
    PartOfSet,
    SourceError,
)
from tokenctl.language import _
from tokenctl.pictures import Reader

URI_MAX = 8192  # characters of a URI; an export's code, which holds ten accounts, may have more
_SCHEME_MAX = 32  # characters
_HOLDS_NONE = (NoQRCode, NotAnEnrolment, NotAPicture)


def enrolments(argument: str, given: Given = NOTHING_GIVEN) -> list[Enrolment]:
    """Return the enrolments, at least one, for an argument of the command line.

    It is a URI, the path of a file or of a folder, or `-`. Raises SourceError, whose `more` are
    the other faults, and `good` the enrolments beside them.
    """
    with Reader() as reader:
        outcomes = parse(sources.sheets(sources.content(argument), reader))
        missing = reader.missing()
    found = result(finish(outcomes, given))
    if missing:
        raise PartOfSet(missing)
    return found


def parse(sheets: Sequence[Sheet]) -> list[Draft | Fault]:
    """Return the drafts in all sheets, at least one outcome; a part of a set does not count as one.

    Another source may complete the set: the reader of pictures knows.
    """
    found: list[Draft | Fault] = []
    for folder, group in groupby(sheets, lambda sheet: sheet.folder):
        outcomes = [_on_sheet(sheet) for sheet in group]
        found += sum(outcomes, []) if folder is None else _in_folder(folder, outcomes)
    if any(isinstance(each, Fault) for each in found):
        found = [each for each in found if not is_fault(each, PartOfSet)] or found[-1:]
    return found


def parse_code(code: SetupCode) -> list[Draft | Fault]:
    """Return the accounts in one code, with a Fault in the place of a refused one."""
    try:
        scheme = _scheme(code.text)
        if scheme == google_export.SCHEME:
            return google_export.parse(code)
        return [replace(otpauth.parse(code.text), code=code)]
    except SourceError as error:
        return [Fault(error, code)]


def finish(
    outcomes: Sequence[Draft | Fault], given: Given = NOTHING_GIVEN
) -> list[Enrolment | Fault]:
    """Return the drafts, checked, with what the user gave applied.

    A file with a fault in it is a mixed one, so it is kept. Remarks about a source
    come with its first account, or with the next if that one has a fault.
    """
    done: list[Enrolment | Fault] = []
    remarks: tuple[str, ...] = ()
    for each in outcomes:
        made = each if isinstance(each, Fault) else _checked(each, given)
        if isinstance(made, Enrolment) and remarks:
            made, remarks = replace(made, remarks=remarks + made.remarks), ()
        elif isinstance(each, Draft) and isinstance(made, Fault):
            remarks += each.remarks
        done.append(made)
    bad = frozenset[Path]().union(*(each.files for each in done if isinstance(each, Fault)))
    if not bad:
        return done
    return [each if isinstance(each, Fault) else _mixed_in(each, bad) for each in done]


def result(outcomes: Sequence[Enrolment | Fault]) -> list[Enrolment]:
    """Return the enrolments; if there are faults, raise the first, with all the rest."""
    good, bad = parted(outcomes)
    if bad:
        raise first_of(bad, good)
    return good


def _scheme(text: str) -> str:
    """Return the scheme of an enrolment's URI; raise NotAnEnrolment for anything else."""
    scheme = text[:_SCHEME_MAX].partition(":")[0].lower()
    if len(text) > URI_MAX and scheme != google_export.SCHEME:
        raise BadEnrolment(
            "uri",
            _("it is longer than {uri_max} characters, too long for a setup code").format(
                uri_max=URI_MAX
            ),
        )
    clause = explain(text)
    if clause is None and scheme not in (*otpauth.SCHEMES, google_export.SCHEME):
        clause = _(UNKNOWN)
    if clause is not None:
        raise NotAnEnrolment(clause)
    return scheme


def _on_sheet(sheet: Sheet) -> list[Draft | Fault]:
    if sheet.fault is not None:
        return [Fault(sheet.fault)]
    found = [each for code in sheet.codes for each in parse_code(code)]
    if sheet.is_picture and any(isinstance(each, Fault) for each in found):
        found = _beside_one_another(found)
    return _remarked(found, sheet.remarks) if sheet.remarks else found


def _beside_one_another(found: list[Draft | Fault]) -> list[Draft | Fault]:
    """Return the outcomes of a picture, without non-enrolments if it holds an enrolment."""
    others = [each for each in found if is_fault(each, NotAnEnrolment)]
    kept = [each for each in found if not is_fault(each, NotAnEnrolment)]
    if not kept:
        return [replace(others[0], code=replace(others[0].code, place=""))]
    if not others:
        return kept
    pictures = others[0].code.pictures  # which holds more than enrolments
    beside = tuple(_("also in the picture: {error}").format(error=each.error) for each in others)
    for place, each in enumerate(kept):
        if isinstance(each, Draft):
            if each.code.pictures == pictures:
                each = replace(each, code=replace(each.code, pictures=(), mixed=pictures))
            kept[place] = replace(each, warnings=each.warnings + beside)
            beside = ()
    return kept


def _in_folder(folder: Path, outcomes: list[list[Draft | Fault]]) -> list[Draft | Fault]:
    """Return the outcomes of a folder; non-enrolments become remarks if it holds an enrolment."""
    found: list[Draft | Fault] = []
    others: list[Fault] = []
    for sheet in outcomes:
        alone = sheet[0] if len(sheet) == 1 else None
        if is_fault(alone, *_HOLDS_NONE):
            others.append(alone)
        else:
            found += sheet
    errors = told(others)
    if not found:
        return [Fault(_nothing_in(folder, errors))]
    return _remarked(found, tuple(_("left out: {error}").format(error=error) for error in errors))


def _nothing_in(folder: Path, errors: Sequence[SourceError]) -> SourceError:
    """Return the error for a folder in which no picture is an enrolment."""
    if len(errors) == 1:
        return errors[0]
    if errors:
        return NoQRCode(
            _("none of the {count} pictures in the folder {folder} contains a setup code").format(
                count=len(errors), folder=folder
            )
        )
    return NoQRCode(
        _(
            "the folder {folder} has no picture with a setup code, no .txt file with an otpauth "
            "URI, and no export that identifies its app"
        ).format(folder=folder)
    )


def _remarked(outcomes: list[Draft | Fault], remarks: tuple[str, ...]) -> list[Draft | Fault]:
    """Return the outcomes, with these remarks about their source on the first draft."""
    for place, each in enumerate(outcomes):
        if isinstance(each, Draft):
            outcomes[place] = replace(each, remarks=each.remarks + remarks)
            break
    return outcomes


def _checked(draft: Draft, given: Given) -> Enrolment | Fault:
    try:
        return from_draft(draft if given == NOTHING_GIVEN else draft.given(given))
    except SourceError as error:
        return Fault(error, draft.code, draft.entry)


def _mixed_in(enrolment: Enrolment, files: frozenset[Path]) -> Enrolment:
    """Return the enrolment with those of its files that are in `files` as mixed ones."""
    return replace(
        enrolment,
        mixed=tuple(
            path
            for path in (*enrolment.mixed, *enrolment.origins, *enrolment.lists)
            if path in files or path in enrolment.mixed
        ),
        origins=tuple(path for path in enrolment.origins if path not in files),
        lists=tuple(path for path in enrolment.lists if path not in files),
    )
