"""Replacing a file as a whole: at any moment it is the old file or the new one.

The new file is written beside it under a name of its own, readable by this user alone, and
replaces it once all of it is on disk. The permissions of an existing file are kept.
"""

import os
import tempfile
from pathlib import Path

from tokenctl import durable
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
        durable.exchange(path, data, _PREFIX)
    except OSError as error:
        raise _failed(path, error) from None


def _failed(path: Path, error: OSError) -> KeepingFailed:
    return KeepingFailed(
        _("the file {path} cannot be written: {reason}").format(
            path=path, reason=files.reason(error)
        )
    )
