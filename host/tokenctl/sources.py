"""Where enrolments come from: a URI, a picture, a file, standard input.

Each function returns the enrolments it found, at least one, or raises
SourceError (or one of its children) with one sentence. `issuer` and `account`,
where given, take the place of the names in the source. What stands beside an
enrolment in a picture and is none is a warning of the first enrolment.
"""

import dataclasses
import os
import re
import sys
from pathlib import Path
from typing import BinaryIO

from tokenctl import otpauth, pictures
from tokenctl.enrolment import Enrolment
from tokenctl.errors import BadEnrolment, NotAnEnrolment, NotAPicture, SourceError
from tokenctl.foreign import UNKNOWN, explain

BYTES_MAX = 64 * 1024 * 1024  # of a file or of standard input
TEXT_MAX = 1024 * 1024  # bytes; beyond it, it is no list of URIs

_URI = re.compile(r"([a-z][a-z0-9+.-]+://|otpauth:)", re.IGNORECASE)
_BOMS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


def from_argument(
    argument: str, issuer: str | None = None, account: str | None = None
) -> list[Enrolment]:
    """Return the enrolments that a command-line argument means: a URI, `-`, or a file's path."""
    if argument == "-":
        return from_stdin(sys.stdin.buffer, issuer, account)
    if is_uri(argument) or (explain(argument) and not os.path.exists(argument)):
        return from_text(argument, issuer, account)
    return from_file(Path(argument), issuer, account)


def is_uri(argument: str) -> bool:
    """Return whether an argument is a URI, and so stays in the shell's history."""
    return _URI.match(otpauth.unwrap(argument)) is not None


def from_file(path: Path, issuer: str | None = None, account: str | None = None) -> list[Enrolment]:
    """Return the enrolments in a picture, or in a text file of otpauth URIs."""
    try:
        with path.open("rb") as file:
            data = file.read(BYTES_MAX + 1)
    except (OSError, ValueError) as error:
        raise SourceError(_why_unreadable(path, error)) from None
    try:
        return _from_bytes(data, issuer, account)
    except SourceError as error:
        raise error.at(f"in {path}") from None


def from_stdin(
    stream: BinaryIO, issuer: str | None = None, account: str | None = None
) -> list[Enrolment]:
    """Return the enrolments in what `stream` holds: a picture's bytes, or otpauth URIs."""
    try:
        data = stream.read(BYTES_MAX + 1)
    except OSError as error:
        raise SourceError(f"standard input cannot be read: {_reason(error)}") from None
    try:
        return _from_bytes(data, issuer, account)
    except SourceError as error:
        raise error.at("on standard input") from None


def from_picture(
    data: bytes, issuer: str | None = None, account: str | None = None
) -> list[Enrolment]:
    """Return the enrolments among the QR codes of the picture `data` (PNG, JPEG)."""
    codes = pictures.read_codes(data)
    enrolments: list[Enrolment] = []
    others: list[NotAnEnrolment] = []
    for number, code in enumerate(codes, 1):
        try:
            enrolments.append(_parse(code, issuer, account))
        except NotAnEnrolment as error:
            others.append(error)
        except BadEnrolment as error:
            raise (error.at(f"QR code {number}") if len(codes) > 1 else error) from None
    if not enrolments:
        raise others[0] from None
    beside = tuple(f"beside it in the picture: {error}" for error in others)
    first = enrolments[0]
    return [dataclasses.replace(first, warnings=first.warnings + beside), *enrolments[1:]]


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
            enrolments.append(_parse(line, issuer, account))
        except SourceError as error:
            raise (error.at(f"line {number}") if len(lines) > 1 else error) from None
    return enrolments


def _from_bytes(data: bytes, issuer: str | None, account: str | None) -> list[Enrolment]:
    if not data:
        raise SourceError("there is nothing in it")
    if len(data) > BYTES_MAX:
        raise SourceError(f"it has more than {BYTES_MAX >> 20} MB, which is the limit")
    text = _text(data)
    if text is None or pictures.is_picture(data):
        return from_picture(data, issuer, account)
    if not _has_uri(text):
        raise NotAPicture("this is neither a picture nor a list of otpauth URIs")
    return from_text(text, issuer, account)


def _parse(text: str, issuer: str | None, account: str | None) -> Enrolment:
    unwrapped = otpauth.unwrap(text)
    clause = explain(unwrapped)
    if clause is None and unwrapped.partition(":")[0].lower() not in otpauth.SCHEMES:
        clause = UNKNOWN
    if clause is not None:
        raise NotAnEnrolment(clause)
    return otpauth.parse(unwrapped, issuer, account)


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


def _why_unreadable(path: Path, error: OSError | ValueError) -> str:
    if isinstance(error, FileNotFoundError) and not _may_be_named(str(path)):
        return (
            "the argument is no file and no otpauth URI; for a bare secret run "
            "tokenctl provision with no source, which asks for it and does not show it"
        )
    if isinstance(error, FileNotFoundError):
        return f"there is no file {path}"
    if not _may_be_named(str(path)):
        return "the argument is no otpauth URI, and no file that can be read"
    if isinstance(error, IsADirectoryError) or path.is_dir():
        return f"the path {path} is a folder, not a file"
    return f"the file {path} cannot be read: {_reason(error)}"


def _may_be_named(argument: str) -> bool:
    """Return whether an argument that is no file is surely free of a secret.

    It is not when it is a URI spelled wrong, or has as long a run of base32 or
    hex digits as a secret has, and not the ending of a file's name.
    """
    if len(argument) > 1000 or re.search(r"[=&?]", argument):
        return False
    if re.search(r"\.[a-z]{3,4}$", argument, re.IGNORECASE):
        return True
    squeezed = re.sub(r"[ -]", "", argument)
    return not (
        re.search(r"[A-Z2-7]{16}|[0-9A-F]{16}", squeezed, re.IGNORECASE)
        or re.fullmatch(r"[A-Z2-7]{8,}", squeezed, re.IGNORECASE)
    )


def _reason(error: OSError | ValueError) -> str:
    return (isinstance(error, OSError) and error.strerror or "it is no path").lower()
