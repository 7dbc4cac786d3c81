"""The firmware's files in a littlefs: an image, or a board's flash.

Nothing is written. From a board only what is needed is read, since its ROM gives 64 bytes
at a time. Anything that is not a littlefs of our partition's size has no files.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import suppress

import littlefs

from tokenctl.flashing.layout import SECTOR, VFS

Read = Callable[[int, int], bytes]  # address in the partition, length

_VERSION_FILES = ("otpcore/version.mpy", "otpcore/version.py")  # of a development build
_RELEASE = re.compile(rb"\A# otptoken (\d{1,5}(?:\.\d{1,5}){2})\s")  # so begins its main.py
_VERSION = re.compile(rb"(?<![\w.])\d{1,5}(?:\.\d{1,5}){2}(?![\d.])")
_FILE_MAX = 4096  # bytes: ours have a thousand
_PIECE = 128  # bytes
# A folder in a file's place, a name that is no UTF-8, a folder within itself.
_NO_FILES = (littlefs.LittleFSError, OSError, ValueError, RecursionError)
_READ_ONLY = -30  # littlefs passes it on as an error of the flash


def files(image: bytes) -> dict[str, bytes] | None:
    """Return the paths and contents in an image of the partition, None if it is not a littlefs."""
    try:
        system = _mounted(_Flash(lambda address, length: image[address : address + length]))
        return {path: _content(system, path, VFS.size) for path in _walk(system)}
    except _NO_FILES:
        return None


def version(read: Read) -> str | None:
    """Return the version of the firmware on a board, None if it has none.

    Raises what `read` raises.
    """
    match = _RELEASE.match(beginning(read, "main.py") or b"")
    if match:
        return match[1].decode()
    for path in _VERSION_FILES:
        match = _VERSION.search(beginning(read, path) or b"")
        if match:
            return match[0].decode()
    return None


def beginning(read: Read, path: str, most: int = _FILE_MAX) -> bytes | None:
    """Return the first bytes of a file on a board, all that it has up to `most`; None if none.

    Raises what `read` raises.
    """
    flash = _Flash(read)
    found = None
    with suppress(*_NO_FILES):
        system = _mounted(flash)
        if _exists(system, path):
            found = _content(system, path, most)
    if flash.failure is not None:
        raise flash.failure
    return found


def is_older(one: str, other: str) -> bool:
    """Return whether version `one` (dotted numbers, then anything) is older than `other`."""
    return _numbers(one) < _numbers(other)


def _numbers(text: str) -> list[int]:
    return [int(each) for each in re.findall(r"\d+", text)[:3]]


class _Flash(littlefs.UserContext):
    """The block device for littlefs, which cannot pass on exceptions: they are in `failure`."""

    def __init__(self, read: Read) -> None:
        self.failure: BaseException | None = None
        self._read = read
        self._pieces: dict[int, bytes] = {}

    def read(self, cfg: object, block: int, off: int, size: int) -> bytearray:
        """Return bytes of the flash, zeros once reading has failed."""
        start = block * SECTOR + off
        first = start // _PIECE
        pieces = range(first, -(-(start + size) // _PIECE))
        data = b"".join(self._piece(number) for number in pieces)
        return bytearray(data[start - first * _PIECE :][:size])

    def _piece(self, number: int) -> bytes:
        if number not in self._pieces and self.failure is None:
            try:
                self._pieces[number] = self._read(number * _PIECE, _PIECE)
            except BaseException as failure:
                self.failure = failure
        return self._pieces.get(number, bytes(_PIECE))

    def prog(self, cfg: object, block: int, off: int, data: bytes) -> int:
        """Refuse to write, as do the next two."""
        return _READ_ONLY

    def erase(self, cfg: object, block: int) -> int:
        """See prog()."""
        return _READ_ONLY

    def sync(self, cfg: object) -> int:
        """See prog()."""
        return _READ_ONLY


def _mounted(flash: _Flash) -> littlefs.LittleFS:
    system = littlefs.LittleFS(
        context=flash,
        block_size=SECTOR,
        block_count=VFS.size // SECTOR,
        read_size=32,
        prog_size=32,
        lookahead_size=32,
        cache_size=_PIECE,
        name_max=255,
        mount=False,
    )
    system.mount()
    return system


def _walk(system: littlefs.LittleFS) -> Iterator[str]:
    for folder, _, names in system.walk("/"):
        for name in names:
            yield f"{folder.strip('/')}/{name}".strip("/")


def _exists(system: littlefs.LittleFS, path: str) -> bool:
    try:
        system.stat(path)
    except (littlefs.LittleFSError, OSError):
        return False
    return True


def _content(system: littlefs.LittleFS, path: str, most: int) -> bytes:
    with system.open(path, "rb") as file:
        return file.read(most)
