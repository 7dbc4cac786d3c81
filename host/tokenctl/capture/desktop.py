"""Enrolments from what the computer sees: codes on the screen or before a camera, the clipboard.

Each is captured once and may then be parsed with other names. Pictures of them are
in memory only. Raises SourceError, NoDisplay, NoCamera.
"""

import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from tokenctl.capture import camera, clipboard, screen
from tokenctl.capture.camera import Frame
from tokenctl.capture.camera_scan import Beside, watch
from tokenctl.enrol import otpauth, sources, texts
from tokenctl.enrol.enrolment import Enrolment
from tokenctl.enrol.faults import Faults
from tokenctl.errors import NoQRCode, PartOfSet, SourceError
from tokenctl.pictures import Reader, Reading


class Parse(Protocol):
    """Returns what was captured, with other names and another counter where they are given."""

    def __call__(
        self, issuer: str | None, account: str | None, counter: int | None = None
    ) -> list[Enrolment]:
        """Raise SourceError."""
        ...


def from_screen(reader: Reader, tell: Callable[[str], None]) -> Parse:
    """Look at every monitor; `tell` is told before, what will be looked at."""
    codes: dict[str, None] = {}
    warnings: dict[str, None] = {}
    doubts: dict[str, tuple[str, ...]] = {}
    part: PartOfSet | None = None
    with screen.views() as views:
        which = " and ".join(view.name for view in views)
        monitors = f"{len(views)} monitors ({which})" if len(views) > 1 else which
        tell(f"Looking for QR codes on the whole screen: {monitors}. No picture is kept.")
        for view in views:
            try:
                reading = reader.read(view.grab())
            except NoQRCode:
                continue
            except PartOfSet as error:
                part = error
                continue
            codes |= dict.fromkeys(reading.texts)
            warnings |= dict.fromkeys(reading.warnings)
            doubts |= reading.doubts
    if not codes:
        raise part or NoQRCode(_nothing_seen())
    reading = Reading(list(codes), tuple(warnings), doubts)
    return lambda issuer, account, counter=None: _at(
        "on the screen", lambda: texts.from_reading(reading, issuer, account, counter=counter)
    )


def from_camera(
    number: int,
    reader: Reader,
    tell: Callable[[str], None],
    preview: Callable[[], AbstractContextManager[Callable[[Frame], None]]],
) -> Parse:
    """Look through a camera until it has seen an enrolment; `tell` is told before."""
    with camera.opened(number) as eye, Beside(reader, tell) as decoder:
        tell(f"Looking for a QR code through {eye.name}; Ctrl-C ends it. No picture is kept.")
        with preview() as show:
            codes = watch(eye, decoder, tell, show)
            reading = Reading(codes, doubts=decoder.doubts)
    return lambda issuer, account, counter=None: _at(
        "before the camera", lambda: texts.from_reading(reading, issuer, account, counter=counter)
    )


def from_clipboard(reader: Reader) -> Parse:
    """Take what was copied last: a text of URIs, a picture, or files in a file manager."""
    content = clipboard.content()
    if content.paths:
        return lambda issuer, account, counter=None: _from_files(
            content.paths, issuer, account, reader, counter
        )
    if content.picture and not texts.holds_enrolments(content.text):
        reading = _at("in the clipboard", lambda: reader.read(content.picture))
        return lambda issuer, account, counter=None: _at(
            "in the clipboard",
            lambda: texts.from_reading(reading, issuer, account, counter=counter),
        )
    if not otpauth.unwrap(content.text):
        raise SourceError(
            "the clipboard holds neither a text nor a picture; copy the code's picture or its "
            "otpauth URI first"
        )
    return lambda issuer, account, counter=None: _at(
        "in the clipboard", lambda: texts.from_text(content.text, issuer, account, counter)
    )


def _from_files(
    paths: Sequence[str],
    issuer: str | None,
    account: str | None,
    reader: Reader,
    counter: int | None,
) -> list[Enrolment]:
    faults = Faults()
    for path in paths:
        try:
            faults.good += sources.from_path(path, issuer, account, reader, counter)
        except PartOfSet:  # another file may have the rest; the reader knows
            continue
        except SourceError as error:
            faults.add(error)
    if not faults.good and not faults.bad and (missing := reader.missing()):
        raise PartOfSet(missing)
    return faults.result()


def _at(place: str, read):
    """Return what `read` returns; what it says is wrong is said to be in `place`."""
    try:
        return read()
    except SourceError as error:
        raise error.at(place) from None


def _nothing_seen() -> str:
    sentence = (
        "no QR code was seen on the screen; bring the page with it to the front, or make it larger"
    )
    if sys.platform == "darwin":
        sentence += (
            ", and allow the terminal to record the screen (System Settings, Privacy & Security)"
        )
    return sentence
