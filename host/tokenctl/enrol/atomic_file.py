"""Replacing a file as a whole: at any moment it is the old file or the new one.

The new file is written beside it under a name of its own, readable by this user alone, and
replaces it once all of it is on disk. The permissions of an existing file are kept.
"""

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from tokenctl.enrol import files
from tokenctl.errors import KeepingFailed
from tokenctl.language import _

_PREFIX = ".tokenctl-"


def require_writable(path: Path) -> None:
    """Raise KeepingFailed unless a file can be created and written beside this one."""
    try:
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=_PREFIX)
        os.close(descriptor)
        os.unlink(name)
    except OSError as error:
        raise _failed(path, error) from None


def exchange(path: Path, data: bytes) -> None:
    """Replace what is at `path` by `data`; a new file is readable by this user alone."""
    try:
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=_PREFIX)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            if path.exists():
                os.chmod(name, path.stat().st_mode & 0o777)
            os.replace(name, path)
        except BaseException:
            with suppress(OSError):
                os.unlink(name)
            raise
        _settle(path.parent)
    except OSError as error:
        raise _failed(path, error) from None


def _settle(folder: Path) -> None:
    """Make the exchange survive a power cut, on systems where a folder can be opened."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _failed(path: Path, error: OSError) -> KeepingFailed:
    return KeepingFailed(
        _("the file {path} cannot be written: {reason}").format(
            path=path, reason=files.reason(error)
        )
    )
