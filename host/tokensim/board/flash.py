"""NOR flash: erasing a sector sets its bits to ones, programming only makes zeros.

Times are from the Winbond W25Q32FV data sheet (AC characteristics). The contents are
in a file that is mapped into memory, so they survive when the process is killed.
cut_after() makes the supply fail during an operation.
"""

import mmap
import os
import random
import weakref

PAGE = 256
BYTE_PROGRAM_NS = 30_000  # tBP1, the first byte of a page, typical
NEXT_BYTE_PROGRAM_NS = 2_500  # tBP2, each further byte, typical
PAGE_PROGRAM_NS = 700_000  # tPP, typical; at most 3 ms
PAGE_PROGRAM_MAX_NS = 3_000_000
SECTOR_ERASE_NS = 45_000_000  # tSE, 4 KB, typical; at most 400 ms
SECTOR_ERASE_MAX_NS = 400_000_000


class PowerCut(Exception):
    """The supply failed during this operation, or is still off."""


class Flash:
    """A flash of `size` bytes in sectors of `sector` bytes; all 0xFF when new.

    With a path the contents are in that file, otherwise in memory. `programs`, `erases` and
    `wear` (a list of erases by sector) count completed operations of this object, `reads` and
    `bytes_read` calls of read(). `file` is a path by which another process can read the
    contents, "" if the system does not support that. Raises ValueError if the file's size
    is wrong.
    """

    def __init__(self, path: str | os.PathLike[str] | None, size: int, sector: int = 4096):
        if size <= 0 or sector <= 0 or size % sector:
            raise ValueError(f"a flash of {size} bytes has no whole sectors of {sector} bytes")
        self.size, self.sector = size, sector
        self.programs = self.erases = self.reads = self.bytes_read = 0
        self.wear = [0] * (size // sector)
        self._closed: weakref.finalize | None = None
        self.file = "" if path is None else os.path.abspath(path)
        descriptor = -1
        if path is None and hasattr(os, "memfd_create"):
            descriptor = os.memfd_create("flash")
            self.file = f"/proc/{os.getpid()}/fd/{descriptor}"
            self._closed = weakref.finalize(self, os.close, descriptor)
        self._memory = _map(path, size, descriptor)
        self._powered = True
        self._worn: set[int] = set()
        self.cut_after(None)

    def close(self) -> None:
        """Release the file; the flash cannot be used afterwards."""
        self._memory.close()
        if self._closed is not None:
            self._closed()

    def read(self, address: int, length: int) -> bytes:
        """Return `length` bytes; raise ValueError beyond the end, PowerCut without power."""
        self._check(address, length)
        self.reads += 1
        self.bytes_read += length
        return self._memory[address : address + length]

    def program(self, address: int, data: bytes) -> None:
        """AND `data` into the contents, at any offset and of any length.

        Raises ValueError beyond the end, PowerCut without power.
        """
        self._check(address, len(data))
        if not data:
            return
        self._count_down(self._tear_program, address, data)
        self._and(address, data)
        self.programs += 1

    def erase(self, sector_index: int) -> None:
        """Set a sector to 0xFF; raise ValueError for no sector, PowerCut without power."""
        address = sector_index * self.sector
        self._check(address, self.sector)
        self._count_down(self._tear_erase, address)
        self._memory[address : address + self.sector] = b"\xff" * self.sector
        if sector_index in self._worn:
            self._memory[address + self.sector // 2] = 0xEF
        self.erases += 1
        self.wear[sector_index] += 1

    def wear_out(self, sector_index: int) -> None:
        """Make one bit of a sector stick at 0, despite erases."""
        self._worn.add(sector_index)
        self.program(sector_index * self.sector + self.sector // 2, b"\xef")

    # -- power cuts --------------------------------------------------------------------

    def cut_after(self, n: int | None, torn: bool = False, seed: int = 0) -> None:
        """Make the n-th program or erase from now (1 = the next) raise PowerCut; None: no cut.

        A clean cut leaves the contents unchanged. With `torn` a program is carried out up
        to some byte and for some bits of that; an erase leaves a mixture of old bytes, 0xFF
        and garbage, depending on `seed`. After it every operation fails until power_on().
        """
        if n is not None and n < 1:
            raise ValueError("the first operation that can be cut is number 1")
        self._left = n
        self._torn = torn
        self._random = random.Random(seed)  # noqa: S311 - repeatable on purpose

    def power_on(self) -> None:
        """Switch the supply on again, and cancel a cut that is still to come."""
        self._powered = True
        self.cut_after(None)

    def _count_down(self, tear, *arguments) -> None:
        if self._left is None:
            return
        self._left -= 1
        if self._left:
            return
        self._powered = False
        if self._torn:
            tear(*arguments)
        raise PowerCut("the power failed")

    def _tear_program(self, address: int, data: bytes) -> None:
        done = self._random.randrange(len(data))
        self._and(address, data[:done] + bytes([data[done] | self._random.randrange(256)]))

    def _tear_erase(self, address: int) -> None:
        old = self._memory[address : address + self.sector]
        # Anything from "hardly begun" to "all but finished".
        weights = [self._random.random() ** 4 for _ in range(3)]
        kinds = self._random.choices(range(3), weights, k=self.sector)
        garbage = self._random.randbytes(self.sector)
        torn = bytes((o, 0xFF, g)[k] for o, g, k in zip(old, garbage, kinds, strict=True))
        self._memory[address : address + self.sector] = torn

    # ----------------------------------------------------------------------------------

    def _check(self, address: int, length: int) -> None:
        if not self._powered:
            raise PowerCut("the flash has no power")
        if address < 0 or length < 0 or address + length > self.size:
            raise ValueError(f"{length} bytes at {address:#x} are outside the flash")

    def _and(self, address: int, data: bytes) -> None:
        old = int.from_bytes(self._memory[address : address + len(data)], "big")
        both = old & int.from_bytes(data, "big")
        self._memory[address : address + len(data)] = both.to_bytes(len(data), "big")


def program_duration_ns(address: int, length: int) -> int:
    """Typical time in ns to program `length` bytes at `address`, page by page."""
    total = 0
    while length > 0:
        chunk = min(length, PAGE - address % PAGE)
        first_and_next = BYTE_PROGRAM_NS + NEXT_BYTE_PROGRAM_NS * (chunk - 1)
        total += PAGE_PROGRAM_NS if chunk == PAGE else first_and_next
        address, length = address + chunk, length - chunk
    return total


def erase_duration_ns(sectors: int = 1) -> int:
    """Typical time in ns to erase so many 4 KB sectors."""
    return sectors * SECTOR_ERASE_NS


def private(path: str, flags: int) -> int:
    """Open a file that only its owner can access, as it holds secrets; an opener for open()."""
    return os.open(path, flags, 0o600)


def _map(path: str | os.PathLike[str] | None, size: int, descriptor: int) -> mmap.mmap:
    """Map the file, creating it as 0xFF; writes are in the system's page cache at once.

    Without a path map the open file `descriptor`, or memory if that is -1.
    """
    if path is None:
        if descriptor >= 0:
            os.ftruncate(descriptor, size)
        memory = mmap.mmap(descriptor, size)
        memory[:] = b"\xff" * size
        return memory
    if not os.path.exists(path):
        # Under another name first: a partly created file would have the wrong size forever.
        fresh = f"{os.fspath(path)}.new"
        with open(fresh, "wb", opener=private) as file:
            file.write(b"\xff" * size)
        os.replace(fresh, path)
    with open(path, "r+b") as file:
        there = os.fstat(file.fileno()).st_size
        if there != size:
            raise ValueError(f"{os.fspath(path)} has {there} bytes, but the flash has {size}")
        return mmap.mmap(file.fileno(), size)
