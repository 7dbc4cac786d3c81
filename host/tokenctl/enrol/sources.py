"""Where enrolments come from: a URI, a picture, a file, a folder, standard input.

Each function returns the enrolments it found, at least one, or raises
SourceError (or one of its children) with one sentence. `issuer` and `account`,
where given, take the place of the names in the source, and `counter` that of an
HOTP account's counter. What stands beside an enrolment in a picture and is none is a
warning of the first enrolment. Pictures are read by `reader`, a new one where none is given.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from tokenctl import pictures
from tokenctl.enrol import files
from tokenctl.enrol.enrolment import Enrolment
from tokenctl.enrol.faults import Faults
from tokenctl.enrol.not_otp import explain
from tokenctl.enrol.texts import (
    from_reading,
    from_text,
    holds_enrolments,
    holds_something,
    is_uri,
    remarked,
)
from tokenctl.errors import NoQRCode, NotAnEnrolment, NotAPicture, PartOfSet, SourceError
from tokenctl.pictures import Reader

BYTES_MAX = 64 * 1024 * 1024  # of a file or of standard input
TEXT_MAX = 1024 * 1024  # bytes; beyond it, it is no list of URIs

_LIST = ".txt"
_BOMS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


def from_argument(
    argument: str,
    issuer: str | None = None,
    account: str | None = None,
    reader: Reader | None = None,
    counter: int | None = None,
) -> list[Enrolment]:
    """Return the enrolments that an argument of the command line means.

    It is a URI, the path of a file or of a folder, or `-`.
    """
    with _reading(reader) as reader:
        if argument == "-":
            return from_stdin(sys.stdin.buffer, issuer, account, reader, counter)
        if is_uri(argument) or (explain(argument) and not os.path.exists(argument)):
            return from_text(argument, issuer, account, counter)
        return from_path(argument, issuer, account, reader, counter)


def from_path(
    path: str,
    issuer: str | None = None,
    account: str | None = None,
    reader: Reader | None = None,
    counter: int | None = None,
) -> list[Enrolment]:
    """Return the enrolments in a file, or in a folder."""
    if os.path.isdir(path):
        return from_folder(Path(path), issuer, account, reader, counter)
    return from_file(Path(path), issuer, account, reader, counter)


def from_folder(
    folder: Path,
    issuer: str | None = None,
    account: str | None = None,
    reader: Reader | None = None,
    counter: int | None = None,
) -> list[Enrolment]:
    """Return the enrolments in all pictures and lists of a folder, and of those in it, by name.

    A list is a .txt file that has an otpauth URI. Hidden files are left out. A picture
    without an enrolment is a remark on the first enrolment's source; bad enrolments are
    refused as everywhere, all of them named.
    """
    faults = Faults()
    passed_over: list[SourceError] = []
    parts: list[SourceError] = []
    with _reading(reader) as reader:
        for path in filter(_may_hold_some, files.files_in(folder)):
            try:
                faults.good += from_file(path, issuer, account, reader, counter)
            except PartOfSet as error:
                parts.append(error)
            except SourceError as error:
                nothing = isinstance(error, NoQRCode | NotAnEnrolment | NotAPicture)
                if nothing and not error.good and not error.more:
                    passed_over.append(error)
                else:
                    faults.add(error)
        if not faults.good and not faults.bad:
            raise _nothing_in(folder, parts[-1:] or passed_over)
    if faults.good:
        faults.good = remarked(faults.good, tuple(f"left out: {error}" for error in passed_over))
    return faults.result()


def _nothing_in(folder: Path, passed_over: list[SourceError]) -> SourceError:
    """Return what to say of a folder in which no picture was an enrolment."""
    if len(passed_over) == 1:
        return passed_over[0]
    if passed_over:
        return NoQRCode(
            f"none of the {len(passed_over)} pictures in the folder {folder} has a set-up code"
        )
    return NoQRCode(
        f"the folder {folder} has no picture with a set-up code in it, and no .txt file with "
        "an otpauth URI"
    )


def from_file(
    path: Path,
    issuer: str | None = None,
    account: str | None = None,
    reader: Reader | None = None,
    counter: int | None = None,
) -> list[Enrolment]:
    """Return the enrolments in a picture, or in a text file of otpauth URIs."""
    data = files.read(path, BYTES_MAX + 1)
    try:
        return _from_bytes(data, issuer, account, reader, path, counter)
    except SourceError as error:
        raise error.at(f"in {path}") from None


def from_stdin(
    stream: BinaryIO,
    issuer: str | None = None,
    account: str | None = None,
    reader: Reader | None = None,
    counter: int | None = None,
) -> list[Enrolment]:
    """Return the enrolments in what `stream` holds: a picture's bytes, or otpauth URIs."""
    try:
        data = stream.read(BYTES_MAX + 1)
    except OSError as error:
        raise SourceError(f"standard input cannot be read: {files.reason(error)}") from None
    try:
        return _from_bytes(data, issuer, account, reader, None, counter)
    except SourceError as error:
        raise error.at("on standard input") from None


def from_picture(
    data: bytes,
    issuer: str | None = None,
    account: str | None = None,
    reader: Reader | None = None,
    origin: Path | None = None,
    counter: int | None = None,
) -> list[Enrolment]:
    """Return the enrolments among the QR codes of the picture `data`.

    `origin` is its file, and becomes theirs if it holds nothing else.
    """
    with _reading(reader) as reader:
        reading = reader.read(data, origin)
    return from_reading(reading, issuer, account, origin, counter)


@contextmanager
def _reading(reader: Reader | None) -> Iterator[Reader]:
    """Give the reader there is, or a new one that ends with its use.

    Whoever has one looks after the parts of sets that it saw; of a new one they are missing.
    """
    if reader is not None:
        yield reader
        return
    with Reader() as reader:
        yield reader
        missing = reader.missing()
    if missing:
        raise PartOfSet(missing)


def _may_hold_some(path: Path) -> bool:
    if path.suffix.lower() == _LIST:
        text = _text(files.read(path, TEXT_MAX + 1))
        return text is not None and holds_enrolments(text)
    return pictures.is_picture(files.read(path, pictures.HEAD))


def _from_bytes(
    data: bytes,
    issuer: str | None,
    account: str | None,
    reader: Reader | None,
    origin: Path | None,
    counter: int | None,
) -> list[Enrolment]:
    if not data:
        raise SourceError("there is nothing in it")
    if len(data) > BYTES_MAX:
        raise SourceError(f"it has more than {BYTES_MAX >> 20} MB, which is the limit")
    text = _text(data)
    if text is None or pictures.is_picture(data):
        return from_picture(data, issuer, account, reader, origin, counter)
    if not holds_something(text):
        raise NotAPicture("this is neither a picture nor a list of otpauth URIs")
    found = from_text(text, issuer, account, counter)
    return found if origin is None else [replace(each, lists=(origin,)) for each in found]


def _text(data: bytes) -> str | None:
    """Return the text that `data` is, or None when it is none: then it may be a picture."""
    encoding = next((_BOMS[mark] for mark in _BOMS if data.startswith(mark)), "utf-8")
    if len(data) > TEXT_MAX:
        return None
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text
