"""Enrolments in texts: the codes of a picture, and lists of otpauth URIs.

A list has one URI a line; blank lines, and lines that begin with "#", say nothing. In other
texts URIs may stand anywhere (see in_text). A URI has at most LINE_MAX characters. Each
function returns at least one enrolment, or raises SourceError with one sentence, which has
the place in it and nothing of the text. `issuer` and `account`, where given, take the place
of the names in the text, `counter` that of the counter.
"""

import dataclasses
import re
from collections.abc import Sequence
from pathlib import Path

from tokenctl.enrol import google_export, in_text, otpauth
from tokenctl.enrol.enrolment import Enrolment
from tokenctl.enrol.faults import Faults
from tokenctl.enrol.not_otp import UNKNOWN, explain
from tokenctl.errors import BadEnrolment, NotAnEnrolment, SourceError
from tokenctl.pictures import CHARSET_DOUBT, Reading

_URI = re.compile(r"([a-z][a-z0-9+.-]+://|otpauth:)", re.IGNORECASE)
_ENROLMENT = re.compile(r"(otpauth|apple-otpauth|otpauth-migration|steam|motp):", re.IGNORECASE)
LINE_MAX = 8192  # characters of a URI; an export's code, which holds ten accounts, may have more
_SCHEME_MAX = 32  # characters


def is_uri(text: str) -> bool:
    """Return whether a text is a URI; one as an argument stays in the shell's history."""
    return _URI.match(otpauth.unwrap(text)) is not None


def holds_something(text: str) -> bool:
    """Return whether a line of the text is a URI, or a thing that is known to be none."""
    return any(_URI.match(line) or explain(line) for _, line in _lines(text))


def holds_enrolments(text: str) -> bool:
    """Return whether a line of the text begins as an enrolment does, if a bad one."""
    return any(_ENROLMENT.match(line) for _, line in _lines(text))


def from_text(
    text: str,
    issuer: str | None = None,
    account: str | None = None,
    counter: int | None = None,
) -> list[Enrolment]:
    """Return the enrolments in `text`: an otpauth URI, or a list of them."""
    found = in_text.find(text, otpauth.unwrap)
    lines = found.lines
    if not lines:
        raise SourceError("there is nothing in it")
    several = len(text.strip().splitlines()) > 1
    faults = Faults()
    for number, line in lines:
        faults.take(
            lambda line=line: _parse(line, issuer, account, counter),
            f"line {number}" if several else "",
        )
    if found.passed_over and faults.good:
        faults.good = remarked(faults.good, (_passed_over(found.passed_over),))
    return faults.result()


def _passed_over(count: int) -> str:
    lines = "a line of the text has" if count == 1 else f"{count} lines of the text have"
    return f"{lines} no otpauth URI, and {'was' if count == 1 else 'were'} passed over"


def from_reading(
    reading: Reading,
    issuer: str | None = None,
    account: str | None = None,
    origin: Path | None = None,
    counter: int | None = None,
) -> list[Enrolment]:
    """Return the enrolments among the codes of a picture.

    What stands beside them and is none is a warning of the first. `origin` is the
    picture's file, and becomes theirs if it holds nothing else.
    """
    faults = Faults()
    others: list[NotAnEnrolment] = []
    for number, code in enumerate(reading.texts, 1):
        try:
            found = _parse(otpauth.unwrap(code), issuer, account, counter)
            faults.good += [_from_code(each, reading, code, issuer, account) for each in found]
        except NotAnEnrolment as error:
            others.append(error)
        except BadEnrolment as error:
            faults.add(error.at(f"QR code {number}") if len(reading.texts) > 1 else error)
    enrolments = faults.good
    if not enrolments and not faults.bad:
        raise others[0] from None
    if enrolments:
        alone = not (others or faults.bad or reading.warnings or reading.parts)
        if origin is not None and alone:
            enrolments = [dataclasses.replace(each, origins=(origin,)) for each in enrolments]
        first = enrolments[0]
        beside = tuple(f"beside it in the picture: {error}" for error in others)
        enrolments[0] = dataclasses.replace(first, warnings=first.warnings + beside)
        faults.good = remarked(enrolments, reading.warnings)
    return faults.result()


def _from_code(
    enrolment: Enrolment, reading: Reading, code: str, issuer: str | None, account: str | None
) -> Enrolment:
    """Return the enrolment with what is in doubt about its code, and the files of its parts."""
    doubts = reading.doubts.get(code, ())
    if issuer is not None and account is not None:  # no letter of the code's is in a name
        doubts = tuple(each for each in doubts if each != CHARSET_DOUBT)
    return dataclasses.replace(
        enrolment,
        doubts=enrolment.doubts + doubts,
        warnings=enrolment.warnings + doubts,
        origins=reading.origins.get(code, ()),
    )


def remarked(enrolments: Sequence[Enrolment], remarks: tuple[str, ...]) -> list[Enrolment]:
    """Return the enrolments, the first with these remarks on all of their source."""
    first = enrolments[0]
    return [dataclasses.replace(first, remarks=first.remarks + remarks), *enrolments[1:]]


def _lines(text: str) -> list[tuple[int, str]]:
    """Return the lines or URIs that say something, with their numbers."""
    return in_text.find(text, otpauth.unwrap).lines


def _parse(
    text: str, issuer: str | None, account: str | None, counter: int | None
) -> list[Enrolment]:
    scheme = text[:_SCHEME_MAX].partition(":")[0].lower()
    if len(text) > LINE_MAX and scheme != google_export.SCHEME:
        raise BadEnrolment("uri", f"it has over {LINE_MAX} characters, which no set-up code needs")
    otpauth.require_unicode(text)
    clause = explain(text)
    if clause is None and scheme not in (*otpauth.SCHEMES, google_export.SCHEME):
        clause = UNKNOWN
    if clause is not None:
        raise NotAnEnrolment(clause)
    if scheme == google_export.SCHEME:
        return google_export.parse(text, issuer, account, counter)
    return [otpauth.parse(text, issuer, account, counter)]
