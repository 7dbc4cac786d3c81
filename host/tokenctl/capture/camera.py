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

WIDTH, HEIGHT = 1280, 720  # asked for; the camera gives the nearest that it has
_FAILURES_MAX = 30  # frames in a row: a camera that starts up gives a few empty ones
_EXTRA = (
    "--camera needs OpenCV: pip install 'otptoken[camera]', or opencv-python-headless beside a "
    "tokenctl that comes from its sources"
)
_SETTINGS = {
    "darwin": "allow the terminal to use it (System Settings, Privacy & Security, Camera)",
    "win32": "allow desktop apps to use it (Settings, Privacy & security, Camera)",
}


@dataclass(frozen=True)
class Frame:
    """A picture of a camera: rows of grey, a byte (0 is black) for each pixel."""

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
        """Wait for the next picture and return it; NoCamera when none comes any more."""
        for _ in range(_FAILURES_MAX):
            there, picture = self._capture.read()
            if there:
                if len(picture.shape) > 2:
                    picture = self._cv2.cvtColor(picture, self._cv2.COLOR_BGR2GRAY)
                height, width = picture.shape
                return Frame(width, height, picture.tobytes())
        raise NoCamera(f"{self.name} gives no pictures any more")


@contextmanager
def opened(number: int, devices: Path = Path("/dev")) -> Iterator[Camera]:
    """Give the camera with this number, as long as the context lasts.

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
        raise NoCamera(_EXTRA) from None


def _name(number: int, names: Path = Path("/sys/class/video4linux")) -> str:
    try:
        return f"camera {number} ({(names / f'video{number}' / 'name').read_text().strip()})"
    except (OSError, UnicodeDecodeError):
        return f"camera {number}"


def _why_not(number: int, devices: Path) -> str:
    """Return why a camera cannot be opened, and what to do."""
    if not sys.platform.startswith("linux"):
        hint = _SETTINGS.get(sys.platform, "look whether another program uses it")
        return f"camera {number} gives no picture; {hint}, or take another one with --camera 1"
    there = sorted(
        int(found[1])
        for path in devices.glob("video*")
        if (found := re.fullmatch("video([0-9]+)", path.name))
    )
    if not there:
        return "there is no camera at this computer; take a picture of the code and give it instead"
    others = ", ".join(f"--camera {each}" for each in there if each != number)
    if number not in there:
        return f"there is no camera {number}; there is {others}"
    device = devices / f"video{number}"
    if not os.access(device, os.R_OK | os.W_OK):
        return (
            f"you may not use {device}: sudo usermod -aG video $USER, then log in again "
            "(on a desktop: sit at it)"
        )
    another = f", or take another one: {others}" if others else ""
    return f"{device} gives no picture; close the program that uses it{another}"
