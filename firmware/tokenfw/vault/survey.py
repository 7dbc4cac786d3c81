"""What the headers of all records say, before any key is there.

Of the records of one account the one with the highest sequence counts, unless a
removal is newer still. What a power cut left of older ones is stale: it may be
removed once the newer one was seen to be whole.
"""

from array import array

from tokenfw.vault.index import ascending, find
from tokenfw.vault.kinds import ACCOUNT, ORDER, PLAIN, REMEMBERED, REMOVED, SETTINGS


class Survey:
    """Takes all Records that live, in any order; then finish() makes it whole."""

    def __init__(self):
        self.order = self.settings = None
        self.removals = []
        self.stale = []  # (address, address of the newer record that it gives way to)
        self.recent = []  # the newest sealed records, the last one at the end
        self.highest = 0  # the highest id that any record names
        self._accounts = (array("H"), array("I"), array("I"), array("H"))

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
        ids, sequences, addresses, marks = self._accounts
        self.highest = max(self.highest, record.number)
        place = find(ids, record.number)
        if place < 0:
            ids.append(record.number)
            sequences.append(record.sequence)
            addresses.append(record.address)
            marks.append(record.mark)
            return
        other = addresses[place]
        if record.sequence > sequences[place]:
            self.stale.append((other, record.address))
            sequences[place], addresses[place] = record.sequence, record.address
            marks[place] = record.mark
        else:
            self.stale.append((record.address, other))

    def finish(self):
        """Take out what a removal is newer than."""
        for removal in self.removals:
            place = find(self._accounts[0], removal.number)
            if place >= 0 and self._accounts[1][place] < removal.sequence:
                self.stale.append((self._accounts[2][place], removal.address))
                self._accounts[1][place] = 0
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
        ids, sequences, _, _ = self._accounts
        for place in range(len(ids)):
            if sequences[place]:
                yield ids[place], sequences[place]

    def accounts(self):
        """Yield (id, sequence, address, mark) of each account, in order of their ids."""
        ids, sequences, addresses, marks = self._accounts
        for place in ascending(ids):
            if sequences[place]:
                yield ids[place], sequences[place], addresses[place], marks[place]
