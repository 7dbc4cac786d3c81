"""CSV files as apps write them (RFC 4180), and as a spreadsheet leaves them.

A spreadsheet may put a semicolon or a tab where the app had a comma.
"""

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from tokenctl.enrol.apps.faults import CUT, Unreadable
from tokenctl.enrol.apps.file import NO_JSON, File
from tokenctl.language import _

_DELIMITERS = (",", ";", "\t")
_FIELD_MAX = 1 << 20  # characters of a note
_HEADER_MAX = 1000  # characters


def delimiter_of(file: File, known: Callable[[list[str]], bool]) -> str | None:
    """Return what separates the columns, if the names in the first row are `known`; else None."""
    if file.text is None or file.json is not NO_JSON:
        return None
    return next((each for each in _DELIMITERS if known(_header(file.text, each))), None)


def rows(text: str, delimiter: str = ",") -> list[list[str]]:
    """Return the header and the rows, without empty ones; raise Unreadable for a cut file.

    A last row is cut if it is shorter than the first, and no line ends there. Where files were
    put together, a header stands among the rows: it is left out.
    """
    with _long_fields():
        try:
            found = [row for row in _reader(text, delimiter) if row]
        except csv.Error:
            raise Unreadable(_(CUT)) from None
    if found and len(found[-1]) < len(found[0]) and not text.endswith(("\n", "\r")):
        raise Unreadable(_(CUT))
    return found[:1] + [row for row in found[1:] if row != found[0]]


def _header(text: str, delimiter: str) -> list[str]:
    try:
        return [name.strip() for name in next(iter(_reader(text[:_HEADER_MAX], delimiter)), [])]
    except csv.Error:
        return []


def _reader(text: str, delimiter: str) -> Iterable[list[str]]:
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)


@contextmanager
def _long_fields() -> Iterator[None]:
    limit = csv.field_size_limit(_FIELD_MAX)
    try:
        yield
    finally:
        csv.field_size_limit(limit)
