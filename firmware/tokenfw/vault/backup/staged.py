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

    def address(self, place):
        """Return the address of the record at a place; 0 if it is gone."""
        return self._pieces[place // _ROWS][place % _ROWS] * UNIT

    def moved(self, old, new):
        """Update the address of the record that moved from `old` to `new`."""
        for place in range(self._count):
            if self.address(place) == old:
                self.put(place, new)
                return

    def forget(self, place):
        """Note that the record at a place is gone."""
        self.put(place, 0)

    def places(self):
        """Yield the places whose records are not gone."""
        for place in range(self._count):
            if self.address(place):
                yield place

    def records(self, log):
        """Yield the Records that are not gone, read from `log`."""
        for place in self.places():
            yield log.read(self.address(place))

    def holds(self, address):
        """Return whether a staged record is at this address."""
        return any([self.address(place) == address for place in range(self._count)])

    def put(self, place, address):
        """Note that the record at a place is at this address now."""
        self._pieces[place // _ROWS][place % _ROWS] = address // UNIT
