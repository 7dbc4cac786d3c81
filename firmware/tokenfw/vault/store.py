"""The store: sealed records and a few plain ones, over the log.

While locked it has no key: it can read and write the settings only.
"""

import struct

from micropython import const

from otpcore import account as accounts
from tokenfw.system import on_demand
from tokenfw.vault.fingerprint import Fingerprint
from tokenfw.vault.index import Index
from tokenfw.vault.nor import PIECE
from tokenfw.vault.order import Order
from tokenfw.vault.record_types import (
    ACCOUNT,
    BACKUP,
    CHECK,
    NO_REQUEST,
    ORDER,
    PLAIN,
    REMEMBERED,
    REMOVED,
    RESTORE,
    RESTORED,
    SETTINGS,
    SINGLE,
    STAGED,
)
from tokenfw.vault.records import HEADER_SIZE
from tokenfw.vault.sealed import PREFIX, PREFIX_SIZE, Sealed
from tokenfw.vault.sealing import BadSeal, Seal, sealed_size
from tokenfw.vault.settings import LOCATION, Settings, location
from tokenfw.vault.states import FlashFault

_REQUEST = ">8sH"  # a request that is remembered: its id, and that of the account
_REQUEST_SIZE = const(10)
_MEMBERS = (ACCOUNT, ORDER, BACKUP, STAGED, RESTORE, RESTORED)  # whom the fingerprint is about


class Store(Sealed):
    """`index` has the accounts, `settings` the Settings; both are there while locked.

    `slots` (KeySlots) has the anchor.
    """

    def __init__(self, flash, slots):
        super().__init__(flash)
        self._slots = slots
        self.fingerprint = None
        self.newest = 0  # sequence of the newest sealed record
        self.order = None  # address of the order's record
        self.found = None  # the Scan of the last open()
        self.index = Index()
        self.highest = 0  # the highest id that any record names
        self.requests = b""  # of the newest changes, the last one at the end: see _REQUEST
        self.single = {}  # addresses of the records of which there is one, by SINGLE's places
        self.staged = None  # the Staged of a restore, if there is one
        self.restoring = False  # whether what is staged is to become accounts
        self.unseen = False  # whether nobody has seen yet that a backup was made
        self.missing = 0  # accounts that were left out, since there was no memory for them
        self.changed = False  # whether records have gone, or come back, that should not have
        self.settings = Settings(self.log, self.broken)

    @property
    def damaged(self):
        """How many records are known to be unreadable."""
        return self.log.damaged + len(self.broken)

    def open(self):
        """Read the headers; yields between sectors. Raises OtherVersion."""
        self.index, self.found = Index(), None  # first: there is no room for two of them
        found = on_demand.once("tokenfw.vault.scan").Scan(self.log)
        for _ in self.log.open(found.take):
            yield
        found.finish()
        self.broken.clear()
        self.settings.open(found.settings)
        self.highest = found.highest
        self.missing = found.missing
        self.index, self.found = found.index, found

    def unlock(self, keys):
        """Take the vault keys, {epoch: key}; finish what was interrupted, and check what is there.

        Comes after open(). The last epoch is the present one.
        """
        found, self.found = self.found, None
        self.seals = {epoch: Seal(key) for epoch, key in keys.items()}
        self.log.epoch = max(keys)
        found.settle(self, self._slots.anchor.least or 0)
        self.index.trim()

    def begin(self):
        """Write the record that every sealed vault has, where there is none yet."""
        least = self._slots.anchor.least
        if self.newest and self.newest == least:
            return
        if not self.newest and not least:
            self._check()
        elif not self.changed:
            self._slots.note(self.newest)  # where the power went before

    def lock(self):
        """Forget the keys."""
        self.seals = {}
        self.fingerprint = None
        self.requests = b""

    def room(self, size):
        """Tell whether an account with a record of so many bytes may be added."""
        return self.log.room() >= HEADER_SIZE + sealed_size(PREFIX_SIZE + size)

    # accounts

    def read(self, position):
        """Return the stored bytes of the account at a position of the index; raise BadSeal."""
        return self.open_record(self.index.address(position))[3]

    def request(self, position):
        """Return the id of the request that the record at a position is of; raise BadSeal."""
        return self.open_record(self.index.address(position))[0]

    def add(self, request, account_id, name, data):
        """Add an account with id, name and bytes of its record. Raises LogFull."""
        mark = self.seal().mark(name)
        self.index.reserve()
        record = self._reserve(ACCOUNT, account_id, mark, data)
        self._commit(record, request, data)
        self.index.append(account_id, record.address, mark)
        self.highest = max(self.highest, account_id)

    def replace(self, request, position, name, data):
        """Give the account at a position of the index another record.

        Without a request the new record keeps the one that the old record was for.
        """
        mark = self.seal().mark(name)
        record = self._reserve(ACCOUNT, self.index.id(position), mark, data)
        self._commit(record, request, data, self.index.address(position))
        self.index.update(position, record.address, mark)

    def remove(self, request, position):
        """Remove the account at a position of the index."""
        record = self._reserve(REMOVED, self.index.id(position), 0, b"")
        self._commit(record, request, b"", self.index.address(position))
        self.index.remove(position)

    def positions_of(self, name):
        """Return the positions of the index that may have this name (bytes)."""
        positions = []
        for seal in self.seals.values():
            positions += self.index.positions_of(seal.mark(name))
        return positions

    def write_order(self, request, account_id):
        """Store the index's order, which the request changed for an account."""
        order = Order(self.index.id, len(self.index))
        record = self._reserve(ORDER, account_id, 0, order)
        self._commit(record, request, order, self.order)
        self.order = record.address

    def keep(self, kind, data):
        """Store the record of a kind of which one counts. Raises LogFull."""
        record = self._reserve(kind, 0, 0, data)
        self._commit(record, NO_REQUEST, data, self.single.get(SINGLE[kind]))
        self.single[SINGLE[kind]] = record.address

    # what a restore stages

    def stage(self, account_id, data):
        """Store a record that becomes an account with this id when the restore does. LogFull."""
        record = self._reserve(STAGED, account_id, 0, data)
        self._commit(record, NO_REQUEST, data)
        if self.staged is None:
            self.staged = on_demand.once("tokenfw.vault.staged").Staged()
        self.staged.append(record)

    def unstage(self, place):
        """Make an account of the staged record at a place. Raises LogFull, BadSeal.

        One that takes the place of another account stays staged until that is done: done again
        it comes to the same.
        """
        staged = self.staged
        data = self.open_record(staged.address(place))[3]
        account_id = self.log.read(staged.address(place)).id
        position = self.index.position(account_id)
        if position >= 0:
            self.replace(NO_REQUEST, position, accounts.full_name_in_record(data), data)
            self.drop_staged(place)
            return
        mark = self.seal().mark(accounts.full_name_in_record(data))
        self.index.reserve()
        record = self._reserve(ACCOUNT, account_id, mark, data)
        self._commit(record, NO_REQUEST, data, staged.address(place))
        staged.forget(place)
        self.index.append(account_id, record.address, mark)
        self.highest = max(self.highest, account_id)

    def drop_staged(self, place):
        """Remove the staged record at a place. Raises LogFull."""
        record = self._reserve(CHECK, 0, 0, b"")
        self._commit(record, NO_REQUEST, b"", self.staged.address(place))
        self.staged.forget(place)

    # another vault key

    def rekey(self, epoch, key):
        """Re-encrypt everything under another key; yields between sectors.

        What a MemoryError cut short can be done again.
        """
        if epoch not in self.seals:
            self.seals[epoch] = Seal(key)
        self.log.epoch = epoch
        for _ in self.log.rekey():
            yield
        self.seals = {epoch: self.seals[epoch]}
        fingerprint = Fingerprint(self.seal())
        if self.changed:
            fingerprint.toggle(0, 0, self.newest)

        def take(record):
            if record.kind in _MEMBERS and self._lives(record):
                fingerprint.toggle(record.kind, record.id, record.sequence)

        for _ in self.log.open(take):
            yield
        self.fingerprint = fingerprint
        self._check()

    def _check(self):
        """Write a record that only keeps the fingerprint."""
        self._commit(self._reserve(CHECK, 0, 0, b""), NO_REQUEST, b"")

    def _lives(self, record):
        """Tell whether an account's record, or an order, is the one that counts."""
        if record.kind == ORDER:
            return record.address == self.order
        if record.kind in SINGLE:
            return record.address == self.single.get(SINGLE[record.kind])
        if record.kind == STAGED:
            return self.staged is not None and self.staged.holds(record.address)
        position = self.index.position(record.id)
        if position < 0:  # memory had no room for it
            return self.missing > 0
        return self.index.address(position) == record.address

    # what the log asks

    def may_copy(self, record):
        """Tell whether a record can be written at another address now."""
        return record.kind in PLAIN or not self.locked

    def copy(self, old, new):
        """Return the body of a record for its new address in pieces, or None to drop it."""
        if old.kind in PLAIN:
            return self.log.body(old)
        try:
            plaintext = self._plaintext(old)
            payload = next(plaintext())
        except BadSeal:
            return self.log.body(old)  # it stays broken, and is reported when it is used
        if old.sequence != self.newest and self._is_over(old, payload):
            return None
        if old.kind == ACCOUNT:
            new.mark = self.seal().mark(accounts.full_name_in_record(payload[PREFIX_SIZE:]))
        if old.size <= PIECE:
            return self.seal().seal(new.context(), lambda: (payload,))
        return self.seal().seal(new.context(), plaintext)

    def moved(self, old, new):
        """What lay at `old` lies at `new`."""
        if old.address in self.broken:
            self.broken.discard(old.address)
            self.broken.add(new.address)
        if old.kind == ACCOUNT:
            self.index.moved(old.address, new.address, new.mark)
        elif old.kind == ORDER and self.order == old.address:
            self.order = new.address
        elif old.kind == SETTINGS:
            self.settings.moved(old.address, new.address)
        elif old.kind == STAGED and self.staged is not None:
            self.staged.moved(old.address, new.address)
        elif old.kind in SINGLE and self.single.get(SINGLE[old.kind]) == old.address:
            self.single[SINGLE[old.kind]] = new.address

    def _is_over(self, record, payload):
        """Tell whether nothing needs a record any more."""
        if record.kind == CHECK:
            return True
        if record.kind != REMOVED or record.sequence > self.log.newest - REMEMBERED:
            return False
        # The record that it removed can come back as long as its sector is what it was.
        replaced = struct.unpack(PREFIX, payload[:PREFIX_SIZE])[2]
        return not self.log.has_sector(struct.unpack(LOCATION, replaced)[2])

    def erase_remains(self):
        """Erase what a torn erase left; yields between sectors."""
        return self.log.erase_remains()

    # sealed records

    def _reserve(self, kind, account_id, mark, data):
        """Return the Record that _commit() is to write next. What it replaces may move here."""
        size = sealed_size(PREFIX_SIZE + len(data))
        return self.log.reserve(kind, account_id, mark, size)

    def _commit(self, record, request, data, replaced=None):
        """Write a Record that was reserved, sealed; then remove the one at the address `replaced`.

        `data` is bytes, or an Order. Without a request the record keeps that of the one that it
        replaces. Once it counts no memory is needed: an error says that it does not.
        """
        old = None if replaced is None else self.log.read(replaced)
        requests = self.requests_with(request, record.id)
        after = self._fingerprint_with(record, old)
        kept = self.open_record(replaced)[0] if request is None else request
        prefix = struct.pack(PREFIX, kept, after.value, location(self.log, old))
        pieces = (lambda: data.pieces(prefix)) if record.kind == ORDER else lambda: (prefix + data,)
        self.log.commit(record, self.seal().seal(record.context(), pieces))
        self.fingerprint = after
        self.requests = requests
        self.newest = record.sequence
        try:
            self._slots.note(record.sequence)
            if old is not None:
                self.broken.discard(old.address)
                self.log.remove(old)
        except (FlashFault, MemoryError):
            pass  # the old one is stale: the next start removes it, and raises the anchor

    def requests_with(self, request, account_id):
        """Return `requests` with one more, unless it is none."""
        if request in (None, NO_REQUEST):
            return self.requests
        requests = self.requests + struct.pack(_REQUEST, request, account_id)
        return requests[-REMEMBERED * _REQUEST_SIZE :]

    def done(self, request):
        """Return the id that a remembered request was about, None where it is not remembered."""
        for at in range(0, len(self.requests), _REQUEST_SIZE):
            remembered, account_id = struct.unpack_from(_REQUEST, self.requests, at)
            if remembered == request:
                return account_id
        return None

    def _fingerprint_with(self, new, old):
        """Return the Fingerprint of the set with one record, and without another, or None."""
        after = self.fingerprint.copy()
        for record in (old, new):
            if record is not None and record.kind in _MEMBERS:
                after.toggle(record.kind, record.id, record.sequence)
        return after
