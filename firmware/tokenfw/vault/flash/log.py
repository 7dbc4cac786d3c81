"""A log of records on raw NOR flash, which survives a power cut at any instant.

The log has no keys: its owner makes and reads the bodies of records. Plain records have sectors
of their own, so that they can be written, and their sectors compacted, without a key. When a
sector is full the next free one is begun; when free ones run out the live records of the
emptiest are copied to a free one.
"""

import gc

from micropython import const

from otpcore.errors import Busy
from tokenfw.vault.flash.nor import PIECE, SECTOR
from tokenfw.vault.flash.records import HEADER_SIZE, Records
from tokenfw.vault.flash.sectors import END, HEADER, ROOM

PLAIN = 0  # the epoch of sectors whose records are not sealed
MARGIN = 416  # bytes: not less than the longest record of an account

_OLD = const(4)  # a sector is replaced after so many rounds of the log without it: even wear

_TRIES = const(3)  # to remove a record


class LogFull(Exception):
    """The log has no room for another record."""


class Log(Records):
    """Records in the sectors of `flash` from `first` on.

    `owner` has `may_copy(record)`, `copy(old, new)`, which returns the body of a record for
    its new address in pieces, or None if the record is not needed any more, and `moved(old,
    new)`. After a MemoryError anywhere the log stays usable: what it interrupted is completed
    before anything else is written.
    """

    def __init__(self, flash, first, owner):
        super().__init__(flash, first)
        self._owner = owner
        self._active = {}  # epoch: the sector that takes its next record
        self.epoch = 0  # of the vault key under which new records are sealed
        self.newest = 0  # the sequence of the newest record
        self._moving = None  # the sectors (from, to) of a takeover that is not completed
        self._remains = None  # a Record that has been replaced, and is not removed yet
        self.reading = False  # whether open() runs: until its end nothing is written

    def open(self, take):
        """Read all headers and call `take` with each live Record; yields after each sector.

        Raises OtherVersion.
        """
        self.reading = True
        try:
            self.garbage = []
            self._sectors.open()
            self._moving = self._remains = None
            newest, active = 0, {}  # what was known counts until all is read
            window = bytearray(PIECE)
            for sector in self._sectors.used():
                active[self._sectors.epochs[sector]] = sector
                for record in self._scan(sector, window):
                    newest = max(newest, record.sequence)
                    take(record)
                yield
            self.newest, self._active = newest, active
        finally:
            self.reading = False

    def erase_remains(self):
        """Erase the remains of torn erases; yields between sectors."""
        return self._sectors.erase_remains()

    @property
    def damaged(self):
        """The number of areas in flash that cannot be parsed."""
        return len(self.garbage)

    def sectors(self):
        """Return the log's Sectors."""
        return self._sectors

    def room(self):
        """Return how many bytes of records can be added: negative if it is more than full.

        Room for changes and removals is kept: three sectors, one of them for plain records,
        and the length of a record in each other sector.
        """
        return (len(self._sectors.all()) - 3) * (ROOM - MARGIN) - sum(self._live)

    def reserve(self, kind, account_id, mark, size, plain=False):
        """Return the Record that commit() is to write next, with a body of `size` bytes.

        Raises LogFull, and Busy while open() runs: it may have taken the record that this one is
        to replace. To make room other records may move: addresses can change here.
        """
        if self.reading:
            raise Busy
        self.complete()
        epoch = PLAIN if plain else self.epoch
        self._make_room(HEADER_SIZE + size, epoch)
        return self._record(self._active[epoch], kind, size, self.newest + 1, account_id, mark)

    def commit(self, record, body):
        """Write the Record that was reserved last; `body` yields pieces of bytes.

        After any error there is no such record, and its room is lost.
        """
        sector = record.address // SECTOR
        self.newest = record.sequence
        self._ends[sector] += record.length  # first: a torn record is never programmed over
        self._program(record, body)
        self._flash.program(record.address + 1, b"\0")
        self._live[sector] += record.length

    def discard(self, record):
        """Remove a Record that the last one replaced: now, or before the next one is written.

        No error is raised for lack of memory. After a restart the owner removes it: it is stale,
        or named by the newest record.
        """
        self._remains = record
        for _ in range(_TRIES):
            try:
                self.complete()
                return
            except MemoryError:
                gc.collect()

    def complete(self):
        """Complete what lack of memory interrupted; raise MemoryError if it is short again.

        Nothing else may be written before: the copies that were left would count again.
        """
        if self._moving is not None:
            self._end_takeover(*self._moving)
        if self._remains is not None:
            self.remove(self._remains)
            self._remains = None

    def epoch_at(self, address):
        """Return the epoch of the vault key under which the record at an address is sealed."""
        return self._sectors.epochs[address // SECTOR]

    def has_sector(self, sequence):
        """Return whether the sector with this sequence is still in use."""
        return self._sectors.named(sequence) >= 0

    def rekey(self):
        """Replace all sectors of sealed records under an older epoch; yields after each.

        Sectors without live records are erased as well.
        """
        self.complete()
        for sector in self._emptiest_first():  # those that hold nothing make room
            if not self._live[sector] or self._sectors.epochs[sector] not in (PLAIN, self.epoch):
                self._replace(sector)
                yield

    # room

    def _make_room(self, length, epoch):
        """Make the epoch's active sector fit `length` bytes, with a free sector left over.

        Two are left over while plain records have no sector yet. Raises LogFull.
        """
        if length > ROOM:
            raise LogFull
        while not self._fits_active(length, epoch):
            needed = 2 if epoch == PLAIN or PLAIN in self._active else 3
            if self._sectors.free() >= needed:
                self._active[epoch] = self._begin(epoch)
                return
            victim = self._victim(length, epoch)
            if victim is None:
                raise LogFull
            self._replace(victim)

    def _fits_active(self, length, epoch):
        if epoch not in self._active:
            return False
        return self._ends[self._active[epoch]] + length <= END

    def _victim(self, length, epoch):
        """Return the sector to replace, or None: the emptiest, or one that is long overdue."""
        used = self._sectors.used()
        oldest = used[0]
        if self._sectors.age(oldest) > _OLD * self._sectors.count and self._can(oldest, length):
            return oldest
        for sector in self._emptiest_first():
            alike = (self._sectors.epochs[sector] == PLAIN) == (epoch == PLAIN)
            if (alike or not self._live[sector]) and self._can(sector, length):
                return sector
        return None

    def _emptiest_first(self):
        return sorted(self._sectors.used(), key=lambda sector: self._live[sector])

    def _can(self, sector, length):
        """Return whether replacing a sector is possible and makes room for `length` bytes."""
        if not self._live[sector]:
            return True
        if self._sectors.free() == 0 or self._live[sector] + length > ROOM:
            return False
        return all(self._owner.may_copy(record) for record in self._scan(sector, bytearray(PIECE)))

    def _begin(self, epoch, source=None):
        sector = self._sectors.begin(epoch, source)
        if sector < 0:
            raise LogFull
        self._ends[sector] = HEADER
        self._live[sector] = 0
        return sector

    def _replace(self, victim):
        """Copy the live records of a sector, if any, to a free one, and erase it.

        Until the new sector is marked as taken over it is void; from then on nothing is written
        to the old one, and it does no harm if it stays for a while. Raises LogFull.
        """
        self.complete()
        if not self._live[victim]:
            self._retire(victim)
            return
        if not self._sectors.free():
            raise LogFull
        epoch = PLAIN if self._sectors.epochs[victim] == PLAIN else self.epoch
        moving = [victim, 0]  # takes memory, so before there is a sector
        moving[1] = sector = self._begin(epoch, victim)
        self._moving = moving
        self._copy(victim, sector)
        self._sectors.taken_over(sector)
        self._end_takeover(victim, sector)

    def _end_takeover(self, victim, sector):
        """Retire the one sector of a takeover that is void. After a MemoryError it continues."""
        if self._sectors.is_done(sector):
            self._live[sector] = self._ends[sector] - HEADER
            self._active[self._sectors.epochs[sector]] = sector
            self._tell(victim, sector)
            self._live[victim] = 0
            sector = victim
        self._retire(sector)
        self._moving = None

    def _copy(self, victim, sector):
        for old in self._scan(victim, bytearray(PIECE)):
            new = self._record(sector, old.kind, old.size, old.sequence, old.id, old.mark)
            body = self._owner.copy(old, new)
            if body is not None:
                self._program(new, body, copied=True)
                self._ends[sector] += new.length

    def _tell(self, victim, sector):
        """Tell the owner which records moved; both sectors have them in the same order."""
        olds = self._scan(victim, bytearray(PIECE))
        for new in self._scan(sector, bytearray(PIECE)):
            for old in olds:
                if (old.sequence, old.kind) == (new.sequence, new.kind):
                    self._owner.moved(old, new)
                    break

    def _retire(self, sector):
        self._active = {e: each for e, each in self._active.items() if each != sector}
        self._sectors.retire(sector)
        self.garbage = [each for each in self.garbage if each[0] // SECTOR != sector]
