"""Reads the headers of all records, without a key, and checks them once the keys are there.

Of the records of one account the one with the highest sequence counts, unless a
removal is newer still. Older ones that a power cut left are stale, and removed once
the newer one is seen to be whole. Accounts for which there is no memory are counted
and left out: the others can be shown.

The newest record holds the fingerprint of the set of records including it, and the anchor
holds the least sequence that it must have: so records that are missing or have come back are
detected.
"""

import gc
import struct

from micropython import const

from tokenfw.system import on_demand
from tokenfw.vault.contents.fingerprint import Fingerprint
from tokenfw.vault.contents.index import Index
from tokenfw.vault.contents.record_types import (
    ACCOUNT,
    ORDER,
    PLAIN,
    REMEMBERED,
    REMOVED,
    SETTINGS,
    SINGLE,
    STAGED,
)
from tokenfw.vault.contents.settings import LOCATION, NOTHING
from tokenfw.vault.keys.sealing import BadSeal

SPARE = 24576  # bytes of heap that accounts leave to all else, much of which is loaded later
_ROWS = const(32)  # free memory is checked after so many more accounts
# Bytes after which garbage is collected while a large vault is read: the index then lies
# together, low in memory, which leaves room in one piece for a dialog.
_COLLECT_AFTER = const(12288)
_COLUMNS = const(5)  # id, address and mark; then the sequence, in two halves of 16 bits
_HIGH, _LOW = const(3), const(4)  # the columns of the halves
_REMOVED = const(0x8000)  # a flag in the high half: the record is a removal


class Scan:
    """Takes all live Records, in any order; finish() then completes `index`, sorted by id."""

    def __init__(self, log):
        self.log = log
        self.order = self.settings = None
        self.stale = []  # (address, address of the newer record that supersedes it)
        self.recent = []  # (sequence, address, id) of the newest sealed records, in that order
        self.highest = 0  # the highest id that any record names
        self.index = Index(_COLUMNS)
        self.single = {}  # the newest Record for each value of SINGLE
        self.staged = None  # a Staged, if a restore has staged anything
        self.missing = 0  # records of accounts for which there was no memory

    def take(self, record):
        """Take a live Record."""
        if record.kind == SETTINGS:
            self.settings = self._newer(self.settings, record)
        elif record.kind == ORDER:
            self.order = self._newer(self.order, record)
        elif record.kind in SINGLE:
            group = SINGLE[record.kind]
            self.single[group] = self._newer(self.single.get(group), record)
        elif record.kind == STAGED:
            if self.staged is None:
                self.staged = on_demand.once("tokenfw.vault.backup.staged").Staged()
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
                if self.missing:  # this may be a stale record of an account that was left out
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
        """Reserve memory for one more account; raise MemoryError if less than SPARE is left."""
        count = len(self.index)
        if count and count % _ROWS == 0:
            gc.threshold(_COLLECT_AFTER)
            gc.collect()
            if gc.mem_free() < SPARE:
                raise MemoryError
        self.index.reserve()

    def _position(self, account_id):
        """Return the position of an id, or the one to insert it at: ids are sorted."""
        low, high = 0, len(self.index)
        if not high or self.index.id(high - 1) < account_id:
            return high  # the usual case: they come sorted
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
        """Drop removed accounts from the index."""
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
        """Hand everything to a Store that has its seals; `least` is the anchor's sequence.

        If the set of records was `changed` from outside, the fingerprint is made to match no
        set until everything is re-encrypted: so every start detects it again.
        """
        kept = _read_recent(store, self)
        for old, new in self.stale:
            _drop_stale(store, old, new)
        _read_order(store, self)
        store.single = {group: record.address for group, record in self.single.items()}
        store.staged, store.unseen, store.restoring = self.staged, False, False
        if self.single or self.staged is not None:
            on_demand.once("tokenfw.vault.backup.staging").settle(store, self)
        store.changed = False
        fingerprint = self.fingerprint(store.seal())
        if len(store.seals) > 1 or kept != fingerprint.value or store.newest < least:
            fingerprint = _look_closer(store, self, kept, fingerprint, least)
        store.fingerprint = fingerprint
        if store.changed and self.staged is not None and not store.restoring:
            on_demand.once("tokenfw.vault.backup.staging").recommit(store, self, kept)

    def fingerprint(self, seal):
        """Return the Fingerprint, under a Seal, of the records that were found."""
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
    """Remember the newest requests; return the fingerprint that the newest record holds.

    Returns None if that record is damaged. The record that it replaced is removed, in case a
    power cut prevented that.
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
            location = struct.unpack(LOCATION, replaced)
            store.log.finish_removal(*location)
            store.broken.discard(location[0])  # what was left of it is no damage
    return kept


def _drop_stale(store, old, new):
    """Remove the record at `old` if the one at `new`, which supersedes it, is whole."""
    try:
        record = store.log.read(new)
        if record.kind in PLAIN:
            store.settings.read(new)
        else:
            store.open_record(new)
        store.log.remove(store.log.read(old))
    except ValueError:
        pass  # removed already, or the new one is damaged, which is counted


def _read_order(store, found):
    """Put the index into the stored order; accounts that it does not list come last."""
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
    """Find out why `kept` and `fingerprint` differ; return the Fingerprint to go on with.

    Sets `store.changed` if records are missing, or have come back, that should not have.
    """
    same = any(kept == found.fingerprint(seal).value for seal in store.seals.values())
    gone = store.newest < least
    store.changed = gone or bool(store.newest) and not same and not store.missing
    store.log.newest = max(store.log.newest, least)
    if kept is not None and len(store.seals) == 1:  # with two, rekey() makes a new fingerprint
        fingerprint = Fingerprint(store.seal(), kept)
    if gone or store.changed and kept is None:
        fingerprint.toggle(0, 0, max(least, store.newest))
    return fingerprint


def _ids(data, more):
    """Yield the 16-bit ids in `data` (bytes) and in the further pieces that `more` yields."""
    while True:
        for at in range(0, len(data), 2):
            yield data[at] << 8 | data[at + 1]
        data = next(more, None)
        if data is None:
            return
