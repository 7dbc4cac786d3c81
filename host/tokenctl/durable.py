"""Files that a power cut does not take back: on disk, and under their names, once it is said so.

Functions raise OSError.
"""

import errno
import os
import tempfile
from contextlib import suppress
from pathlib import Path

# Of folders that may not be read, and of file systems that write no folders.
_CANNOT = (errno.EACCES, errno.EPERM, errno.EINVAL, errno.ENOTSUP, errno.ENOSYS)


def exchange(path: Path, data: bytes, prefix: str) -> None:
    """Replace what is at `path` by `data`: at any moment it is the old file or the new one.

    The new file is written beside it, under a name that begins with `prefix`, readable by this
    user alone. The permissions of an existing file are kept.
    """
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=prefix)
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
    settle(path.parent)


def settle(folder: Path) -> None:
    """Have the names in a folder on disk, as far as the system and the file system can do that."""
    if os.name != "posix":
        return
    try:
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        if error.errno not in _CANNOT:
            raise
