"""os as on the board: it sees only the board's files, which are mounted at "/"."""

import os
from collections import namedtuple

from _simulator import call
from _strict import stand_in

_NAMES = (
    "VfsFat VfsLfs2 chdir dupterm dupterm_notify getcwd ilistdir listdir mkdir mount remove rename"
    " rmdir sep stat statvfs sync umount uname unlink urandom"
)
_Uname = namedtuple("uname", ("sysname", "nodename", "release", "version", "machine"))
_uname = _Uname(
    "esp32", "esp32", "1.24.0", "v1.24.0 on 2024-10-25", "Generic ESP32 module with ESP32"
)


def sync():
    """Do nothing: no write is delayed."""


def urandom(size):
    """Return so many bytes of the board's generator."""
    return call(b"y", int(size).to_bytes(4, "little"))


MODULE = stand_in(os, {"sync": sync, "urandom": urandom, "uname": lambda: _uname}, _NAMES)
