"""Where enrolments come from: a URI, a picture, a file, a folder, standard input.

Each function returns the enrolments it found, at least one, or raises
SourceError (or one of its children) with one sentence. `issuer` and `account`,
where given, take the place of the names in the source. What stands beside an
enrolment in a picture and is none is a warning of the first enrolment. Pictures
are read by `reader`, a new one where none is given.
"""

import dataclasses
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from tokenctl import files, migration, otpauth, pictures
from tokenctl.enrolment import Enrolment
from tokenctl.errors import BadEnrolment, NoQRCode, NotAnEnrolment, NotAPicture, SourceError
from tokenctl.foreign import UNKNOWN, explain
from tokenctl.pictures import Reader

BYTES_MAX = 64 * 1024 * 1024  # of a file or of standard input
TEXT_MAX = 1024 * 1024  # bytes; beyond it, it is no list of URIs

_URI = re.compile(r"([a-z][a-z0-9+.-]+://|otpauth:)", re.IGNORECASE)
_BOMS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


def from_argument(
    argument: str,
    issuer: str | None = None,
    account: str | None = None,
    reader: Reader | None = None,
) -> list[Enrolment]:
    """Return the enrolments that an argument of the command line means.

    It is a URI, the path of a file or of a folder, or `-`.
    """
    with _reading(reader) as reader:
        if argument == "-":
            return from_stdin(sys.stdin.buffer, issuer, account, reader)
        if is_uri(argument) or (explain(argument) and not os.path.exists(argument)):
            return from_text(argument, issuer, account)
        if os.path.isdir(argument):
            return from_folder(Path(argument), issuer, account, reader)
        return from_file(Path(argument), issuer, account, reader)


def is_uri(argument: str) -> bool:
    """Return whether an argument is a URI, and so stays in the shell's history."""
    return _URI.match(otpauth.unwrap(argument)) is not None


def from_folder(
    folder: Path,
    issuer: str | None = None,
    account: str | None = None,
    reader: Reader | None = None,
) -> list[Enrolment]:
    """Return the enrolments in all pictures of a folder, and of those in it, by name.

    Hidden ones are left out. A picture without an enrolment is a remark on the
    first enrolment's source; a bad enrolment is refused as everywhere.
    """
    enrolments: list[Enrolment] = []
    passed_over: list[SourceError] = []
    with _reading(reader) as reader:
        for path in files.pictures_in(folder):
            try:
                enrolments += from_file(path, issuer, account, reader)
            except (NoQRCode, NotAnEnrolment, NotAPicture) as error:
                passed_over.append(error)
    if not enrolments:
        if len(passed_over) == 1:
            raise passed_over[0]
        looked = f"the {len(passed_over)} pictures" if passed_over else "no picture"
        raise NoQRCode(f"the folder {folder} has {looked} with a set-up code in it")
    return _remarked(enrolments, tuple(f"left out: {error}" for error in passed_over))


def from_file(
    path: Path,
    issuer: str | None = None,
    account: str | None = None,
    reader: Reader | None = None,
) -> list[Enrolment]:
    """Return the enrolments in a picture, or in a text file of otpauth URIs."""
    data = files.read(path, BYTES_MAX + 1)
    try:
        return _from_bytes(data, issuer, account, reader, path)
    except SourceError as error:
        raise error.at(f"in {path}") from None


def from_stdin(
    stream: BinaryIO,
    issuer: str | None = None,
    account: str | None = None,
    reader: Reader | None = None,
) -> list[Enrolment]:
    """Return the enrolments in what `stream` holds: a picture's bytes, or otpauth URIs."""
    try:
        data = stream.read(BYTES_MAX + 1)
    except OSError as error:
        raise SourceError(f"standard input cannot be read: {files.reason(error)}") from None
    try:
        return _from_bytes(data, issuer, account, reader)
    except SourceError as error:
        raise error.at("on standard input") from None


def from_picture(
    data: bytes,
    issuer: str | None = None,
    account: str | None = None,
    reader: Reader | None = None,
    origin: Path | None = None,
) -> list[Enrolment]:
    """Return the enrolments among the QR codes of the picture `data`.

    `origin` is its file, and becomes theirs if it holds nothing else.
    """
    with _reading(reader) as reader:
        reading = reader.read(data)
    enrolments: list[Enrolment] = []
    others: list[NotAnEnrolment] = []
    for number, code in enumerate(reading.texts, 1):
        try:
            enrolments += _parse(code, issuer, account)
        except NotAnEnrolment as error:
            others.append(error)
        except BadEnrolment as error:
            raise (error.at(f"QR code {number}") if len(reading.texts) > 1 else error) from None
    if not enrolments:
        raise others[0] from None
    if origin is not None and not others and not reading.warnings:
        enrolments = [dataclasses.replace(each, origins=(origin,)) for each in enrolments]
    beside = tuple(f"beside it in the picture: {error}" for error in others)
    return _remarked(_warned(enrolments, beside), reading.warnings)


def from_text(text: str, issuer: str | None = None, account: str | None = None) -> list[Enrolment]:
    """Return the enrolments in `text`: an otpauth URI, or one on each line."""
    lines = [
        (number, line) for number, line in enumerate(text.splitlines(), 1) if otpauth.unwrap(line)
    ]
    if not lines:
        raise SourceError("there is nothing in it")
    enrolments: list[Enrolment] = []
    for number, line in lines:
        try:
            enrolments += _parse(line, issuer, account)
        except SourceError as error:
            raise (error.at(f"line {number}") if len(lines) > 1 else error) from None
    return enrolments


@contextmanager
def _reading(reader: Reader | None) -> Iterator[Reader]:
    """Give the reader there is, or a new one that ends with its use."""
    if reader is not None:
        yield reader
        return
    with Reader() as reader:
        yield reader


def _warned(enrolments: list[Enrolment], warnings: tuple[str, ...]) -> list[Enrolment]:
    """Return the enrolments, the first with these warnings besides."""
    first = enrolments[0]
    return [dataclasses.replace(first, warnings=first.warnings + warnings), *enrolments[1:]]


def _remarked(enrolments: list[Enrolment], remarks: tuple[str, ...]) -> list[Enrolment]:
    """Return the enrolments, the first with these remarks on all of their source."""
    first = enrolments[0]
    return [dataclasses.replace(first, remarks=first.remarks + remarks), *enrolments[1:]]


def _from_bytes(
    data: bytes,
    issuer: str | None,
    account: str | None,
    reader: Reader | None,
    origin: Path | None = None,
) -> list[Enrolment]:
    if not data:
        raise SourceError("there is nothing in it")
    if len(data) > BYTES_MAX:
        raise SourceError(f"it has more than {BYTES_MAX >> 20} MB, which is the limit")
    text = _text(data)
    if text is None or pictures.is_picture(data):
        return from_picture(data, issuer, account, reader, origin)
    if not _has_uri(text):
        raise NotAPicture("this is neither a picture nor a list of otpauth URIs")
    return from_text(text, issuer, account)


def _parse(text: str, issuer: str | None, account: str | None) -> list[Enrolment]:
    unwrapped = otpauth.unwrap(text)
    scheme = unwrapped.partition(":")[0].lower()
    clause = explain(unwrapped)
    if clause is None and scheme not in (*otpauth.SCHEMES, migration.SCHEME):
        clause = UNKNOWN
    if clause is not None:
        raise NotAnEnrolment(clause)
    if scheme == migration.SCHEME:
        return migration.parse(unwrapped, issuer, account)
    return [otpauth.parse(unwrapped, issuer, account)]


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


def _has_uri(text: str) -> bool:
    lines = (otpauth.unwrap(line) for line in text.splitlines())
    return any(_URI.match(line) or explain(line) for line in lines)
