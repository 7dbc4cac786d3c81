"""What the headers of all records say without a key, and what the key adds.

Of the records of one account the one with the highest sequence counts, unless a
removal is newer still. What a power cut left of older ones is stale: it may be
removed once the newer one was seen to be whole. Accounts that memory has no room
for are counted and left out: the others can be shown.

The newest record keeps the fingerprint of the set of records as it was with it, and the anchor
says how many there were at least: so records that have gone, or come back, show.
"""

import gc
import struct

from micropython import const

from tokenfw.system import on_demand
from tokenfw.vault.fingerprint import Fingerprint
from tokenfw.vault.index import Index
from tokenfw.vault.record_types import (
    ACCOUNT,
    ORDER,
    PLAIN,
    REMEMBERED,
    REMOVED,
    SETTINGS,
    SINGLE,
    STAGED,
)
from tokenfw.vault.sealing import BadSeal
from tokenfw.vault.settings import LOCATION, NOTHING

SPARE = 24576  # bytes of heap that accounts leave to all else: after a sleep it is loaded later
_ROWS = const(32)  # after so many more accounts memory is looked at
# Bytes after which garbage is collected while a large vault is read: what stays lies together
# then, low in memory, and what a dialog takes later finds room in one piece.
_COLLECT_AFTER = const(12288)
_COLUMNS = const(5)  # id, address and mark; then the sequence, in two halves of 16 bits
_HIGH, _LOW = const(3), const(4)
_REMOVED = const(0x8000)  # in the high half: the record is a removal


class Scan:
    """Takes all Records that live, in any order; then finish() makes `index` whole, by ids."""

    def __init__(self, log):
        self.log = log
        self.order = self.settings = None
        self.stale = []  # (address, address of the newer record that it gives way to)
        self.recent = []  # (sequence, address, id) of the newest sealed records, in that order
        self.highest = 0  # the highest id that any record names
        self.index = Index(_COLUMNS)
        self.single = {}  # the Record of each of SINGLE's places
        self.staged = None  # addresses of what a restore staged, if anything
        self.missing = 0  # records of accounts for which there was no memory

    def take(self, record):
        """Take a Record that lives."""
        if record.kind == SETTINGS:
            self.settings = self._newer(self.settings, record)
        elif record.kind == ORDER:
            self.order = self._newer(self.order, record)
        elif record.kind in SINGLE:
            place = SINGLE[record.kind]
            self.single[place] = self._newer(self.single.get(place), record)
        elif record.kind == STAGED:
            if self.staged is None:
                self.staged = on_demand.once("tokenfw.vault.staged").Staged()
            self.staged.append(record)
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
        if count and count % _ROWS == 0:
            gc.threshold(_COLLECT_AFTER)
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
            if record.sequence < recent[0][0]:
                return
            recent.pop(0)
        recent.append((record.sequence, record.address, record.id))
        if len(recent) > 1 and record.sequence < recent[-2][0]:
            recent.sort()

    def living(self):
        """Yield (id, sequence) of each account."""
        for position in range(len(self.index)):
            yield self.index.id(position), self._sequence(position)

    def settle(self, store, least):
        """Have a Store take all of it, that has its seals now; `least` is what the anchor says.

        Once it was `changed` the fingerprint is of a set that nobody has, until everything is
        sealed anew: so each start says it again.
        """
        kept = _read_recent(store, self)
        for old, new in self.stale:
            _drop_stale(store, old, new)
        _read_order(store, self)
        store.single = {place: record.address for place, record in self.single.items()}
        store.staged, store.unseen, store.restoring = self.staged, False, False
        if self.single or self.staged is not None:
            on_demand.once("tokenfw.vault.staging").settle(store, self)
        store.changed = False
        fingerprint = self.fingerprint(store.seal())
        if len(store.seals) > 1 or kept != fingerprint.value or store.newest < least:
            fingerprint = _look_closer(store, self, kept, fingerprint, least)
        store.fingerprint = fingerprint

    def fingerprint(self, seal):
        """Return the Fingerprint of the records that there are."""
        fingerprint = Fingerprint(seal)
        for account_id, sequence in self.living():
            fingerprint.toggle(ACCOUNT, account_id, sequence)
        if self.order is not None:
            fingerprint.toggle(ORDER, self.order.id, self.order.sequence)
        for record in self.single.values():
            fingerprint.toggle(record.kind, record.id, record.sequence)
        if self.staged is not None:
            for record in self.staged.records(self.log):
                fingerprint.toggle(record.kind, record.id, record.sequence)
        return fingerprint


def _read_recent(store, found):
    """Remember the newest requests; return the fingerprint that the newest record keeps.

    It is None where that is damaged. What it replaced is removed, if that was interrupted.
    """
    store.requests = b""
    store.newest = 0
    kept = None
    for sequence, address, account_id in found.recent:
        store.newest = sequence
        kept = None
        try:
            request, kept, replaced, _, _ = store.open_record(address)
        except BadSeal:
            continue
        store.requests = store.requests_with(request, account_id)
        if sequence == found.recent[-1][0] and replaced != NOTHING:
            store.log.finish_removal(*struct.unpack(LOCATION, replaced))
    return kept


def _drop_stale(store, old, new):
    """Remove an old record if the one that it gives way to is whole."""
    try:
        record = store.log.read(new)
        if record.kind in PLAIN:
            store.settings.read(new)
        else:
            store.open_record(new)
        store.log.remove(store.log.read(old))
    except ValueError:
        pass  # removed already, or the new one is damaged, and counted


def _read_order(store, found):
    """Put the index into the stored order; what that does not know comes behind."""
    store.order = None
    if found.order is None:
        return
    store.order = found.order.address
    try:
        data, more = store.open_record(store.order)[3:]
    except BadSeal:
        return
    store.index.arrange(_ids(data, more))


def _look_closer(store, found, kept, fingerprint, least):
    """Find out why they differ; return the Fingerprint to go on with."""
    same = any(kept == found.fingerprint(seal).value for seal in store.seals.values())
    gone = store.newest < least
    store.changed = gone or bool(store.newest) and not same and not store.missing
    store.log.newest = max(store.log.newest, least)
    if kept is not None and len(store.seals) == 1:  # else rekey() makes a new one
        fingerprint = Fingerprint(store.seal(), kept)
    if gone or store.changed and kept is None:
        fingerprint.toggle(0, 0, max(least, store.newest))
    return fingerprint


def _ids(data, more):
    """Yield the ids in `data`, and in further pieces of bytes."""
    while True:
        for at in range(0, len(data), 2):
            yield data[at] << 8 | data[at + 1]
        data = next(more, None)
        if data is None:
            return
