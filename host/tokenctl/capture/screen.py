"""What is on the screen: each monitor as a picture file, which stays in memory.

X11, Windows and macOS are looked at through mss. Under Wayland a program sees
nothing by itself: grim asks the compositors that allow it, and prints the picture.
Raises NoDisplay if nothing can be captured; its sentence says what works instead.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from tokenctl.errors import NoDisplay
from tokenctl.language import _, marked

_PATIENCE = 10.0  # seconds
_GRIM = ("grim", "-t", "ppm", "-")
_INSTEAD = marked(
    "take a screenshot to the clipboard instead, and run tokenctl provision --clipboard"
)


@dataclass(frozen=True)
class View:
    """A monitor: its name for people, and a function that returns a picture file of it."""

    name: str
    grab: Callable[[], bytes]


@contextmanager
def views(environment: Mapping[str, str] = os.environ) -> Iterator[Sequence[View]]:
    """Provide every monitor for the duration of the context; raise NoDisplay."""
    if _is_wayland(environment):
        if shutil.which(_GRIM[0]) is None:
            raise NoDisplay(
                _("Wayland does not let programs capture the screen themselves; {instead}").format(
                    instead=_(_INSTEAD)
                )
            )
        yield [View(_("every monitor"), _by_grim)]
        return
    import mss
    from mss.exception import ScreenShotError

    try:
        grabber = mss.MSS()
    except (ScreenShotError, OSError):
        raise NoDisplay(_no_display(environment)) from None
    with grabber:
        yield [
            View(f"{each['width']}x{each['height']}", lambda each=each: _by_mss(grabber, each))
            for each in grabber.monitors[1:]  # the first is all of them
        ]


def _is_wayland(environment: Mapping[str, str]) -> bool:
    """Return whether the desktop is Wayland's; if DISPLAY is set too, that shows only a part."""
    return sys.platform.startswith("linux") and bool(
        environment.get("WAYLAND_DISPLAY") or environment.get("XDG_SESSION_TYPE") == "wayland"
    )


def _by_mss(grabber, monitor) -> bytes:
    from mss.exception import ScreenShotError

    try:
        shot = grabber.grab(monitor)
    except (ScreenShotError, OSError):
        raise NoDisplay(
            _("the screen cannot be captured; {instead}").format(instead=_(_INSTEAD))
        ) from None
    return b"P6\n%d %d\n255\n" % (shot.width, shot.height) + shot.rgb


def _by_grim() -> bytes:
    try:
        done = subprocess.run(
            _GRIM, stdin=subprocess.DEVNULL, capture_output=True, timeout=_PATIENCE, check=True
        )
    except (OSError, subprocess.SubprocessError):
        raise NoDisplay(
            _("this desktop does not let grim capture the screen; {instead}").format(
                instead=_(_INSTEAD)
            )
        ) from None
    return done.stdout


def _no_display(environment: Mapping[str, str]) -> str:
    if not sys.platform.startswith("linux"):
        return _("the screen cannot be captured; {instead}").format(instead=_(_INSTEAD))
    where = (
        _("the desktop does not answer") if environment.get("DISPLAY") else _("DISPLAY is not set")
    )
    return _("there is no screen to capture ({where}); use the picture as a file instead").format(
        where=where
    )
