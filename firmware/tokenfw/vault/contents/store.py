"""The store: accounts, their order and other sealed records, and the plain settings, in the log.

While locked it has no key, and can read and write the settings only.
"""

import struct

from micropython import const

from otpcore import account as accounts
from tokenfw.system import on_demand
from tokenfw.vault.contents.fingerprint import Fingerprint
from tokenfw.vault.contents.index import Index
from tokenfw.vault.contents.order import Order
from tokenfw.vault.contents.record_types import (
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
from tokenfw.vault.contents.sealed import PREFIX, PREFIX_SIZE, Sealed
from tokenfw.vault.contents.settings import LOCATION, Settings, location
from tokenfw.vault.flash.faults import FlashFault
from tokenfw.vault.flash.nor import PIECE
from tokenfw.vault.flash.records import HEADER_SIZE
from tokenfw.vault.keys.sealing import BadSeal, Seal, sealed_size

_REQUEST = ">8sH"  # a remembered request: its id, and the account's
_REQUEST_SIZE = const(10)
_MEMBERS = (ACCOUNT, ORDER, BACKUP, STAGED, RESTORE, RESTORED)  # kinds in the fingerprint


class Store(Sealed):
    """`index` is the Index of accounts, `settings` the Settings; both are available while locked.

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
        self.requests = b""  # the newest requests as _REQUEST, the last one at the end
        self.single = {}  # addresses of the records of single kinds, by the values of SINGLE
        self.staged = None  # the Staged of a restore, if there is one
        self.restoring = False  # whether the staged records are to become accounts
        self.unseen = False  # whether a backup was made that nobody has acknowledged
        self.missing = 0  # accounts that were left out for lack of memory
        self.changed = False  # whether records are missing, or have come back, illegitimately
        self.settings = Settings(self.log, self.broken)

    @property
    def damaged(self):
        """The number of records known to be unreadable."""
        return self.log.damaged + len(self.broken)

    def open(self):
        """Read the headers; yields between sectors. Raises OtherVersion."""
        self.index, self.found = Index(), None  # first: there is no room for two of them
        found = on_demand.once("tokenfw.vault.contents.scan").Scan(self.log)
        yield from self.log.open(found.take)
        found.finish()
        self.broken.clear()
        self.settings.open(found.settings)
        self.highest = found.highest
        self.missing = found.missing
        self.index, self.found = found.index, found

    def unlock(self, keys):
        """Take the vault keys, {epoch: key}; finish interrupted changes and check the records.

        To be called once after open(). The highest epoch is the present one.
        """
        found, self.found = self.found, None
        self.seals = {epoch: Seal(key) for epoch, key in keys.items()}
        self.log.epoch = max(keys)
        found.settle(self, self._slots.anchor.least or 0)
        self.index.trim()

    def begin(self):
        """Write the first sealed record of a new vault; else bring the anchor up to date."""
        least = self._slots.anchor.least
        if self.newest and self.newest == least:
            return
        if not self.newest and not least:
            self._check()
        elif not self.changed:
            self._slots.note(self.newest)  # a power cut came before it

    def lock(self):
        """Forget the keys."""
        self.seals = {}
        self.fingerprint = None
        self.requests = b""

    def room(self, size):
        """Return whether an account with a record of `size` bytes can be added."""
        return self.log.room() >= HEADER_SIZE + sealed_size(PREFIX_SIZE + size)

    # accounts

    def read(self, position):
        """Return the bytes of the account at a position of the index; raise BadSeal."""
        return self.open_record(self.index.address(position))[3]

    def request(self, position):
        """Return the id of the request that wrote the record at a position; raise BadSeal."""
        return self.open_record(self.index.address(position))[0]

    def add(self, request, account_id, name, data):
        """Add an account; `name` and `data`, its record, are bytes. Raises LogFull."""
        mark = self.seal().mark(name)
        self.index.reserve()
        record = self.reserve(ACCOUNT, account_id, mark, data)
        self.commit(record, request, data)
        self.index.append(account_id, record.address, mark)
        self.highest = max(self.highest, account_id)

    def replace(self, request, position, name, data):
        """Replace the record of the account at a position of the index. Raises LogFull.

        If `request` is None the new record keeps the request id of the old one.
        """
        mark = self.seal().mark(name)
        record = self.reserve(ACCOUNT, self.index.id(position), mark, data)
        self.commit(record, request, data, self.index.address(position))
        self.index.update(position, record.address, mark)

    def remove(self, request, position):
        """Remove the account at a position of the index. Raises LogFull."""
        forget = self.index.remove  # loaded now, as remove() in commit()
        record = self.reserve(REMOVED, self.index.id(position), 0, b"")
        self.commit(record, request, b"", self.index.address(position))
        forget(position)

    def positions_of(self, name):
        """Return the positions of the index whose account may have this name (bytes)."""
        positions = []
        for seal in self.seals.values():
            positions += self.index.positions_of(seal.mark(name))
        return positions

    def write_order(self, request, account_id):
        """Store the order of the index after a request moved an account. Raises LogFull."""
        order = Order(self.index.id, len(self.index))
        record = self.reserve(ORDER, account_id, 0, order)
        self.commit(record, request, order, self.order)
        self.order = record.address

    def keep(self, kind, data):
        """Store the record of a kind in SINGLE, in place of the last one. Raises LogFull."""
        group = SINGLE[kind]
        self.single.setdefault(group)  # takes memory, so before there is a record
        record = self.reserve(kind, 0, 0, data)
        self.commit(record, NO_REQUEST, data, self.single[group])
        self.single[group] = record.address

    # sealed records

    def reserve(self, kind, account_id, mark, data):
        """Return the Record that commit() is to write next. Other records may move here.

        Raises LogFull, Locked.
        """
        self.seal()
        size = sealed_size(PREFIX_SIZE + len(data))
        return self.log.reserve(kind, account_id, mark, size)

    def commit(self, record, request, data, replaced=None):
        """Write a reserved Record, sealed; then remove the one at the address `replaced`.

        `data` is bytes, or an Order. If `request` is None the record keeps the request id of the
        one that it replaces. After an error the new record does not count: nothing that follows
        its commit fails for lack of memory.
        """
        old = None if replaced is None else self.log.read(replaced)
        discard = self.log.discard  # loaded now: nothing can be, once there is a record
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
        except FlashFault:
            pass  # the next start raises the anchor
        except MemoryError:  # not in one clause: its tuple would take memory
            pass
        if old is not None:
            self.broken.discard(old.address)
            discard(old)

    def requests_with(self, request, account_id):
        """Return `requests` with one appended, unless it is None or NO_REQUEST."""
        if request in (None, NO_REQUEST):
            return self.requests
        requests = self.requests + struct.pack(_REQUEST, request, account_id)
        return requests[-REMEMBERED * _REQUEST_SIZE :]

    def done(self, request):
        """Return the id of the account that a request changed, None if it is not remembered."""
        for at in range(0, len(self.requests), _REQUEST_SIZE):
            remembered, account_id = struct.unpack_from(_REQUEST, self.requests, at)
            if remembered == request:
                return account_id
        return None

    def _fingerprint_with(self, new, old):
        """Return the Fingerprint of the set with the Record `new`, and without `old`, or None."""
        after = self.fingerprint.copy()
        for record in (old, new):
            if record is not None and record.kind in _MEMBERS:
                after.toggle(record.kind, record.id, record.sequence)
        return after

    # another vault key

    def rekey(self, epoch, key):
        """Re-encrypt everything under another vault key; yields between sectors.

        After a MemoryError it can be called again.
        """
        if epoch not in self.seals:
            self.seals[epoch] = Seal(key)
        self.log.epoch = epoch
        if self.restoring:
            on_demand.once("tokenfw.vault.backup.staging").commit_again(self)
        for _ in self.log.rekey():
            yield
        self.seals = {epoch: self.seals[epoch]}
        fingerprint = Fingerprint(self.seal())
        if self.changed:
            fingerprint.toggle(0, 0, self.newest)

        def take(record):
            if record.kind in _MEMBERS and self._lives(record):
                fingerprint.toggle(record.kind, record.id, record.sequence)

        yield from self.log.open(take)
        self.fingerprint = fingerprint
        self._check()

    def _check(self):
        """Write a record that only holds the fingerprint."""
        self.commit(self.reserve(CHECK, 0, 0, b""), NO_REQUEST, b"")

    def _lives(self, record):
        """Return whether a record is the one that counts of its account or kind."""
        if record.kind == ORDER:
            return record.address == self.order
        if record.kind in SINGLE:
            return record.address == self.single.get(SINGLE[record.kind])
        if record.kind == STAGED:
            return self.staged is not None and self.staged.holds(record.address)
        position = self.index.position(record.id)
        if position < 0:  # removed, or left out for lack of memory
            return self.missing > 0
        return self.index.address(position) == record.address

    # what the log asks

    def may_copy(self, record):
        """Return whether a record can be moved now: sealed ones only while unlocked."""
        return record.kind in PLAIN or not self.locked

    def copy(self, old, new):
        """Return the pieces of a record's body for its new address, or None to drop it."""
        if old.kind in PLAIN:
            return self.log.body(old)
        try:
            plaintext = self._plaintext(old)
            payload = next(plaintext())
        except BadSeal:
            return self.log.body(old)  # it stays broken, and is reported when it is read
        if old.sequence != self.newest and self._is_over(old, payload):
            return None
        if old.kind == ACCOUNT:
            new.mark = self.seal().mark(accounts.full_name_in_record(payload[PREFIX_SIZE:]))
        if old.size <= PIECE:
            return self.seal().seal(new.context(), lambda: (payload,))
        return self.seal().seal(new.context(), plaintext)

    def moved(self, old, new):
        """Update all addresses after a record moved from `old` to `new` (Records)."""
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
        """Return whether a record is not needed any more; `payload` is its plaintext."""
        if record.kind == CHECK:
            return True
        if record.kind != REMOVED or record.sequence > self.log.newest - REMEMBERED:
            return False
        # Until its sector is erased, the record that it removed could come back.
        replaced = struct.unpack(PREFIX, payload[:PREFIX_SIZE])[2]
        return not self.log.has_sector(struct.unpack(LOCATION, replaced)[2])

    def erase_remains(self):
        """Erase the remains of torn erases; yields between sectors."""
        return self.log.erase_remains()
