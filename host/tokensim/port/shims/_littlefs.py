"""The board's files in a littlefs on the simulated flash, to measure accesses to it.

The file system is the interpreter's own, with the parameters of a board. The simulated flash
counts reads; look-ups of files and garbage collections are reported to it. A collection is
detected at the next read or look-up, because less memory is in use than at the last one.
"""

import gc

import vfs
from _simulator import call, call_into
from _strict import not_simulated

_SECTOR = 4096
_SIZE, _STAT, _OPEN, _LIST, _COLLECTION = b"", b"\0", b"\1", b"\2", b"\3"
_COLLECTED = 4096  # bytes by which memory in use must shrink: closing a file frees less
_used = [0]


def _look():
    used = gc.mem_alloc()
    if used < _used[0] - _COLLECTED:
        call(b"L", _COLLECTION)
    _used[0] = used


class _Device:
    """The partition as a read-only block device."""

    writeblocks = not_simulated

    def __init__(self):
        self._blocks = int.from_bytes(call(b"L", _SIZE), "little") // _SECTOR

    def readblocks(self, block, buffer, offset=0):
        address = block * _SECTOR + offset
        head = address.to_bytes(4, "little") + len(buffer).to_bytes(4, "little")
        call_into(b"A", head, buffer)
        _look()

    def ioctl(self, command, argument):
        return {4: self._blocks, 5: _SECTOR}.get(command, 0)


class _FileSystem:
    """The file system, with its look-ups counted."""

    def __init__(self, files):
        self._files = files
        self.chdir, self.getcwd, self.statvfs = files.chdir, files.getcwd, files.statvfs

    def mount(self, readonly, mkfs):
        """Do nothing: the file system is mounted."""

    umount = mount

    def stat(self, path):
        call(b"L", _STAT)
        return self._files.stat(path)

    def open(self, path, mode):
        call(b"L", _OPEN)
        return self._files.open(path, mode)

    def ilistdir(self, path):
        call(b"L", _LIST)
        return self._files.ilistdir(path)


def mount():
    """Mount it as the root, and count from now on."""
    files = _FileSystem(vfs.VfsLfs2(_Device()))
    vfs.umount("/")
    vfs.mount(files, "/")
