"""The partition with the firmware's files, for those who want to know what a start reads of it.

It holds a littlefs image and is read through the interpreter's own littlefs, as on a board.
`reads` and `bytes_read` count what the flash was asked for, `lookups` what the firmware's
files were: by name, "stat", "open" and "ilistdir". `collections` counts those of the heap.
"""

from collections import Counter
from pathlib import Path

from tokenctl.flashing.app_image import pack

LOOKUPS = ("stat", "open", "ilistdir")


class AppFlash:
    """The partition with the files of a folder, not read yet."""

    def __init__(self, folder: Path) -> None:
        files = {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in folder.rglob("*")
            if path.is_file()
        }
        self._image = pack(files)
        self.reads = self.bytes_read = 0
        self.collections = 0
        self.lookups: Counter[str] = Counter()

    def read(self, address: int, length: int) -> bytes:
        """Return `length` bytes; ValueError beyond the end."""
        if address + length > len(self._image):
            raise ValueError(f"{length} bytes at {address:#x} are outside the partition")
        self.reads += 1
        self.bytes_read += length
        return self._image[address : address + length]

    def count(self, kind: int) -> None:
        """Count a look-up, by its place in LOOKUPS, or a collection, behind them."""
        if kind < len(LOOKUPS):
            self.lookups[LOOKUPS[kind]] += 1
        else:
            self.collections += 1
