# ruff: noqa: F821  (ptr16 is viper's)
# pyright: reportUndefinedVariable=false, reportArgumentType=false
"""The index of accounts in RAM: six bytes for each, in display order.

For each account its id (1 to 65535), the address of its record, which is a
multiple of 16, and 16 keyed bits of its name, by which a name is found without
reading every record. It grows by arrays of 32 accounts, so that it never needs one
large piece of memory, which a full heap does not have. A scan keeps the sequence of
each record in two more columns, until the index is trimmed.
"""

import gc
from array import array

import micropython
from micropython import const

UNIT = 16  # bytes; the index reaches 1 MB of flash
_ROWS = const(32)  # of an array; its columns follow each other
_UNITS, _MARKS = const(1), const(2)  # columns; the first one, 0, has the ids
_COLUMNS = const(3)


class Index:
    """The accounts by position, from 0; addresses are in bytes. `columns` is their number."""

    def __init__(self, columns=_COLUMNS):
        self._columns = columns
        self._pieces = []
        self._count = 0

    def __len__(self):
        return self._count

    def id(self, position):
        """Return the id of the account at a position."""
        return self.get(position, 0)

    def address(self, position):
        """Return the address of the record of the account at a position."""
        return self.get(position, _UNITS) * UNIT

    def get(self, position, column):
        """Return the value of a column at a position; raise IndexError."""
        if position < 0 or position >= self._count:
            raise IndexError
        return self._pieces[position // _ROWS][column * _ROWS + position % _ROWS]

    def put(self, position, column, value):
        """Set a column to a value (16 bits) at a position."""
        self._pieces[position // _ROWS][column * _ROWS + position % _ROWS] = value

    def position(self, account_id, start=0):
        """Return the first position, from `start` on, of the account with this id, or -1."""
        return self._find(0, account_id, start)

    def positions_of(self, mark):
        """Return the positions of all accounts with this mark."""
        positions = []
        position = self._find(_MARKS, mark, 0)
        while position >= 0:
            positions.append(position)
            position = self._find(_MARKS, mark, position + 1)
        return positions

    def reserve(self):
        """Have room for one more account; raise MemoryError, so that append() cannot."""
        if self._count == len(self._pieces) * _ROWS:
            if self._columns == _COLUMNS:  # no scan, which makes them one after the other
                gc.collect()  # or it lies in the midst of garbage, and divides what will be free
            self._pieces.append(array("H", bytes(2 * _ROWS * self._columns)))

    def append(self, account_id, address, mark):
        """Add an account after all others; return its position."""
        self.reserve()
        position = self._count
        self._count += 1
        self.put(position, 0, account_id)
        self.update(position, address, mark)
        return position

    def update(self, position, address, mark):
        """Set address and mark of the account at a position."""
        self.put(position, _UNITS, address // UNIT)
        self.put(position, _MARKS, mark)

    def arrange(self, order):
        """Put the accounts into this order of ids; those that it does not list come last."""
        at = 0
        for account_id in order:
            position = self.position(account_id, at)
            if position >= 0:
                self.move(position, at)
                at += 1

    def moved(self, old, new, mark):
        """Update address and mark of the account whose record moved from `old` to `new`."""
        position = self._find(_UNITS, old // UNIT, 0)
        if position >= 0:
            self.update(position, new, mark)

    def remove(self, position):
        """Remove the account at a position."""
        self.move(position, self._count - 1)
        self._count -= 1
        if self._count == (len(self._pieces) - 1) * _ROWS:
            self._pieces.pop()

    def move(self, position, target):
        """Move the account at a position to the position `target`."""
        step = 1 if target > position else -1
        held = None
        while position != target:
            piece, row = self._pieces[position // _ROWS], position % _ROWS
            if held is None:
                held = [piece[row + column] for column in range(0, _ROWS * self._columns, _ROWS)]
            to = target - position + row  # the row in this array, at most its ends
            to = min(max(to, 0), _ROWS - 1)
            _shift(piece, row, to, len(piece))
            position += to - row
            if position != target:  # one row comes over from the next array
                other = self._pieces[(position + step) // _ROWS]
                for column in range(0, _ROWS * self._columns, _ROWS):
                    piece[column + to] = other[column + (position + step) % _ROWS]
                position += step
        if held is not None:
            for column in range(self._columns):
                self.put(target, column, held[column])

    def trim(self):
        """Drop the columns that only a scan needs."""
        self._columns = _COLUMNS
        for at in range(len(self._pieces)):
            self._pieces[at] = self._pieces[at][: _ROWS * _COLUMNS]

    def _find(self, column, value, start):
        """Return the first position from `start` on at which a column holds a value, or -1."""
        while start < self._count:
            row = start % _ROWS
            first = start - row
            rows = min(_ROWS, self._count - first)
            column_at = column * _ROWS
            found = _search(self._pieces[start // _ROWS], column_at + row, column_at + rows, value)
            if found >= 0:
                return first + found - column_at
            start = first + _ROWS
        return -1


@micropython.viper
def _search(piece, start: int, end: int, value: int) -> int:
    """Return the index of a 16-bit `value` in `piece`, between `start` and `end`, or -1."""
    numbers = ptr16(piece)
    for at in range(start, end):
        if numbers[at] == value:
            return at
    return -1


@micropython.viper
def _shift(piece, row: int, to: int, size: int):
    """In each column shift the rows after `row`, up to and including `to`, by one towards `row`.

    `size` is that of `piece`. The value of `row` is overwritten; that of `to` is left to be set.
    """
    numbers = ptr16(piece)
    step = 1 if to > row else -1
    base = 0
    while base < size:
        at = row
        while at != to:
            numbers[base + at] = numbers[base + at + step]
            at += step
        base += _ROWS
