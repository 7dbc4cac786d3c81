"""The complete path from a source to enrolments, for tests of the result.

`given` is the fields of Given: issuer, account, counter.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

from tokenctl.enrol import pipeline, sources
from tokenctl.enrol.draft import Given
from tokenctl.enrol.enrolment import Enrolment, from_draft
from tokenctl.enrol.setup_code import SetupCode, Sheet
from tokenctl.enrol.uri import google_export, otpauth
from tokenctl.errors import PartOfSet
from tokenctl.pictures import Reader


def from_uri(uri: str, **given: Any) -> Enrolment:
    return from_draft(otpauth.parse(uri).given(Given(**given)))


def from_export(uri: str, **given: Any) -> list[Enrolment]:
    """Read one code of Google's export."""
    return pipeline.result(pipeline.finish(google_export.parse(SetupCode(uri)), Given(**given)))


def from_sheets(sheets: list[Sheet], **given: Any) -> list[Enrolment]:
    return pipeline.result(pipeline.finish(pipeline.parse(sheets), Given(**given)))


def from_text(text: str, **given: Any) -> list[Enrolment]:
    return from_sheets([sources.text_sheet(text)], **given)


def from_argument(argument: str, **given: Any) -> list[Enrolment]:
    return pipeline.enrolments(argument, Given(**given))


def from_path(path: Path, **given: Any) -> list[Enrolment]:
    return _read(lambda reader: sources.sheets(sources.at_path(str(path)), reader), given)


def from_stream(stream: BinaryIO, **given: Any) -> list[Enrolment]:
    return _read(lambda reader: sources.sheets(sources.stream(stream), reader), given)


def from_picture(data: bytes, **given: Any) -> list[Enrolment]:
    return _read(lambda reader: [sources.picture_sheet(reader.read(data))], given)


def _read(sheets: Callable[[Reader], list[Sheet]], given: dict[str, Any]) -> list[Enrolment]:
    with Reader() as reader:
        found = from_sheets(sheets(reader), **given)
        missing = reader.missing()
    if missing:
        raise PartOfSet(missing)
    return found
