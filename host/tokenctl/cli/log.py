"""--debug, --log-level and --log-file: what a bug report needs, and no secret.

Versions, the command's name, ports, the talk with the token as tokenctl.device.journal has it,
and of a failure the class and the places in the sources that it came through: no message, no
value, no argument.
"""

import os
import time

import click

from otpcore.messages import PROTOCOL
from otpcore.version import VERSION
from tokenctl.cli import terminal
from tokenctl.errors import TokenctlError
from tokenctl.language import _
from tokenctl.printable import printable
from tokenctl.system_sentences import reason

LEVELS = ("debug", "info")
_LIBRARIES = ("click", "esptool", "pillow", "pyserial", "rich", "zxing-cpp")


class _Log:
    """Lines on standard error, or in a file; each begins with the seconds since it was made.

    A file that takes no more, on a full disk, is warned about and given up: a command that is
    changing something does not stop for it.
    """

    def __init__(self, level: str, path: str | None) -> None:
        self.debug = level == LEVELS[0]
        self._started = time.monotonic()
        self._begun = self._given_up = False
        self._file = None if path is None else _opened(path)

    def take(self, detail: bool, line: str) -> None:
        """Write a line; details only at the level `debug`."""
        if self.debug or not detail:
            self.say_versions()
            self._write(line)

    def say_versions(self) -> None:
        """Write the first lines, unless that has been done."""
        if self._begun:
            return
        self._begun = True
        import platform

        context = click.get_current_context(silent=True)
        command = "tokenctl" if context is None else context.command_path
        self._write(f"{command}, version {VERSION}, protocol {PROTOCOL}")
        system = f"{platform.system()} {platform.release()} {platform.machine()}"
        self._write(f"Python {platform.python_version()}, {system}")
        self._write(", ".join(f"{name} {_version(name)}" for name in _LIBRARIES))

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _write(self, text: str) -> None:
        line = f"{time.monotonic() - self._started:9.3f} {text}"
        if self._file is None:
            if not self._given_up:
                terminal.say(line)
            return
        try:
            os.write(self._file, (printable(line) + "\n").encode())
        except OSError as error:
            self._given_up = True
            self.close()
            terminal.warn(_("Warning: {text}.").format(text=_unwritten(error)))


_open: list[_Log] = []  # one at most


def begin(level: str, path: str | None) -> None:
    """Write what happens from now on, at a level of LEVELS; to a file if `path` names one."""
    from tokenctl.device import journal

    _forget()
    found = _Log(level, path)
    _open.append(found)
    journal.listen(found.take)


def end() -> None:
    """End the log; it has at least the versions."""
    for each in _open:
        each.say_versions()
    _forget()


def _forget() -> None:
    if not _open:
        return
    from tokenctl.device import journal

    while _open:
        found = _open.pop()
        journal.leave(found.take)
        found.close()


def failed(error: BaseException) -> None:
    """Note a command's error: classes and places, also of its causes."""
    import traceback

    for each in _open:
        seen: BaseException | None = error
        while seen is not None:
            each.take(True, type(seen).__name__)
            for frame in traceback.extract_tb(seen.__traceback__):
                each.take(True, f"  {place(frame.filename)}:{frame.lineno} in {frame.name}")
            seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)


def place(filename: str) -> str:
    """Return a source's path within its package: what lies above may name a user."""
    from pathlib import Path

    parts = Path(filename).parts
    for root in ("tokenctl", "tokensim", "otpcore", "site-packages"):
        if root in parts:
            last = len(parts) - 1 - parts[::-1].index(root)
            return "/".join(parts[last + (root == "site-packages") :])
    return parts[-1] if parts else "?"


def _version(name: str) -> str:
    from importlib import metadata

    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "none"


def _opened(path: str) -> int:
    """Open a log that only this user can read; return its file descriptor."""
    try:
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    except OSError as error:
        raise TokenctlError(_unwritten(error)) from None


def _unwritten(error: OSError) -> str:
    why = reason(error, _("it cannot be written"))
    return _("the log file cannot be written: {why}").format(why=why)
