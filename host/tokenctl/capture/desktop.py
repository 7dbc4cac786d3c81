"""Codes on the screen, in front of a camera and on the clipboard.

Pictures are kept in memory only. Raises SourceError, NoDisplay, NoCamera.
"""

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager

from tokenctl.capture import camera, clipboard, screen
from tokenctl.capture.camera import Frame
from tokenctl.capture.camera_scan import BackgroundDecoder, scan
from tokenctl.enrol import sources
from tokenctl.enrol.setup_code import Sheet
from tokenctl.enrol.sources import Content
from tokenctl.enrol.uri.otpauth import unwrap
from tokenctl.errors import NoQRCode, PartOfSet, SourceError
from tokenctl.language import _, marked
from tokenctl.pictures import Reader, Reading

_ON_SCREEN, _BEFORE_CAMERA, _ON_CLIPBOARD = (
    marked("on the screen"), marked("in front of the camera"), marked("on the clipboard")
)  # fmt: skip


def from_screen(reader: Reader, tell: Callable[[str], None]) -> list[Sheet]:
    """Read every monitor; `tell` is told beforehand what will be read."""
    texts: dict[str, None] = {}
    warnings: dict[str, None] = {}
    assumptions: dict[str, tuple[str, ...]] = {}
    part: PartOfSet | None = None
    with screen.views() as views:
        monitors = ", ".join(view.name for view in views)
        if len(views) > 1:
            monitors = _("{count} monitors ({monitors})").format(
                count=len(views), monitors=monitors
            )
        tell(
            _("Looking for QR codes on the whole screen: {monitors}. No picture is kept.").format(
                monitors=monitors
            )
        )
        for view in views:
            try:
                reading = reader.read(view.grab())
            except NoQRCode:
                continue
            except PartOfSet as error:
                part = error
                continue
            texts |= dict.fromkeys(reading.texts)
            warnings |= dict.fromkeys(reading.warnings)
            assumptions |= reading.assumptions
    if not texts:
        raise part or NoQRCode(_nothing_seen())
    reading = Reading(list(texts), tuple(warnings), assumptions)
    return [sources.picture_sheet(reading, _(_ON_SCREEN))]


def from_camera(
    number: int,
    reader: Reader,
    tell: Callable[[str], None],
    preview: Callable[[], AbstractContextManager[Callable[[Frame], None]]],
) -> list[Sheet]:
    """Watch a camera until it has seen an enrolment; `tell` is told beforehand."""
    with camera.opened(number) as eye, BackgroundDecoder(reader, tell) as decoder:
        tell(
            _(
                "Looking for a QR code through {name}; press Ctrl-C to stop. No picture is kept."
            ).format(name=eye.name)
        )
        with preview() as show:
            reading = Reading(scan(eye, decoder, tell, show), assumptions=decoder.assumptions)
    return [sources.picture_sheet(reading, _(_BEFORE_CAMERA))]


def on_clipboard() -> list[Content | str]:
    """Return what was copied last: a text, a picture, or the paths of files in a file manager."""
    held = clipboard.content()
    if held.paths:
        return list(held.paths)
    if held.picture and not sources.holds_enrolments(held.text):
        return [Content(held.picture, source=_(_ON_CLIPBOARD))]
    if unwrap(held.text):
        return [Content(text=held.text, source=_(_ON_CLIPBOARD))]
    raise SourceError(
        _(
            "the clipboard holds neither text nor a picture; first copy a picture of "
            "the code, or its otpauth URI"
        )
    )


def _nothing_seen() -> str:
    sentence = _("no QR code was found on the screen; bring its page to the front, or enlarge it")
    if sys.platform == "darwin":
        sentence += _(
            ", and allow the terminal to record the screen (System Settings, Privacy & Security)"
        )
    return sentence
