"""Turns this interpreter into the simulated board's, then runs the firmware's main file.

Stand-ins replace the built-in modules, the file system at "/" has the board's files only, and
the C stack is limited to that of an ESP32. Nothing depends on the board, or is asked of the
simulator, before _be_copied(): see prototype.py.
"""

import gc
import os
import sys

import _modules
import vfs
from _serial import cooked
from _simulator import call, connect
from _stack import Stack

_PART = 12000 if sys.maxsize >> 32 else 4400  # bytes: of 1,280 names, or of 640
_TOGETHER = 16  # names that are interned at once, which take far less than a part


def _run(main):
    try:
        execfile(main, {"__name__": "__main__"})  # noqa: F821 (a built-in of MicroPython)
    except SystemExit:
        call(b"X")
    except BaseException as error:
        if not isinstance(error, KeyboardInterrupt):  # which may leave a request without a reply
            call(b"t")  # when it ends
        sys.print_exception(error, cooked)


def _make_room_for_names(part):
    """Grow the table of names (qstrs) to what a run needs, while the heap is not fragmented.

    The table consists of parts that double in size, each one piece of memory. On a board the
    names of a release are those of the stock image, and the last part has 160; here most names
    are new, and a part that is added after hours would need 14 KB.
    """
    first = 0
    before = gc.mem_alloc()
    while gc.mem_alloc() - before < part:  # each look goes through the whole heap
        before = gc.mem_alloc()
        for number in range(first, first + _TOGETHER):
            hasattr(_run, "name%d" % number)
        first += _TOGETHER


def _be_copied(limited):
    """Return in each copy of this process: a write to this file has it copied, and fails."""
    try:
        with open("/dev/fd/" + limited, "wb") as file:
            file.write(b"\0")
    except OSError:
        pass


def _mount():
    vfs.umount("/")
    vfs.mount(vfs.VfsPosix(os.getenv("TOKENSIM_FILES")), "/")


def _start():
    mount = _mount
    if os.getenv("TOKENSIM_COUNTED"):
        from _littlefs import mount
    _make_room_for_names(_PART)
    find_board = _modules.install(Stack())
    if os.getenv("TOKENSIM_LIMITED"):
        _be_copied(os.getenv("TOKENSIM_LIMITED"))
    connect()
    find_board()
    mount()
    os.chdir("/")
    sys.path[:] = ["", ".frozen", "/lib"]
    call(b"b", b"\3")  # each script starts with Ctrl-C armed
    _run(os.getenv("TOKENSIM_MAIN"))


_start()
