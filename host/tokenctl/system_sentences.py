"""Why the system cannot read or write a file, in the language of its reader.

The system says it in the language of its own locale, which Python leaves at English. Here is a
clause for each reason that a user can do something about, by its number (errno.h, POSIX).
"""

import errno

from tokenctl.language import _, marked

_REASONS = {
    errno.EACCES: marked("permission denied"),
    errno.EBUSY: marked("it is in use"),
    errno.EDQUOT: marked("the disk quota is used up"),
    errno.EEXIST: marked("it already exists"),
    errno.EFBIG: marked("the file would be too large"),
    errno.EIO: marked("input/output error"),
    errno.EISDIR: marked("it is a folder"),
    errno.ELOOP: marked("too many symbolic links"),
    errno.EMFILE: marked("too many open files"),
    errno.ENAMETOOLONG: marked("the file name is too long"),
    errno.ENODEV: marked("no such device"),
    errno.ENOENT: marked("no such file or directory"),
    errno.ENOSPC: marked("no space left on device"),
    errno.ENOTDIR: marked("a part of the path is not a directory"),
    errno.EPERM: marked("operation not permitted"),
    errno.EPIPE: marked("the program that reads it has ended"),
    errno.EROFS: marked("the file system is read-only"),
}


def reason(error: OSError, otherwise: str = "") -> str:
    """Return the reason as a clause; the system's own words, or `otherwise`, if none is here."""
    known = _REASONS.get(error.errno or 0, "")
    return _(known) or (error.strerror or otherwise).lower()
