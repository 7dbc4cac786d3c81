"""The vault: accounts in the token's own flash partition, behind a gate.

Every change is stored with the id of its request, so that a repeated request is
recognised. The power may fail at any instant: afterwards the vault holds the state
before or after the change, never a third.
"""

from otpcore import account as accounts
from otpcore import errors
from otpcore.settings import FAVOURITES, RECENT
from tokenfw.system import on_demand
from tokenfw.system.steps import finish
from tokenfw.vault.gate import Gate
from tokenfw.vault.states import READY

CAPACITY = 1000  # accounts


class Vault(Gate):
    """Accounts in display order; each keeps its id (1 to 65535).

    Methods that look up or change accounts raise the WireError of the state, such as Locked,
    while the vault is not open. Those that change them take the 8-byte id of a request, and
    raise VaultFull if flash is full; but for counters, they need settle() first.
    """

    capacity = CAPACITY

    def id_at(self, position):
        """Return the id of the account at a position (from 0) of the display order."""
        self._require()
        return self._store.index.id(position)

    def position(self, account_id):
        """Return the position of the account with this id in the display order, or -1."""
        self._require()
        return self._store.index.position(account_id)

    def count(self):
        """Return how many accounts there are."""
        self._require()
        return len(self._store.index)

    def damaged(self):
        """Return how many records, and areas of flash, are known to be unreadable."""
        return self._store.damaged

    def changed(self):
        """Return whether records are missing, or have come back: the flash was tampered with."""
        return self._store.changed

    def get(self, account_id):
        """Return the Account with this id; raise NoSuchAccount or VaultDamaged."""
        try:
            return accounts.from_record(self._store.read(self._position(account_id)))
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

    def names_at(self, position):
        """Return the `full_name` of the account at a position, or None if its record is damaged.

        The rest of the record is not parsed.
        """
        try:
            return accounts.full_name_in_record(self._store.read(position))
        except ValueError:
            return None

    def done(self, request):
        """Return (True, id) if the change of a request is remembered as stored, else (False, 0)."""
        self._require()
        account_id = self._store.done(request)
        return account_id is not None, account_id or 0

    def is_of(self, account_id, request):
        """Return whether the last change of an account that has a request was by this one."""
        return (
            self.done(request) == (True, account_id)
            or self._store.request(self._position(account_id)) == request
        )

    def add(self, request, account):
        """Store a new account after the others; return its id. Raises AccountExists, VaultFull."""
        self._require_settled()
        if self.find(account.issuer, account.name) is not None:
            raise errors.AccountExists
        if self.count() >= CAPACITY:
            raise errors.VaultFull("accounts", CAPACITY)
        data = account.to_record()
        if not self._store.room(len(data)):
            raise errors.VaultFull("flash")
        account_id = self._unused_id()
        self._forget_id(account_id)
        last = account_id < self._store.highest  # ids ran out: its position is not that of its id
        self._change(self._store.add, request, account_id, accounts.full_name_of(account), data)
        if last:
            self._change(self._store.write_order, request, account_id)
        return account_id

    def replace(self, request, account_id, account):
        """Replace the account with this id. Raises AccountExists, NoSuchAccount."""
        self._require_settled()
        other = self.find(account.issuer, account.name)
        if other is not None and other != account_id:
            raise errors.AccountExists
        self._store_in(request, account_id, account)

    def advance(self, account_id, request=None):
        """Add 1 to an HOTP account's counter in flash; return the Account as it was before.

        Raises VaultFull("counter") at the last counter.
        """
        before, after = self.get(account_id), self.get(account_id)
        if before.counter == accounts.COUNTER_MAX:
            raise errors.VaultFull("counter")
        after.counter += 1
        self._store_in(request, account_id, after)
        return before

    def set_counter(self, account_id, account):
        """Store an HOTP account whose counter has advanced, or is known to be right."""
        self._store_in(None, account_id, account)

    def move(self, request, account_id, position):
        """Move an account to `position` (from 0) of the display order."""
        self._require_settled()
        before = self._position(account_id)
        self._store.index.move(before, position)
        try:
            self._change(self._store.write_order, request, account_id)
        except BaseException:  # as in change_settings()
            self._store.index.move(position, before)
            raise

    def remove(self, request, account_id):
        """Remove an account, and program its record to zeros."""
        if not self.partial():  # removing is the way out of that
            self._require_settled()
        self._change(self._store.remove, request, self._position(account_id))

    @property
    def restoring(self):
        """Whether a committed restore is not finished: see settle()."""
        return self._store.restoring

    async def settle(self):
        """Finish a committed restore, if memory and flash allow it now; other tasks run meanwhile.

        Until it is finished no account can be changed, but for counters.
        """
        try:
            if self.restoring and self.state == READY:
                await finish(self.backups().complete())
        except MemoryError:
            pass
        except errors.WireError:
            pass

    @property
    def unseen(self):
        """Whether a backup was made that nobody has acknowledged at the token yet."""
        return self._store.unseen

    def backups(self):
        """Return the vault's Backups."""
        self._require()
        module = on_demand.load("tokenfw.vault.backup.backups")
        return module.Backups(self, self._store, self._entropy, self._key)

    def _require_settled(self):
        """Raise WireError unless settle() finished: a restore would overwrite what comes before.

        VaultFull, if memory lacks accounts.
        """
        self.require_whole()
        if self._store.restoring:
            self._require()
            raise errors.WireError("no_memory")

    def _store_in(self, request, account_id, account):
        position = self._position(account_id)
        name = accounts.full_name_of(account)
        self._change(self._store.replace, request, position, name, account.to_record())

    def _position(self, account_id):
        self._require()
        position = self._store.index.position(account_id)
        if position < 0:
            raise errors.NoSuchAccount
        return position

    def _forget_id(self, account_id):
        """Remove a reused id from the settings that list ids: it was a removed account's."""
        for key in (FAVOURITES, RECENT):
            ids = self.setting(key) or ()
            if account_id in ids:
                self.set_setting(key, [each for each in ids if each != account_id])

    def _unused_id(self):
        """Return the id after the highest ever used; when those run out, the lowest free one."""
        if self._store.highest < 0xFFFF:
            return self._store.highest + 1
        account_id = 1
        while self._store.index.position(account_id) >= 0:
            account_id += 1
        return account_id
