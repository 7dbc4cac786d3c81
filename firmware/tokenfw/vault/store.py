"""The store: sealed records and a few plain ones, over the log.

A sealed record holds the id of the request that asked for it, the fingerprint of
the set of records as it was with it, and where the record lay that it replaced, in
which incarnation of its sector, so that a restart can finish the removal. While
locked the store has no key: it can read and write the settings only.
"""

import struct

from otpcore import account as accounts
from tokenfw.system import on_demand
from tokenfw.vault.fingerprint import SIZE, Fingerprint
from tokenfw.vault.index import Index
from tokenfw.vault.keyslots import SECTORS, FlashFault
from tokenfw.vault.log import Log
from tokenfw.vault.record_types import ACCOUNT, CHECK, ORDER, PLAIN, REMEMBERED, REMOVED, SETTINGS
from tokenfw.vault.sealing import BadSeal, Seal, sealed_size
from tokenfw.vault.sectors import PIECE
from tokenfw.vault.settings import NOTHING, REPLACED, REPLACED_SIZE, Settings, place_of

NO_REQUEST = bytes(8)

_PREFIX = ">8s%ds%ds" % (SIZE, REPLACED_SIZE)  # request, fingerprint, what it replaces
_PREFIX_SIZE = 8 + SIZE + REPLACED_SIZE
_MEMBERS = (ACCOUNT, ORDER)  # the kinds that the fingerprint is about


class Store:
    """`index` has the accounts, `settings` the Settings; both are there while locked.

    `slots` (KeySlots) has the anchor.
    """

    def __init__(self, flash, slots):
        self._slots = slots
        self._log = Log(flash, len(SECTORS), self)
        self._seals = {}  # epoch: Seal
        self._fingerprint = None
        self.newest = 0  # sequence of the newest sealed record
        self._order = None  # address of the order's record
        self.found = None  # the Survey of the last open()
        self.index = Index()
        self.highest = 0  # the highest id that any record names
        self.requests = []  # (request, id) of the newest changes, the last one at the end
        self.missing = 0  # accounts that were left out, since there was no memory for them
        self.changed = False  # whether records have gone, or come back, that should not have
        self._broken = set()  # addresses of records whose seal was seen to be broken
        self.settings = Settings(self._log, self._broken)

    @property
    def damaged(self):
        """How many records are known to be unreadable."""
        return self._log.damaged + len(self._broken)

    def open(self, others=()):
        """Read the headers; yields between sectors. Raises NewerVault.

        A set of `others` are sectors that are left alone until they are released.
        """
        self.index, self.found = Index(), None  # first: there is no room for two of them
        found = on_demand.once("tokenfw.vault.scan").Survey()
        for _ in self._log.open(found.take, others):
            yield
        found.finish()
        self._broken.clear()
        self.settings.open(found.settings)
        self.highest = found.highest
        self.missing = found.missing
        self.index, self.found = found.index, found

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
        self._judge(found, kept)
        self.index.trim()

    def begin(self):
        """Write the record that every sealed vault has, where there is none yet."""
        if not self.newest or self.newest != self._slots.anchor.least:
            self._begin()

    def _begin(self):
        if not self.newest and not self._slots.anchor.least:
            self._append(CHECK, 0, 0, NO_REQUEST, b"")
        elif not self.changed:
            self._slots.note(self.newest)  # where the power went before

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

    def request(self, place):
        """Return the id of the request that the record at a place is of; raise BadSeal."""
        return self._open(self.index.address(place))[0]

    def add(self, request, number, name, data):
        """Add an account with id, name and bytes of its record. Raises LogFull."""
        mark = self._seal().mark(name)
        self.index.reserve()
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
        """Store the index's order, which the request changed for `number`, or that of `ids`.

        That is a function from a place to an id, and its number of places.
        """
        id_at, count = ids or (self.index.id, len(self.index))
        old = None if self._order is None else lambda: self._order
        record = self._append(ORDER, number, 0, request, _Order(id_at, count), old)
        self._order = record.address

    # another vault key

    def renew(self, epoch, key):
        """Seal everything anew under another key; yields between sectors.

        What a MemoryError cut short can be done again.
        """
        if epoch not in self._seals:
            self._seals[epoch] = Seal(key)
        self._log.epoch = epoch
        for _ in self._log.renew():
            yield
        self._seals = {epoch: self._seals[epoch]}
        fingerprint = Fingerprint(self._seal())
        if self.changed:
            fingerprint.toggle(0, 0, self.newest)

        def take(record):
            if record.kind in _MEMBERS and self._lives(record):
                fingerprint.toggle(record.kind, record.number, record.sequence)

        for _ in self._log.open(take):
            yield
        self._fingerprint = fingerprint
        self._append(CHECK, 0, 0, NO_REQUEST, b"")

    def _lives(self, record):
        """Tell whether an account's record, or an order, is the one that counts."""
        if record.kind == ORDER:
            return record.address == self._order
        place = self.index.place(record.number)
        if place < 0:  # memory had no room for it
            return self.missing > 0
        return self.index.address(place) == record.address

    # what the log asks

    def may_copy(self, record):
        """Tell whether a record can be written at another place now."""
        return record.kind in PLAIN or not self.locked

    def copy(self, old, new):
        """Return the body of a record for its new place in pieces, or None to drop it."""
        if old.kind in PLAIN:
            return self._log.body(old)
        try:
            plaintext = self._plaintext(old)
            payload = next(plaintext())
        except BadSeal:
            return self._log.body(old)  # it stays broken, and is reported when it is used
        if old.sequence != self.newest and self._is_over(old, payload):
            return None
        if old.kind == ACCOUNT:
            new.mark = self._seal().mark(accounts.full_name_in_record(payload[_PREFIX_SIZE:]))
        if old.size <= PIECE:
            return self._seal().seal(new.context(), lambda: (payload,))
        return self._seal().seal(new.context(), plaintext)

    def _plaintext(self, record):
        """Return a function that gives what is sealed in a record, in pieces; raises BadSeal."""
        seal, read = self._seal_at(record.address), self._log.reader(record)
        return lambda: seal.open(record.context(), read, record.size)

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

    def erase_remains(self):
        """Erase what a torn erase left; yields between sectors."""
        return self._log.erase_remains()

    @property
    def older(self):
        """Whether open() saw sectors of the version before this one."""
        return self._log.older

    # sealed records

    def _append(self, kind, number, mark, request, data, old_address=None):
        """Write a sealed record, then remove the one that it replaces; return its Record.

        `data` is bytes, or an _Order. `old_address()` is asked when there is room: until then
        it may move. Once the record counts no memory is needed: an error says that it does not.
        """
        old = None
        kept = request
        after = self._fingerprint.copy()
        requests = self.requests
        if request not in (None, NO_REQUEST):
            requests = requests[1 - REMEMBERED :] + [(request, number)]

        def body(record):
            nonlocal old, kept
            replaced = NOTHING
            if old_address is not None:
                old = self._log.read(old_address())
                replaced = place_of(self._log, old)
                if kept is None:
                    kept = self._open(old.address)[0]
                after.toggle(old.kind, old.number, old.sequence)
            if kind in _MEMBERS:
                after.toggle(kind, number, record.sequence)
            prefix = struct.pack(_PREFIX, kept, after.value, replaced)
            plaintext = lambda: (prefix + data,)  # noqa: E731
            if kind == ORDER:
                plaintext = lambda: data.pieces(prefix)  # noqa: E731
            return self._seal().seal(record.context(), plaintext)

        size = sealed_size(_PREFIX_SIZE + len(data))
        record = self._log.append(kind, number, mark, size, body)
        self._fingerprint = after
        self.newest = record.sequence
        self.requests = requests
        try:
            self._slots.note(record.sequence)
            if old is not None:
                self._broken.discard(old.address)
                self._log.remove(old)
        except (FlashFault, MemoryError):
            pass  # the old one is stale: the next start removes it, and raises the anchor
        return record

    def _open(self, address):
        """Return (request, fingerprint, what it replaces, data, further data in pieces)."""
        try:
            plaintext = self._plaintext(self._log.read(address))()
            payload = next(plaintext)
        except ValueError:  # BadSeal is one
            self._broken.add(address)
            raise BadSeal("a record in the vault is damaged")
        prefix = struct.unpack(_PREFIX, payload[:_PREFIX_SIZE])
        return prefix + (payload[_PREFIX_SIZE:], plaintext)

    def _read_recent(self, found):
        """Remember the newest requests; return the fingerprint that the newest record keeps.

        It is None where that is damaged. What it replaced is removed, if that was interrupted.
        """
        self.requests = []
        self.newest = 0
        kept = None
        for record in found.recent:
            self.newest = record.sequence
            kept = None
            try:
                request, kept, replaced, _, _ = self._open(record.address)
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
            record = self._log.read(new)
            if record.kind in PLAIN:
                self.settings.read(new)
            else:
                self._open(new)
            self._log.remove(self._log.read(old))
        except ValueError:
            pass  # removed already, or the new one is damaged, and counted

    def _read_order(self, found):
        """Put the index into the stored order; what that does not know comes behind."""
        self._order = None
        if found.order is None:
            return
        self._order = found.order.address
        try:
            data, more = self._open(self._order)[3:]
        except BadSeal:
            return
        self.index.arrange(_numbers(data, more))

    def _judge(self, found, kept):
        """Find out whether records have gone, or come back; the newest one kept this fingerprint.

        Once it was `changed` the fingerprint is of a set that nobody has, until everything is
        sealed anew: so each start says it again.
        """
        fingerprint = self._fingerprint_of(found, self._seal())
        least = self._slots.anchor.least or 0
        self.changed = False
        if len(self._seals) > 1 or kept != fingerprint.value or self.newest < least:
            fingerprint = self._look_closer(found, kept, fingerprint, least)
        self._fingerprint = fingerprint

    def _look_closer(self, found, kept, fingerprint, least):
        """Find out why they differ; return the Fingerprint to go on with."""
        seals = list(self._seals.values())
        same = any(kept == self._fingerprint_of(found, seal).value for seal in seals)
        gone = self.newest < least
        self.changed = gone or bool(self.newest) and not same and not self.missing
        self._log.newest = max(self._log.newest, least)
        if kept is not None and len(seals) == 1:  # else renew() makes a new one
            fingerprint = Fingerprint(self._seal(), kept)
        if gone or self.changed and kept is None:
            fingerprint.toggle(0, 0, max(least, self.newest))
        return fingerprint

    def _fingerprint_of(self, found, seal):
        """Return the Fingerprint of the records that there are."""
        fingerprint = Fingerprint(seal)
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


class _Order:
    """The ids in an order, as the data of a record: 16 bits each. `id_at(place)` gives them."""

    def __init__(self, id_at, count):
        self._id_at = id_at
        self._count = count

    def __len__(self):
        return 2 * self._count

    def pieces(self, data):
        """Yield `data`, which comes before them, and the ids, in pieces as a seal takes them."""
        at, place, size = len(data), 0, len(data) + len(self)
        while size:
            piece = bytearray(min(PIECE, size))
            size -= len(piece)
            piece[:at] = data
            for offset in range(at, len(piece), 2):
                struct.pack_into(">H", piece, offset, self._id_at(place))
                place += 1
            yield piece
            at, data = 0, b""


def _numbers(data, more):
    """Yield numbers of 16 bits from `data` and from further pieces of bytes."""
    while True:
        for at in range(0, len(data), 2):
            yield data[at] << 8 | data[at + 1]
        data = next(more, None)
        if data is None:
            return


def record_length(size):
    """Return how many bytes of flash a sealed record of so many bytes takes."""
    return 16 + sealed_size(_PREFIX_SIZE + size)
