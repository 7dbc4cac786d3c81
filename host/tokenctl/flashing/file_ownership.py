"""Files that nobody else can have written: a folder of others proves nothing.

On Unix a file or folder is this user's own when it belongs to them or to root, and neither
its group nor everybody may write it. The folders above are not checked: whoever can
exchange one of them cannot give the new one, or what is in it, this user's name. Elsewhere
the system's rules for a user's own folders have to do.
"""

import os
import stat
from pathlib import Path

from tokenctl.errors import DownloadFailed
from tokenctl.language import _


class NotOwn(OSError):
    """Others may have written the file."""


def require_own(folder: Path, variable: str) -> None:
    """Raise DownloadFailed if others may write to the folder, OSError if it does not exist.

    `variable` is the environment's name for another one.
    """
    why = _shared(os.stat(folder))
    if why is not None:
        raise DownloadFailed(
            _(
                "the cache folder {folder} {why}, so nothing in it can be trusted: "
                "remove that permission (chmod go-w, chown), or name another folder in "
                "{variable}"
            ).format(folder=folder, variable=variable, why=why)
        )


def read_own(path: Path) -> bytes:
    """Return what a file holds; raise NotOwn when others may have written it, OSError."""
    with path.open("rb") as file:
        if _shared(os.fstat(file.fileno())) is not None:
            raise NotOwn
        return file.read()


def _shared(about: os.stat_result) -> str | None:
    """Return why others may write what this is about, as the end of a sentence, or None."""
    if os.name != "posix":
        return None
    if about.st_uid not in (0, os.geteuid()):
        return _("belongs to another user")
    if about.st_mode & stat.S_IWOTH:
        return _("can be written by everyone")
    if about.st_mode & stat.S_IWGRP:
        return _("can be written by other members of its group")
    return None
