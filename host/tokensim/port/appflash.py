"""The partition with the firmware's files, to measure what a start reads from it.

It holds a littlefs image, and is read through the interpreter's own littlefs, as on a board.
`reads` and `bytes_read` count accesses to the flash, `lookups` those to files by their kind:
"stat", "open" and "ilistdir". `collections` counts garbage collections of the heap.
"""

from collections import Counter
from pathlib import Path

LOOKUPS = ("stat", "open", "ilistdir")


class AppFlash:
    """The partition with the files of a folder; all counts are 0."""

    def __init__(self, folder: Path) -> None:
        from tokenctl.flashing.app_image import pack  # which takes long to load, and few need it

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
        """Return `length` bytes; raise ValueError beyond the end."""
        if address + length > len(self._image):
            raise ValueError(f"{length} bytes at {address:#x} are outside the partition")
        self.reads += 1
        self.bytes_read += length
        return self._image[address : address + length]

    def count(self, kind: int) -> None:
        """Count a look-up, by its index in LOOKUPS, or a collection, whose index is one higher."""
        if kind < len(LOOKUPS):
            self.lookups[LOOKUPS[kind]] += 1
        else:
            self.collections += 1
