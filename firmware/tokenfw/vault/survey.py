"""What the headers of all records say, before any key is there.

Of the records of one account the one with the highest sequence counts, unless a
removal is newer still. What a power cut left of older ones is stale: it may be
removed once the newer one was seen to be whole.
"""

from array import array

from micropython import const

from tokenfw.vault.index import ascending, find
from tokenfw.vault.kinds import ACCOUNT, ORDER, PLAIN, REMEMBERED, REMOVED, SETTINGS

_CHUNK = const(64)  # accounts: arrays that grow side by side would leave the heap in pieces


class Survey:
    """Takes all Records that live, in any order; then finish() makes it whole."""

    def __init__(self):
        self.order = self.settings = None
        self.removals = []
        self.stale = []  # (address, address of the newer record that it gives way to)
        self.recent = []  # the newest sealed records, the last one at the end
        self.highest = 0  # the highest id that any record names
        self._chunks = []  # of four columns each: id (0 is none), sequence, address, mark
        self._count = 0  # rows in use

    def take(self, record):
        """Take a Record that lives."""
        if record.kind == SETTINGS:
            self.settings = self._newer(self.settings, record)
        elif record.kind == ORDER:
            self.order = self._newer(self.order, record)
        elif record.kind == REMOVED:
            self.removals.append(record)
            self.highest = max(self.highest, record.number)
        elif record.kind == ACCOUNT:
            self._take_account(record)
        if record.kind not in PLAIN:
            self._note_recent(record)

    def _newer(self, one, other):
        if one is None:
            return other
        if one.sequence >= other.sequence:
            one, other = other, one
        self.stale.append((one.address, other.address))
        return other

    def _take_account(self, record):
        self.highest = max(self.highest, record.number)
        columns, row = self._find(record.number)
        if columns is None:
            columns, row = self._new_row()
            columns[0][row] = record.number
        else:
            other = columns[2][row]
            if record.sequence <= columns[1][row]:
                self.stale.append((record.address, other))
                return
            self.stale.append((other, record.address))
        columns[1][row], columns[2][row] = record.sequence, record.address
        columns[3][row] = record.mark

    def _new_row(self):
        row = self._count % _CHUNK
        if row == 0:
            self._chunks.append(
                (
                    array("H", bytes(2 * _CHUNK)),
                    array("I", bytes(4 * _CHUNK)),
                    array("I", bytes(4 * _CHUNK)),
                    array("H", bytes(2 * _CHUNK)),
                )
            )
        self._count += 1
        return self._chunks[-1], row

    def _find(self, number):
        """Return (columns, row) of the account with this id; columns is None if there is none."""
        for columns in self._chunks:
            row = find(columns[0], number)
            if row >= 0:
                return columns, row
        return None, -1

    def finish(self):
        """Take out what a removal is newer than."""
        for removal in self.removals:
            columns, row = self._find(removal.number)
            if columns is not None and columns[1][row] < removal.sequence:
                self.stale.append((columns[2][row], removal.address))
                columns[1][row] = 0
        self.removals.sort(key=lambda record: record.sequence)

    def _note_recent(self, record):
        recent = self.recent
        if len(recent) == REMEMBERED:
            if record.sequence < recent[0].sequence:
                return
            recent.pop(0)
        recent.append(record)
        if len(recent) > 1 and record.sequence < recent[-2].sequence:
            recent.sort(key=lambda each: each.sequence)

    def living(self):
        """Yield (id, sequence) of each account, in any order."""
        for number, sequence, _, _ in self._rows(range(self._count)):
            yield number, sequence

    def count(self):
        """Return how many accounts there are."""
        return sum(1 for _ in self._rows(range(self._count)))

    def accounts(self):
        """Yield (id, sequence, address, mark) of each account, in order of their ids."""
        ids = array("H", bytes(2 * self._count))
        for place in range(self._count):
            ids[place] = self._chunks[place // _CHUNK][0][place % _CHUNK]
        return self._rows(ascending(ids))

    def _rows(self, places):
        for place in places:
            ids, sequences, addresses, marks = self._chunks[place // _CHUNK]
            row = place % _CHUNK
            if sequences[row]:
                yield ids[row], sequences[row], addresses[row], marks[row]
