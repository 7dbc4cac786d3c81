"""What a process gives up for good, so that neither a secret nor a hostile file gets any further.

Each function takes what the system knows of it and leaves out what it does not: Linux has
all of it, other Unix systems have the limits, Windows none. A memory image ("core") of a
process that handled secrets would have them in it; on Linux it may also go to a program of
the system's, which no limit stops: so the process says that it is not to be dumped, which
keeps other programs of the same user from looking into it, too. (prctl(2), getrlimit(2), core(5).)
"""

import ctypes
import sys
from contextlib import suppress

try:
    import resource
except ImportError:  # Windows
    resource = None

_SET_DUMPABLE, _SET_NO_NEW_PRIVS = 4, 38  # of prctl


def leave_no_core() -> None:
    """Make this process, and those it starts, leave no memory image when they crash."""
    lower("RLIMIT_CORE", 0)
    _prctl(_SET_DUMPABLE, 0)


def gain_no_privileges() -> None:
    """Keep every program that this process becomes or starts from gaining privileges."""
    _prctl(_SET_NO_NEW_PRIVS, 1)


def start_nothing() -> None:
    """Keep this process from starting processes and threads; the kernel exempts only root."""
    lower("RLIMIT_NPROC", 0)


def limits(kind: str) -> bool:
    """Return whether this system has a resource limit, by its name."""
    return resource is not None and hasattr(resource, kind)


def lower(kind: str, most: int) -> None:
    """Lower a resource limit, by its name, to `most`, unless it is lower already."""
    if resource is None or not hasattr(resource, kind):
        return
    number: int = getattr(resource, kind)
    with suppress(ValueError, OSError):  # not every system has every limit
        hard = resource.getrlimit(number)[1]
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(number, (most, most))


def _prctl(option: int, value: int) -> None:
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(option, ctypes.c_ulong(value), 0, 0, 0)
