"""The addresses of the staged records of a restore, in RAM: two bytes for each.

It grows by arrays of 32, so that it never needs one large piece of memory.
"""

from array import array

from micropython import const

from tokenfw.vault.contents.index import UNIT

_ROWS = const(32)  # of an array


class Staged:
    """The addresses of STAGED records, in the order in which they were added. Places are from 0."""

    def __init__(self):
        self._pieces = []
        self._count = 0

    def __len__(self):
        return self._count

    def reserve(self):
        """Have room for one more record; raise MemoryError, so that append() cannot."""
        if self._count == len(self._pieces) * _ROWS:
            self._pieces.append(array("H", bytes(2 * _ROWS)))

    def append(self, record):
        """Add a Record."""
        self.reserve()
        self._count += 1
        self.put(self._count - 1, record.address)

    def address(self, index):
        """Return the address of the record at an index; 0 if it is gone."""
        return self._pieces[index // _ROWS][index % _ROWS] * UNIT

    def moved(self, old, new):
        """Update the address of the record that moved from `old` to `new`."""
        for index in range(self._count):
            if self.address(index) == old:
                self.put(index, new)
                return

    def forget(self, index):
        """Note that the record at an index is gone."""
        self.put(index, 0)

    def indices(self):
        """Yield the indices whose records are not gone."""
        for index in range(self._count):
            if self.address(index):
                yield index

    def records(self, log):
        """Yield the Records that are not gone, read from `log`."""
        for index in self.indices():
            yield log.read(self.address(index))

    def holds(self, address):
        """Return whether a staged record is at this address."""
        return any([self.address(index) == address for index in range(self._count)])

    def put(self, index, address):
        """Note that the record at an index is at this address now."""
        self._pieces[index // _ROWS][index % _ROWS] = address // UNIT
