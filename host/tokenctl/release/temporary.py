"""Temporary files of the build: the compiler reads its sources from a folder, and writes to it."""

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tokenctl.errors import BadPayload
from tokenctl.language import _
from tokenctl.system_sentences import reason

_ROOM = 1 << 16  # bytes; what one source and its bytecode take at most


@contextmanager
def work_folder() -> Iterator[Path]:
    """Provide a folder for temporary files; BadPayload if there is none, or no room in it."""
    try:
        with tempfile.TemporaryDirectory() as folder:
            yield Path(folder)
    except OSError as error:
        text = _(
            "the firmware cannot be built, for lack of temporary files: {why}; make room, or name "
            "another folder in TMPDIR"
        )
        raise BadPayload(text.format(why=reason(error, str(error)))) from None


def require_room(folder: Path) -> None:
    """Raise OSError if a compiler that failed in this folder may have lacked room."""
    if shutil.disk_usage(folder).free < _ROOM:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
