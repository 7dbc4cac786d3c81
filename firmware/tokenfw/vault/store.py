"""The store: sealed records and a few plain ones, over the log.

A sealed record holds the id of the request that asked for it, the fingerprint of
the set of records as it was with it, and where the record lay that it replaced, in
which incarnation of its sector, so that a restart can finish the removal. While
locked the store has no key: it can read and write the settings only.
"""

import struct

from otpcore import account as accounts
from tokenfw import ondemand
from tokenfw.vault.fingerprint import SIZE, Fingerprint
from tokenfw.vault.index import Index
from tokenfw.vault.keyslots import SECTORS
from tokenfw.vault.kinds import (
    ACCOUNT,
    CHECK,
    ORDER,
    PLAIN,
    REMEMBERED,
    REMOVED,
    SETTINGS,
)
from tokenfw.vault.log import Log
from tokenfw.vault.sealing import BadSeal, Seal, sealed_size
from tokenfw.vault.settings import NOTHING, REPLACED, REPLACED_SIZE, Settings, place_of

NO_REQUEST = bytes(8)

_PREFIX = ">8s%ds%ds" % (SIZE, REPLACED_SIZE)  # request, fingerprint, what it replaces
_PREFIX_SIZE = 8 + SIZE + REPLACED_SIZE
_MEMBERS = (ACCOUNT, ORDER)  # the kinds that the fingerprint is about


class Store:
    """`index` has the accounts, `settings` the Settings; both are there while locked."""

    def __init__(self, flash):
        self._log = Log(flash, len(SECTORS), self)
        self._seals = {}  # epoch: Seal
        self._fingerprint = None
        self._newest = 0  # sequence of the newest sealed record
        self._order = None  # address of the order's record
        self.found = None  # the Survey of the last open()
        self.index = Index()
        self.highest = 0  # the highest id that any record names
        self.requests = []  # (request, id) of the newest changes, the last one at the end
        self.changed = False  # whether records have gone, or come back, that should not have
        self._broken = set()  # addresses of records whose seal was seen to be broken
        self.settings = Settings(self._log, self._broken)

    @property
    def damaged(self):
        """How many records are known to be unreadable."""
        return self._log.damaged + len(self._broken)

    def open(self, others=(), tidy=False):
        """Read the headers; yields between sectors. Raises NewerVault.

        A set of `others` are sectors that are left alone until they are released; for `tidy`
        see Sectors.open().
        """
        self.index, self.found = Index(), None  # first: there is no room for two of them
        for _ in self._look(others, tidy):
            yield
        self._broken.clear()
        self._take_stock()

    def _take_stock(self):
        """Have in index and settings what was found."""
        self.index.fill(self.found.accounts(), self.found.count())
        self.highest = self.found.highest
        self.settings.open(self.found.settings)

    def unlock(self, keys):
        """Take the vault keys, {epoch: key}; finish what was interrupted, and check what is there.

        Comes after open(). The last epoch is the present one.
        """
        found, self.found = self.found, None
        self._seals = {epoch: Seal(key) for epoch, key in keys.items()}
        self._log.epoch = max(keys)
        kept = self._read_recent(found)
        for old, new in found.stale:
            self._drop_stale(old, new)
        self._read_order(found)
        self._fingerprint = self._fingerprint_of(found)
        self.changed = False
        if found.recent and len(keys) == 1:  # else renew() makes a new one
            self.changed = kept != self._fingerprint.value
            if kept is not None:
                self._fingerprint = Fingerprint(self._seal(), kept)

    def lock(self):
        """Forget the keys."""
        self._seals = {}
        self._fingerprint = None
        self.requests = []

    @property
    def locked(self):
        """Whether the store has no key."""
        return not self._seals

    def room(self, size):
        """Tell whether an account with a record of so many bytes may be added."""
        return self._log.room() >= record_length(size)

    # accounts

    def read(self, place):
        """Return the stored bytes of the account at a place of the index; raise BadSeal."""
        return self._open(self.index.address(place))[3]

    def add(self, request, number, name, data):
        """Add an account with id, name and bytes of its record. Raises LogFull."""
        mark = self._seal().mark(name)
        record = self._append(ACCOUNT, number, mark, request, data)
        self.index.append(number, record.address, mark)
        self.highest = max(self.highest, number)

    def replace(self, request, place, name, data):
        """Give the account at a place of the index another record.

        Without a request the new record keeps the one that the old record was for.
        """
        mark = self._seal().mark(name)
        number = self.index.id(place)
        record = self._append(
            ACCOUNT, number, mark, request, data, lambda: self.index.address(place)
        )
        self.index.update(place, record.address, mark)

    def remove(self, request, place):
        """Remove the account at a place of the index."""
        number = self.index.id(place)
        self._append(REMOVED, number, 0, request, b"", lambda: self.index.address(place))
        self.index.remove(place)

    def places_of(self, name):
        """Return the places of the index that may have this name (bytes)."""
        places = []
        for seal in self._seals.values():
            places += self.index.places_of(seal.mark(name))
        return places

    def write_order(self, request, number, ids=None):
        """Store the index's order, which the request changed for `number`, or that of `ids`."""
        ids = self.index.numbers() if ids is None else ids
        data = bytearray(2 * len(ids))
        for place in range(len(ids)):
            struct.pack_into(">H", data, 2 * place, ids[place])
        old = None if self._order is None else lambda: self._order
        self._order = self._append(ORDER, number, 0, request, data, old).address

    # another vault key

    def renew(self, epoch, key):
        """Seal everything anew under another key; yields between sectors."""
        self._seals[epoch] = Seal(key)
        self._log.epoch = epoch
        for _ in self._log.renew():
            yield
        self._seals = {epoch: self._seals[epoch]}
        fingerprint = Fingerprint(self._seal())
        for records in self._log.open():
            for record in records:
                if record.kind in _MEMBERS and self._lives(record):
                    fingerprint.toggle(record.kind, record.number, record.sequence)
            yield
        self._fingerprint = fingerprint
        self._append(CHECK, 0, 0, NO_REQUEST, b"")
        self.changed = False

    def _lives(self, record):
        """Tell whether an account's record, or an order, is the one that counts."""
        if record.kind == ORDER:
            return record.address == self._order
        place = self.index.place(record.number)
        return place >= 0 and self.index.address(place) == record.address

    # what the log asks

    def may_copy(self, record):
        """Tell whether a record can be written at another place now."""
        return record.kind in PLAIN or not self.locked

    def copy(self, old, body, new):
        """Return the body of a record for its new place, or None to drop it."""
        if old.kind in PLAIN:
            return body
        try:
            payload = self._seal_at(old.address).open(old.context(), body)
        except BadSeal:
            return body  # it stays broken, and is reported when it is used
        if old.sequence != self._newest and self._is_over(old, payload):
            return None
        if old.kind == ACCOUNT:
            new.mark = self._seal().mark(accounts.name_in_record(payload[_PREFIX_SIZE:]))
        return self._seal().seal(new.context(), payload)

    def moved(self, old, new):
        """What lay at `old` lies at `new`."""
        if old.address in self._broken:
            self._broken.discard(old.address)
            self._broken.add(new.address)
        if old.kind == ACCOUNT:
            self.index.moved(old.address, new.address, new.mark)
        elif old.kind == ORDER and self._order == old.address:
            self._order = new.address
        elif old.kind == SETTINGS:
            self.settings.moved(old.address, new.address)

    def _is_over(self, record, payload):
        """Tell whether nothing needs a record any more."""
        if record.kind == CHECK:
            return True
        if record.kind != REMOVED or record.sequence > self._log.newest - REMEMBERED:
            return False
        # The record that it removed can come back as long as its sector is what it was.
        replaced = struct.unpack(_PREFIX, payload[:_PREFIX_SIZE])[2]
        return not self._log.has_sector(struct.unpack(REPLACED, replaced)[2])

    def release(self, sector):
        """Take one of the other sectors, which is erased now."""
        self._log.release(sector)

    def _look(self, others=(), tidy=False):
        """Have what the headers say in `found`; yields between sectors."""
        found = ondemand.once("tokenfw.vault.survey").Survey()
        for records in self._log.open(others, tidy):
            for record in records:
                found.take(record)
            yield
        found.finish()
        self.found = found

    # sealed records

    def _append(self, kind, number, mark, request, data, old_address=None):
        """Write a sealed record, then remove the one that it replaces; return its Record.

        `old_address()` is asked when there is room: until then it may move.
        """
        old = None
        kept = request
        after = self._fingerprint.copy()

        def body(record):
            nonlocal old, kept
            replaced = NOTHING
            if old_address is not None:
                old = self._log.read(old_address())[0]
                replaced = place_of(self._log, old)
                if kept is None:
                    kept = self._open(old.address)[0]
                after.toggle(old.kind, old.number, old.sequence)
            if kind in _MEMBERS:
                after.toggle(kind, number, record.sequence)
            payload = struct.pack(_PREFIX, kept, after.value, replaced) + data
            return self._seal().seal(record.context(), payload)

        size = sealed_size(_PREFIX_SIZE + len(data))
        record = self._log.append(kind, number, mark, size, body)
        self._fingerprint = after
        self._newest = record.sequence
        if request not in (None, NO_REQUEST):
            self.requests.append((request, number))
            del self.requests[:-REMEMBERED]
        if old is not None:
            self._broken.discard(old.address)
            self._log.remove(old)
        return record

    def _open(self, address):
        """Return (request, fingerprint, what it replaces, data) of a sealed record."""
        try:
            record, body = self._log.read(address)
            payload = self._seal_at(address).open(record.context(), body)
        except ValueError:  # BadSeal is one
            self._broken.add(address)
            raise BadSeal("a record in the vault is damaged")
        prefix = struct.unpack(_PREFIX, payload[:_PREFIX_SIZE])
        return prefix + (payload[_PREFIX_SIZE:],)

    def _read_recent(self, found):
        """Remember the newest requests; return the fingerprint that the newest record keeps.

        It is None where that is damaged. What it replaced is removed, if that was interrupted.
        """
        self.requests = []
        kept = None
        for record in found.recent:
            self._newest = record.sequence
            kept = None
            try:
                request, kept, replaced, _ = self._open(record.address)
            except BadSeal:
                continue
            if request != NO_REQUEST:
                self.requests.append((request, record.number))
            if record is found.recent[-1] and replaced != NOTHING:
                self._log.finish_removal(*struct.unpack(REPLACED, replaced))
        return kept

    def _drop_stale(self, old, new):
        """Remove an old record if the one that it gives way to is whole."""
        try:
            record = self._log.read(new)[0]
            if record.kind in PLAIN:
                self.settings.read(new)
            else:
                self._open(new)
            self._log.remove(self._log.read(old)[0])
        except ValueError:
            pass  # removed already, or the new one is damaged, and counted

    def _read_order(self, found):
        """Put the index into the stored order; what that does not know comes behind."""
        self._order = None
        if found.order is None:
            return
        self._order = found.order.address
        try:
            data = self._open(self._order)[3]
        except BadSeal:
            return
        self.index.arrange(data[at] << 8 | data[at + 1] for at in range(0, len(data), 2))

    def _fingerprint_of(self, found):
        """Return the Fingerprint of the records that there are."""
        fingerprint = Fingerprint(self._seal())
        for number, sequence in found.living():
            fingerprint.toggle(ACCOUNT, number, sequence)
        if found.order is not None:
            fingerprint.toggle(ORDER, found.order.number, found.order.sequence)
        return fingerprint

    def _seal(self):
        """Return the Seal of the present epoch."""
        return self._seals[self._log.epoch]

    def _seal_at(self, address):
        """Return the Seal of the record at an address; BadSeal when its key has gone."""
        try:
            return self._seals[self._log.epoch_at(address)]
        except KeyError:
            raise BadSeal("the record's key has gone")


def record_length(size):
    """Return how many bytes of flash a sealed record of so many bytes takes."""
    return 16 + sealed_size(_PREFIX_SIZE + size)
