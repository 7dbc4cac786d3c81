"""The vault: accounts in the token's own flash partition, behind a gate.

Every change carries the id of the request that asked for it, which is stored with
it, so that a repeated request is recognised. At any instant the power may go: after
it comes back the vault holds the state before or after, never a third.
"""

from otpcore import account as accounts
from otpcore import errors
from otpcore.settings import BEHIND, FAVOURITES, RECENT
from tokenfw.system import on_demand
from tokenfw.vault.gate import Gate

CAPACITY = 1000  # accounts


class Vault(Gate):
    """Accounts in display order; an id (1 to 65535) stays with one."""

    capacity = CAPACITY

    def id_at(self, place):
        """Return the id of the account at a place of the display order."""
        self._require()
        return self._store.index.id(place)

    def place(self, number):
        """Return the place of the account with this id in the display order, or -1."""
        self._require()
        return self._store.index.position(number)

    def count(self):
        """Return how many accounts there are."""
        self._require()
        return len(self._store.index)

    def damaged(self):
        """Return how many records are known to be unreadable."""
        return self._store.damaged

    def changed(self):
        """Return whether somebody changed the flash: records are missing, or came back."""
        return self._store.changed

    def get(self, number):
        """Return the Account with this id; raise NoSuchAccount or VaultDamaged."""
        try:
            return accounts.from_record(self._store.read(self._place(number)))
        except ValueError:
            raise errors.VaultDamaged("account")

    def find(self, issuer, name):
        """Return the id of the account with these names, or None."""
        self._require()
        for position in self._store.positions_of(accounts.full_name(issuer, name)):
            try:
                candidate = accounts.from_record(self._store.read(position))
            except ValueError:
                continue
            if candidate.issuer == issuer and candidate.name == name:
                return self._store.index.id(position)
        return None

    def names_at(self, place):
        """Return the `full_name` of the account at a place of the display order.

        Of its record it looks at nothing else. None when that is damaged.
        """
        try:
            return accounts.full_name_in_record(self._store.read(place))
        except ValueError:
            return None

    def done(self, request):
        """Return (True, id) when the change of this request is stored already, else (False, 0)."""
        self._require()
        number = self._store.done(request)
        return number is not None, number or 0

    def is_of(self, number, request):
        """Return whether the last change of an account that a request asked for was of this one."""
        return (
            self.done(request) == (True, number)
            or self._store.request(self._place(number)) == request
        )

    def add(self, request, account):
        """Store a new account behind the others; return its id. AccountExists, VaultFull."""
        self.require_whole()
        if self.find(account.issuer, account.name) is not None:
            raise errors.AccountExists
        if self.count() >= CAPACITY:
            raise errors.VaultFull("accounts", CAPACITY)
        data = account.to_record()
        if not self._store.room(len(data)):
            raise errors.VaultFull("flash")
        number = self._unused_id()
        self._forget_number(number)
        last = number < self._store.highest  # ids ran out: its place is not that of its number
        self._change(self._store.add, request, number, accounts.full_name_of(account), data)
        if last:
            self._change(self._store.write_order, request, number)
        return number

    def replace(self, request, number, account):
        """Store `account` in the place of the one with this id. AccountExists, NoSuchAccount."""
        self.require_whole()
        other = self.find(account.issuer, account.name)
        if other is not None and other != number:
            raise errors.AccountExists
        self._store_in(request, number, account)

    def advance(self, number, request=None):
        """Add one to an HOTP account's counter in flash; return the Account as it was before."""
        before, after = self.get(number), self.get(number)
        if before.counter == accounts.COUNTER_MAX:
            raise errors.VaultFull("counter")
        after.counter += 1
        self._store_in(request, number, after)
        return before

    def set_counter(self, number, account):
        """Store an HOTP account anew, whose counter has gone on."""
        self._store_in(None, number, account)

    def move(self, request, number, position):
        """Put an account at `position` (0 is the first) of the display order."""
        self.require_whole()
        place = self._place(number)
        self._store.index.move(place, position)
        try:
            self._change(self._store.write_order, request, number)
        except (errors.VaultFull, MemoryError):
            self._store.index.move(position, place)
            raise

    def remove(self, request, number):
        """Forget an account and program its record to zeros."""
        self._change(self._store.remove, request, self._place(number))

    @property
    def unseen(self):
        """Whether a backup was made, and nobody has acknowledged that yet at the token."""
        return self._store.unseen

    def backups(self):
        """Return the Backups of the vault, which must be open."""
        self._require()
        module = on_demand.load("tokenfw.vault.backups")
        return module.Backups(self, self._store, self._entropy, self._key)

    def _store_in(self, request, number, account):
        place = self._place(number)
        name = accounts.full_name_of(account)
        self._change(self._store.replace, request, place, name, account.to_record())

    def _place(self, number):
        self._require()
        place = self._store.index.position(number)
        if place < 0:
            raise errors.NoSuchAccount
        return place

    def _forget_number(self, number):
        """Take an id out of the settings that list some: it was that of an account long gone."""
        for key in (FAVOURITES, RECENT, BEHIND):
            numbers = self.setting(key) or ()
            if number in numbers:
                self.set_setting(key, [each for each in numbers if each != number])

    def _unused_id(self):
        """The id above all that were in use; when those run out, the smallest that is free."""
        if self._store.highest < 0xFFFF:
            return self._store.highest + 1
        number = 1
        while self._store.index.position(number) >= 0:
            number += 1
        return number
