"""What the headers of all records say, before any key is there.

Of the records of one account the one with the highest sequence counts, unless a
removal is newer still. What a power cut left of older ones is stale: it may be
removed once the newer one was seen to be whole. Accounts that memory has no room
for are counted and left out: the others can be shown.
"""

import gc

from micropython import const

from tokenfw.vault.index import Index
from tokenfw.vault.record_types import ACCOUNT, ORDER, PLAIN, REMEMBERED, REMOVED, SETTINGS

SPARE = 24576  # bytes of heap that accounts leave to all else: after a sleep it is loaded later
_ROWS = const(32)  # after so many more accounts memory is looked at
_COLUMNS = const(5)  # id, address and mark; then the sequence, in two halves of 16 bits
_HIGH, _LOW = const(3), const(4)
_REMOVED = const(0x8000)  # in the high half: the record is a removal


class Scan:
    """Takes all Records that live, in any order; then finish() makes `index` whole, by ids."""

    def __init__(self):
        self.order = self.settings = None
        self.stale = []  # (address, address of the newer record that it gives way to)
        self.recent = []  # the newest sealed records, the last one at the end
        self.highest = 0  # the highest id that any record names
        self.index = Index(_COLUMNS)
        self.missing = 0  # records of accounts for which there was no memory

    def take(self, record):
        """Take a Record that lives."""
        if record.kind == SETTINGS:
            self.settings = self._newer(self.settings, record)
        elif record.kind == ORDER:
            self.order = self._newer(self.order, record)
        elif record.kind in (ACCOUNT, REMOVED):
            self.highest = max(self.highest, record.id)
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
        position = self._position(record.id)
        if position < len(self.index) and self.index.id(position) == record.id:
            other = self.index.address(position)
            if record.sequence <= self._sequence(position):
                self.stale.append((record.address, other))
                return
            self.stale.append((other, record.address))
        else:
            try:
                if self.missing:  # another record of one that was left out may be stale
                    raise MemoryError
                self._reserve()
            except MemoryError:
                self.missing += 1
                return
            self.index.move(self.index.append(record.id, 0, 0), position)
        self.index.update(position, record.address, record.mark)
        removed = _REMOVED if record.kind == REMOVED else 0
        self.index.put(position, _HIGH, record.sequence >> 16 | removed)
        self.index.put(position, _LOW, record.sequence & 0xFFFF)

    def _reserve(self):
        """Have room for one more account, and some for all else; raise MemoryError."""
        count = len(self.index)
        if count and count % _ROWS == 0 and gc.mem_free() < SPARE:
            gc.collect()
            if gc.mem_free() < SPARE:
                raise MemoryError
        self.index.reserve()

    def _position(self, account_id):
        """Return the position of an id, or where it would be: they are in order."""
        low, high = 0, len(self.index)
        if not high or self.index.id(high - 1) < account_id:
            return high  # mostly they come in it
        while low < high:
            middle = (low + high) // 2
            if self.index.id(middle) < account_id:
                low = middle + 1
            else:
                high = middle
        return low

    def _sequence(self, position):
        high = self.index.get(position, _HIGH) & ~_REMOVED
        return high << 16 | self.index.get(position, _LOW)

    def finish(self):
        """Take out what was removed."""
        for position in range(len(self.index) - 1, -1, -1):
            if self.index.get(position, _HIGH) & _REMOVED:
                self.index.remove(position)

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
        """Yield (id, sequence) of each account."""
        for position in range(len(self.index)):
            yield self.index.id(position), self._sequence(position)
