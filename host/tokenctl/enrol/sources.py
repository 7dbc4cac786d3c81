"""The content of a source: an argument of the command line, a file, folder, text or picture.

`content` says what an argument means and reads its bytes, once; `sheets` finds the codes in it.
Both raise SourceError with one sentence, which names the place and quotes nothing.
"""

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from tokenctl import pictures
from tokenctl.enrol import files, in_text
from tokenctl.enrol.not_otp import explain
from tokenctl.enrol.setup_code import SetupCode, Sheet
from tokenctl.enrol.uri.otpauth import unwrap
from tokenctl.errors import NotAPicture, SourceError
from tokenctl.language import _, plural
from tokenctl.pictures import Reader, Reading

BYTES_MAX = 64 * 1024 * 1024  # of a file or of standard input
TEXT_MAX = 1024 * 1024  # bytes; beyond it, it is no list of URIs

_LIST = ".txt"
_BOMS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_URI = re.compile(r"([a-z][a-z0-9+.-]+://|otpauth:)", re.IGNORECASE)
_QUOTED_URI = re.compile(rf"[\s\ufeff<\"'`\u201c\u2018]*{_URI.pattern}", re.IGNORECASE)
_ENROLMENT = re.compile(r"(otpauth|apple-otpauth|otpauth-migration|steam|motp):", re.IGNORECASE)


@dataclass(frozen=True, repr=False)
class Content:
    """What an argument means: a `text`, a `folder`, or else the `data` of a file or a stream.

    `path` is the file, None for a stream; `source` names the place in error messages.
    """

    data: bytes = b""
    text: str | None = None
    folder: Path | None = None
    path: Path | None = None
    source: str = ""


def content(argument: str) -> Content:
    """Return the content of a URI, the path of a file or a folder, or `-` for standard input."""
    if argument == "-":
        if sys.stdin is None:
            raise SourceError(_("there is no standard input"))
        return stream(sys.stdin.buffer)
    if is_uri(argument) or (not os.path.exists(argument) and explain(argument)):
        return Content(text=argument)
    return at_path(argument)


def at_path(path: str) -> Content:
    """Return the content of a folder or a file.

    What is not a regular file can be read only once, and is never deleted.
    """
    if os.path.isdir(path):
        return Content(folder=Path(path))
    found = Path(path)
    data = files.read(found, BYTES_MAX + 1)
    return Content(
        data, path=found if found.is_file() else None, source=_("in {path}").format(path=path)
    )


def stream(binary: BinaryIO) -> Content:
    """Return the content of standard input: a picture's bytes, an export, or otpauth URIs."""
    try:
        return Content(binary.read(BYTES_MAX + 1), source=_("on standard input"))
    except OSError as error:
        raise SourceError(
            _("standard input cannot be read: {reason}").format(reason=files.reason(error))
        ) from None


def sheets(content: Content, reader: Reader) -> list[Sheet]:
    """Return the sheets of a content; `reader` reads the pictures."""
    if content.text is not None:
        with at(content.source):
            return [text_sheet(content.text, content.source)]
    if content.folder is not None:
        return _in_folder(content.folder, reader)
    with at(content.source):
        return [_sheet(content, reader)]


def sheets_or_fault(path: str, reader: Reader) -> list[Sheet]:
    """Return the sheets of one of several paths; a read error becomes a sheet, too."""
    try:
        return sheets(at_path(path), reader)
    except SourceError as error:
        return [Sheet(fault=error)]


def text_sheet(text: str, source: str = "", path: Path | None = None) -> Sheet:
    """Return the sheet of a text: an otpauth URI, a list of them, or prose that has some.

    A list has one URI per line; blank lines and lines that begin with "#" are ignored.
    """
    found = in_text.find(text, unwrap)
    if not found.lines:
        raise SourceError(_("it is empty"))
    several = len(text.strip().splitlines()) > 1
    lists = () if path is None else (path,)
    codes = tuple(
        SetupCode(
            line, _("line {number}").format(number=number) if several else "", source, lists=lists
        )
        for number, line in found.lines
    )
    return Sheet(codes, (_passed_over(found.passed_over),) if found.passed_over else ())


def picture_sheet(reading: Reading, source: str = "", path: Path | None = None) -> Sheet:
    """Return the sheet of a picture; `path` is its file."""
    whole = path is not None and not (reading.warnings or reading.parts)
    mixed = (path,) if path is not None and reading.warnings else ()
    several = len(reading.texts) > 1
    codes = tuple(
        SetupCode(
            unwrap(text),
            _("QR code {number}").format(number=number) if several else "",
            source,
            reading.assumptions.get(text, ()),
            (path,) if whole and path else reading.origins.get(text, ()),
            mixed=mixed,
        )
        for number, text in enumerate(reading.texts, 1)
    )
    return Sheet(codes, reading.warnings, is_picture=True)


def is_uri(text: str) -> bool:
    """Return whether a text is a URI; one as an argument stays in the shell's history."""
    return _QUOTED_URI.match(text) is not None


def holds_enrolments(text: str) -> bool:
    """Return whether a line of the text begins like an enrolment, even a faulty one."""
    return any(_ENROLMENT.match(line) for _, line in in_text.find(text, unwrap).lines)


def may_hold_some(path: Path) -> bool:
    """Return whether a file of a folder is a picture, or a .txt file that has an otpauth URI."""
    if path.suffix.lower() == _LIST:
        text = _text(files.read(path, TEXT_MAX + 1))
        return text is not None and holds_enrolments(text)
    return pictures.is_picture(files.read(path, pictures.HEAD))


@contextmanager
def at(source: str) -> Iterator[None]:
    """Prepend `source` to error messages."""
    try:
        yield
    except SourceError as error:
        raise (error.at(source) if source else error) from None


def _sheet(content: Content, reader: Reader) -> Sheet:
    data = content.data
    if not data:
        raise SourceError(_("it is empty"))
    if len(data) > BYTES_MAX:
        raise SourceError(
            _("it is larger than the limit of {megabytes} MB").format(megabytes=BYTES_MAX >> 20)
        )
    text = _text(data)
    if text is None or pictures.is_picture(data):
        return picture_sheet(reader.read(data, content.path), content.source, content.path)
    lines = in_text.find(text, unwrap).lines
    if not any(_URI.match(line) or explain(line) for _number, line in lines):
        raise NotAPicture(
            _("this is neither a picture, nor a list of otpauth URIs, nor an export of a known app")
        )
    return text_sheet(text, content.source, content.path)


def _in_folder(folder: Path, reader: Reader) -> list[Sheet]:
    """Return the sheets of all pictures and lists in a folder and its subfolders, sorted by name.

    A list is a .txt file that has an otpauth URI. Hidden files are left out.
    """
    paths = filter(may_hold_some, files.files_in(folder))
    found = [sheet for path in paths for sheet in sheets_or_fault(str(path), reader)]
    return [replace(sheet, folder=folder) for sheet in found] or [Sheet(folder=folder)]


def _passed_over(count: int) -> str:
    return plural(
        "{count} line of the text has no otpauth URI and was ignored",
        "{count} lines of the text have no otpauth URI and were ignored",
        count,
    ).format(count=count)


def _text(data: bytes) -> str | None:
    """Return `data` as text, or None if it is not text: then it may be a picture."""
    encoding = next((_BOMS[mark] for mark in _BOMS if data.startswith(mark)), "utf-8")
    if len(data) > TEXT_MAX:
        return None
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text
