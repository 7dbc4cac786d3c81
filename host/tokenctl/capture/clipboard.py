"""The clipboard: a code is lent to it and taken back; its content is read in another process.

A code goes there through copykitten and never through an argument or a file, and
is cleared only while the clipboard still holds it. What others put there is
decoded by a process that may die of it (see clipboard_worker). Raises NoDisplay where
there is no clipboard.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tokenctl.errors import NoDisplay, SourceError
from tokenctl.language import _, marked

LENT = 30.0  # seconds that a code stays there
_PATIENCE = 10.0  # seconds for another program to hand over what it copied
_WORKER = (sys.executable, "-P", "-m", "tokenctl.capture.clipboard_worker")
_PRINT = marked("without --copy, the code is printed")
UNAVAILABLE = "initialized"  # what copykitten says, in the end, where there is no clipboard


@dataclass(frozen=True, repr=False)
class Content:
    """The content of the clipboard: a text, file names, a picture's file, or none of these."""

    text: str = ""
    paths: tuple[str, ...] = ()
    picture: bytes = b""


def require() -> None:
    """Raise NoDisplay if no code can be lent; call this before one is generated."""
    if not sys.platform.startswith("linux"):
        return  # there always is one, and looking at it may ask the user
    import copykitten

    try:
        copykitten.paste()
    except copykitten.CopykittenError as error:
        if UNAVAILABLE in str(error):
            raise _missing(_(_PRINT)) from None


def lend(text: str, seconds: float = LENT, wait: Callable[[float], object] = time.sleep) -> bool:
    """Put a text there, and clear it after some seconds, or at once if interrupted.

    Returns False if something else was copied meanwhile, which is then kept.
    Ctrl-C ends copying or the wait and is not an error; SystemExit propagates.
    """
    import copykitten

    try:
        copykitten.copy(text)
        wait(seconds)
    except copykitten.CopykittenError:
        raise _missing(_(_PRINT)) from None
    except KeyboardInterrupt:
        pass
    finally:
        cleared = _clear(text)
    return cleared


def _clear(text: str) -> bool:
    import copykitten

    try:
        if copykitten.paste() != text:
            return False
        copykitten.clear()
    except copykitten.CopykittenError:
        return False  # a picture, say: not ours
    return True


def empty() -> None:
    """Empty the clipboard; raise NoDisplay if there is none."""
    import copykitten

    try:
        copykitten.copy("")  # on X11 only who has copied can clear
        copykitten.clear()
    except copykitten.CopykittenError:
        raise _missing(_("its content was not cleared")) from None


def content() -> Content:
    """Return what the clipboard holds; raise NoDisplay, SourceError."""
    try:
        done = subprocess.run(_WORKER, stdin=subprocess.DEVNULL, capture_output=True,
                              timeout=_PATIENCE)  # fmt: skip
    except subprocess.TimeoutExpired:
        raise SourceError(_("the program that owns the clipboard did not respond")) from None
    except OSError:
        raise SourceError(_("could not start the process that reads the clipboard")) from None
    head, _newline, picture = done.stdout.partition(b"\n")
    try:
        fields = json.loads(head)
        if fields is None:
            raise _missing(_("use a file, or - for standard input"))
        return Content(str(fields["text"]), tuple(fields["paths"]), picture)
    except (ValueError, TypeError, KeyError, RecursionError):
        raise SourceError(
            _(
                "the content of the clipboard cannot be read; save the picture to a file "
                "and use that"
            )
        ) from None


def _missing(instead: str, environment: Mapping[str, str] = os.environ) -> NoDisplay:
    """Return the clause for a missing clipboard, which depends on the system."""
    if environment.get("SSH_CONNECTION") and not environment.get("DISPLAY"):
        sentence = _("there is no clipboard over ssh without X11 forwarding (ssh -X); {instead}")
    elif not (environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY")):
        sentence = _(
            "there is no clipboard without a desktop (DISPLAY and WAYLAND_DISPLAY "
            "are not set); {instead}"
        )
    else:
        sentence = _("the clipboard cannot be used, because the desktop does not answer; {instead}")
    return NoDisplay(sentence.format(instead=instead))
