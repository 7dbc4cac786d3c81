# ruff: noqa: F821  (ptr16 is viper's)
# pyright: reportUndefinedVariable=false, reportArgumentType=false
"""The index of accounts in RAM: six bytes for each, in display order.

For each account its id (1 to 65535), the address of its record, which is a
multiple of 16, and 16 keyed bits of its name, by which a name is found without
reading every record.
"""

from array import array

import micropython

UNIT = 16  # bytes; the index reaches 1 MB of flash


class Index:
    """Three columns side by side. A place counts from 0; addresses are in bytes."""

    def __init__(self):
        self._ids = array("H")
        self._units = array("H")
        self._marks = array("H")

    def __len__(self):
        return len(self._ids)

    def ids(self):
        """Return the ids in display order, as a new list."""
        return list(self._ids)

    def numbers(self):
        """Return the ids in display order, as the array that the index itself has."""
        return self._ids

    def id(self, place):
        """Return the id of the account at a place."""
        return self._ids[place]

    def address(self, place):
        """Return the address of the record of the account at a place."""
        return self._units[place] * UNIT

    def place(self, number):
        """Return the place of the account with this id, or -1."""
        return find(self._ids, number)

    def places_of(self, mark):
        """Return the places of all accounts with this mark."""
        return [place for place, each in enumerate(self._marks) if each == mark]

    def fill(self, rows, count):
        """Take `count` accounts from an iterable of (id, sequence, address, mark)."""
        self._ids, self._units, self._marks = (array("H", bytes(2 * count)) for _ in range(3))
        for place, (number, _, address, mark) in enumerate(rows):
            self._ids[place] = number
            self.update(place, address, mark)

    def append(self, number, address, mark):
        """Add an account behind all others."""
        self._ids.append(number)
        self._units.append(address // UNIT)
        self._marks.append(mark)

    def update(self, place, address, mark):
        """Note the new record of the account at a place."""
        self._units[place] = address // UNIT
        self._marks[place] = mark

    def arrange(self, order):
        """Put the accounts into this order of ids; those that it does not name come behind."""
        arranged = array("H", bytes(2 * len(self._ids)))
        count = 0
        left = bytearray(b"\1" * len(self._ids))
        for number in order:
            place = find(self._ids, number)
            if place >= 0 and left[place]:
                left[place] = 0
                arranged[count] = place
                count += 1
        for place in range(len(left)):
            if left[place]:
                arranged[count] = place
                count += 1
        self._ids = _taken(self._ids, arranged)  # one after the other: there is little room
        self._units = _taken(self._units, arranged)
        self._marks = _taken(self._marks, arranged)

    def moved(self, old, new, mark):
        """A record moved from one address to another, and has this mark now."""
        place = find(self._units, old // UNIT)
        if place >= 0:
            self.update(place, new, mark)

    def remove(self, place):
        """Take the account at a place out."""
        for column in (self._ids, self._units, self._marks):
            column[place : place + 1] = array("H")

    def move(self, place, position):
        """Put the account at `place` at `position`."""
        for column in (self._ids, self._units, self._marks):
            value = column[place]
            column[place : place + 1] = array("H")
            column[position:position] = array("H", [value])


def _taken(column, places):
    """Return what is at these places of an array, as a new one."""
    taken = array("H", bytes(2 * len(places)))
    for at in range(len(places)):
        taken[at] = column[places[at]]
    return taken


def ascending(column):
    """Return the places of an array of 16-bit numbers, in ascending order of what is there."""
    places = array("H", range(len(column)))
    _sort(column, places, len(column))
    return places


@micropython.viper
def _sort(column, places, count: int):
    """Shell sort: MicroPython's own takes quadratic time for what is in order already."""
    numbers = ptr16(column)
    order = ptr16(places)
    gap = count >> 1
    while gap > 0:
        for i in range(gap, count):
            place = order[i]
            value = numbers[place]
            j = i
            while j >= gap and numbers[order[j - gap]] > value:
                order[j] = order[j - gap]
                j -= gap
            order[j] = place
        gap = gap >> 1


def find(column, value):
    """Return the first place of a value in an array of 16-bit numbers, or -1."""
    return _search(column, len(column), value)


@micropython.viper
def _search(column, count: int, value: int) -> int:
    """Return the first place of a value among `count` 16-bit numbers, or -1."""
    numbers = ptr16(column)
    for place in range(count):
        if numbers[place] == value:
            return place
    return -1
