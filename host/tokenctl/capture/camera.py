"""A camera, through OpenCV, which is an extra: `pip install 'otptoken[camera]'`.

The only module that imports it. A frame is grey, stays in memory, and goes to the reader
of pictures as a PGM file. Raises NoCamera, whose sentence says what to do about it.
"""

import importlib
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tokenctl.errors import NoCamera
from tokenctl.language import _, marked

WIDTH, HEIGHT = 1280, 720  # asked for; the camera gives the nearest that it has
_FAILURES_MAX = 30  # frames in a row: a camera that starts up gives a few empty ones
_EXTRA = marked(
    "--camera needs OpenCV: pip install 'otptoken[camera]', or "
    "opencv-python-headless for a tokenctl run from source"
)
_SETTINGS = {
    "darwin": marked("allow the terminal to use it (System Settings, Privacy & Security, Camera)"),
    "win32": marked("allow desktop apps to use it (Settings, Privacy & security, Camera)"),
}


@dataclass(frozen=True)
class Frame:
    """A picture from a camera: rows of grey, a byte (0 is black) for each pixel."""

    width: int
    height: int
    grey: bytes

    def file(self) -> bytes:
        """Return it as a picture file (PGM)."""
        return b"P5\n%d %d\n255\n" % (self.width, self.height) + self.grey


class Camera:
    """A camera that was opened. `capture` is a cv2.VideoCapture, `name` is for people."""

    def __init__(self, capture: Any, name: str) -> None:
        self.name = name
        self._capture = capture
        self._cv2 = _opencv()

    def frame(self) -> Frame:
        """Wait for the next picture and return it; raise NoCamera if no more arrive."""
        for _attempt in range(_FAILURES_MAX):
            there, picture = self._capture.read()
            if there:
                if len(picture.shape) > 2:
                    picture = self._cv2.cvtColor(picture, self._cv2.COLOR_BGR2GRAY)
                height, width = picture.shape
                return Frame(width, height, picture.tobytes())
        raise NoCamera(_("{name} no longer delivers pictures").format(name=self.name))


@contextmanager
def opened(number: int, devices: Path = Path("/dev")) -> Iterator[Camera]:
    """Provide the camera with this number for the duration of the context.

    `devices` is where Linux has them.
    """
    cv2 = _opencv()
    capture = cv2.VideoCapture(number)
    try:
        if not capture.isOpened():
            raise NoCamera(_why_not(number, devices))
        capture.set(cv2.CAP_PROP_FRAME_WIDTH, WIDTH)
        capture.set(cv2.CAP_PROP_FRAME_HEIGHT, HEIGHT)
        capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)  # what is seen is what is there now
        yield Camera(capture, _name(number))
    finally:
        capture.release()


def _opencv() -> Any:
    os.environ.setdefault("OPENCV_LOG_LEVEL", "OFF")  # what is wrong is said here
    try:
        return importlib.import_module("cv2")
    except ImportError:
        raise NoCamera(_(_EXTRA)) from None


def _name(number: int, names: Path = Path("/sys/class/video4linux")) -> str:
    try:
        return _("camera {number} ({strip})").format(
            number=number, strip=(names / f"video{number}" / "name").read_text().strip()
        )
    except (OSError, UnicodeDecodeError):
        return _("camera {number}").format(number=number)


def _why_not(number: int, devices: Path) -> str:
    """Return why a camera cannot be opened, and what to do."""
    if not sys.platform.startswith("linux"):
        hint = _(_SETTINGS.get(sys.platform, marked("check whether another program is using it")))
        return _(
            "camera {number} delivers no picture; {hint}, or use another one with --camera 1"
        ).format(hint=hint, number=number)
    there = sorted(
        int(found[1])
        for path in devices.glob("video*")
        if (found := re.fullmatch("video([0-9]+)", path.name))
    )
    if not there:
        return _("this computer has no camera; take a picture of the code and use that instead")
    others = ", ".join(f"--camera {each}" for each in there if each != number)
    if number not in there:
        return _("there is no camera {number}; there is {others}").format(
            number=number, others=others
        )
    device = devices / f"video{number}"
    if not os.access(device, os.R_OK | os.W_OK):
        return _(
            "you do not have permission to use {device}: run sudo usermod -aG video "
            "$USER, then log in again (on a desktop: log in at the computer itself)"
        ).format(device=device)
    another = _(", or use another one: {others}").format(others=others) if others else ""
    return _("{device} delivers no picture; close the program that is using it{another}").format(
        another=another, device=device
    )
