# ruff: noqa: F821  (ptr16 is viper's)
# pyright: reportUndefinedVariable=false, reportArgumentType=false
"""The index of accounts in RAM: six bytes for each, in display order.

For each account its id (1 to 65535), the address of its record, which is a
multiple of 16, and 16 keyed bits of its name, by which a name is found without
reading every record. It grows by pieces of 32 accounts, and nothing in it is ever
moved to a larger piece: a full heap has none. A scan keeps the sequence of each
record beside them, in two columns more, until the index is trimmed.
"""

from array import array

import micropython
from micropython import const

UNIT = 16  # bytes; the index reaches 1 MB of flash
_ROWS = const(32)  # of a piece; its columns lie one behind the other
_UNITS, _MARKS = const(1), const(2)  # columns; the first one holds the ids
_COLUMNS = const(3)


class Index:
    """Positions count from 0; addresses are in bytes. `columns` is how many there are."""

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
        """Return what a column holds at a position."""
        if position < 0 or position >= self._count:
            raise IndexError
        return self._pieces[position // _ROWS][column * _ROWS + position % _ROWS]

    def put(self, position, column, value):
        """Have a column hold a value (16 bits) at a position."""
        self._pieces[position // _ROWS][column * _ROWS + position % _ROWS] = value

    def position(self, account_id, start=0):
        """Return the position of the account with this id, from `start` on, or -1."""
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
        """Have room for one more account. Raises MemoryError; append() does not, after it."""
        if self._count == len(self._pieces) * _ROWS:
            self._pieces.append(array("H", bytes(2 * _ROWS * self._columns)))

    def append(self, account_id, address, mark):
        """Add an account behind all others; return its position."""
        self.reserve()
        position = self._count
        self._count += 1
        self.put(position, 0, account_id)
        self.update(position, address, mark)
        return position

    def update(self, position, address, mark):
        """Note the new record of the account at a position."""
        self.put(position, _UNITS, address // UNIT)
        self.put(position, _MARKS, mark)

    def arrange(self, order):
        """Put the accounts into this order of ids; those that it does not name come behind."""
        at = 0
        for account_id in order:
            position = self.position(account_id, at)
            if position >= 0:
                self.move(position, at)
                at += 1

    def moved(self, old, new, mark):
        """A record moved from one address to another, and has this mark now."""
        position = self._find(_UNITS, old // UNIT, 0)
        if position >= 0:
            self.update(position, new, mark)

    def remove(self, position):
        """Take the account at a position out."""
        self.move(position, self._count - 1)
        self._count -= 1
        if self._count == (len(self._pieces) - 1) * _ROWS:
            self._pieces.pop()

    def move(self, position, target):
        """Put the account at a position at another, `target`."""
        step = 1 if target > position else -1
        held = None
        while position != target:
            piece, row = self._pieces[position // _ROWS], position % _ROWS
            if held is None:
                held = [piece[row + column] for column in range(0, _ROWS * self._columns, _ROWS)]
            to = target - position + row  # the row, in this piece, to which others make way
            to = min(max(to, 0), _ROWS - 1)
            _shift(piece, row, to, len(piece))
            position += to - row
            if position != target:  # one more comes from the piece beside
                other = self._pieces[(position + step) // _ROWS]
                for column in range(0, _ROWS * self._columns, _ROWS):
                    piece[column + to] = other[column + (position + step) % _ROWS]
                position += step
        if held is not None:
            for column in range(self._columns):
                self.put(target, column, held[column])

    def trim(self):
        """Let go of the columns that only a scan wants."""
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
    """Return where in `piece` a 16-bit number lies, from `start` to `end`, or -1."""
    numbers = ptr16(piece)
    for at in range(start, end):
        if numbers[at] == value:
            return at
    return -1


@micropython.viper
def _shift(piece, row: int, to: int, size: int):
    """In each column, let those between two rows make way for that of `row`, which goes to `to`.

    What was in `row` is lost, and `to` is to be filled.
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
