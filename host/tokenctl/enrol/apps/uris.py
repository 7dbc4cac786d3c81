"""Lists of otpauth URIs, a URI anywhere in a text, and codes of Google's export among them."""

import re
from collections.abc import Iterator

from tokenctl.enrol.apps.drafts import Export, check_count
from tokenctl.enrol.apps.faults import Unreadable
from tokenctl.enrol.apps.file import File
from tokenctl.enrol.apps.opening import Opening
from tokenctl.enrol.apps.uri_entries import from_uri, label_of
from tokenctl.enrol.faults import Fault, told
from tokenctl.enrol.setup_code import SetupCode
from tokenctl.enrol.uri import google_export, otpauth
from tokenctl.errors import BadEnrolment
from tokenctl.language import _

_SCHEMES = r"(?:otpauth|apple-otpauth|otpauth-migration|steam|motp)://"
_WHOLE = re.compile(_SCHEMES, re.IGNORECASE)
_WITHIN = re.compile(rf"{_SCHEMES}[^\s\"'<>`|]+", re.IGNORECASE)
_JSON_BEGINS = ("{", "[")
_LINE_MAX = 10_000  # characters of a line that is a URI
_BEHIND = ".,;:!?)]}"  # what ends a sentence, not a URI


def claims(file: File) -> bool:
    """Return whether there is a URI of an account anywhere in the text."""
    if file.text is None or file.text.lstrip().startswith(_JSON_BEGINS):
        return False  # an app's file, and a damaged one if it came to this
    return "://" in file.text and _WITHIN.search(file.text) is not None


def read(file: File, opening: Opening) -> Export:
    """Return the accounts of all URIs; raise SourceError."""
    if file.text is None:
        raise Unreadable(_("it is not text"))
    export = Export("uris", disposable=True)
    lines = file.text.splitlines()
    found = [(number, uri) for number, line in enumerate(lines, 1) for uri in uris_in(line)]
    check_count(len(found))
    for number, uri in found:
        _add(
            export,
            uri,
            _("line {number}").format(number=number) if len(lines) > 1 else _("the URI"),
        )
    return export


def uris_in(line: str) -> Iterator[str]:
    """Give the URIs in a line: the line itself up to a tab, or those within other text."""
    if "://" not in line:
        return
    bare = line.partition("\t")[0]
    bare = otpauth.unwrap(bare) if len(bare) <= _LINE_MAX else ""
    if _WHOLE.match(bare):
        yield bare
        return
    for match in _WITHIN.finditer(line):
        yield match[0].rstrip(_BEHIND)


def _add(export: Export, uri: str, place: str) -> None:
    if not uri.lower().startswith(google_export.SCHEME):
        label = label_of(uri)
        export.collect([uri], from_uri, lambda each: f"{label} ({place})" if label else place)
        return
    try:
        found = google_export.parse(SetupCode(uri))
    except BadEnrolment as error:
        raise Unreadable(f"{place}: {error}") from None
    if faults := told(each for each in found if isinstance(each, Fault)):
        raise Unreadable(f"{place}: {faults[0]}")
    export.collect(found, lambda each: each, lambda each: place)
