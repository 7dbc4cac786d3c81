"""Where the records of a restore lie that wait for its end, in RAM: two bytes for each.

It grows by pieces of 32, and nothing in it is ever moved to a larger piece.
"""

from array import array

from micropython import const

from tokenfw.vault.index import UNIT

_ROWS = const(32)  # of a piece


class Staged:
    """The addresses of STAGED records, in the order in which they came."""

    def __init__(self):
        self._pieces = []
        self._count = 0

    def __len__(self):
        return self._count

    def append(self, record):
        """Add a Record."""
        if self._count == len(self._pieces) * _ROWS:
            self._pieces.append(array("H", bytes(2 * _ROWS)))
        self._count += 1
        self._put(self._count - 1, record.address)

    def address(self, place):
        """Return the address of the record at a place, counted from 0."""
        return self._pieces[place // _ROWS][place % _ROWS] * UNIT

    def moved(self, old, new):
        """What lay at one address lies at another."""
        for place in range(self._count):
            if self.address(place) == old:
                self._put(place, new)
                return

    def forget(self, place):
        """The record at a place is no more."""
        self._put(place, 0)

    def places(self):
        """Yield the places whose records are still there."""
        for place in range(self._count):
            if self.address(place):
                yield place

    def records(self, log):
        """Yield the Records that are still there, read anew from `log`."""
        for place in self.places():
            yield log.read(self.address(place))

    def holds(self, address):
        """Return whether a record lies at this address."""
        return any([self.address(place) == address for place in range(self._count)])

    def _put(self, place, address):
        self._pieces[place // _ROWS][place % _ROWS] = address // UNIT
