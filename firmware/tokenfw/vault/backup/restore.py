"""A restore: the accounts of a backup are staged one by one, and committed all at once."""

from otpcore import errors
from otpcore.settings import FAVOURITES
from tokenfw.system import on_demand
from tokenfw.vault.backup.alike import alike
from tokenfw.vault.backup.reader import BackupReader
from tokenfw.vault.contents.record_types import NO_REQUEST, STAGED
from tokenfw.vault.flash.log import LogFull

_ID_MAX = 0xFFFF


class Restore(BackupReader):
    """Merges a backup with the present accounts, or with `replace` replaces them by it.

    `counts`: added, replaced, skipped (the token has the same account), kept (the token has a
    different one of the same names, and keeps it), damaged. Of the counters of an HOTP account
    the higher one is taken.
    """

    says = "restoring"

    def __init__(self, vault, store, header, key, replace):
        super().__init__(vault, store, header, key)
        self._replace = replace
        self._before = vault.count()
        self._favourites = {}  # ids of the favourites, by index in the backup
        self._new = 0  # accounts with a new id
        self.counts = {"added": 0, "replaced": 0, "skipped": 0, "kept": 0, "damaged": 0}

    async def _take_account(self, index, account, ask):
        account_id = self._vault.find(account.issuer, account.name)
        if self._replace:
            if account_id is not None:
                self._keep_counter(account_id, account)
            account_id = self._add(account)
        elif account_id is None:
            account_id = self._add(account)
        else:
            await self._merge(account_id, account, ask)
        if index in self._carried.get(FAVOURITES, ()):
            self._favourites[index] = account_id

    def _keep_counter(self, account_id, account):
        """Take over the counter of the account that goes, if it is the same and ahead."""
        try:
            old = self._vault.get(account_id)
        except errors.VaultDamaged:
            return
        if alike(old, account):
            account.counter = max(account.counter, old.counter)

    def _add(self, account):
        """Stage an account under a new id, and return that. Raises VaultFull."""
        account_id = self._store.highest + 1 + self._new
        if account_id > _ID_MAX:
            raise errors.VaultFull("ids")
        if self._new + (0 if self._replace else self._before) >= self._vault.capacity:
            raise errors.VaultFull("accounts", self._vault.capacity)
        self._stage(account_id, account)
        self._new += 1
        self.counts["added"] += 1
        return account_id

    async def _merge(self, account_id, account, ask):
        """Skip, replace or keep the account with this id, which has the same names."""
        try:
            old = self._vault.get(account_id)
        except errors.VaultDamaged:
            old = None
        if old is not None and alike(old, account):
            if account.counter > old.counter:
                self._stage(account_id, account)
            self.counts["skipped"] += 1
        elif old is None or await ask(account):
            self.check()  # time has passed
            self._stage(account_id, account)
            self.counts["replaced"] += 1
        else:
            self.counts["kept"] += 1

    def _stage(self, account_id, account):
        """Store an account that finish() will create, under this id. Raises VaultFull."""
        account.behind = account.type == "hotp"  # the service may have counted on
        data, store = account.to_record(), self._store
        if not store.room(len(data)):
            raise errors.VaultFull("flash")
        if store.staged is None:
            store.staged = on_demand.once("tokenfw.vault.backup.staged").Staged()
        store.staged.reserve()  # before there is a record
        try:
            record = store.reserve(STAGED, account_id, 0, data)
            store.commit(record, NO_REQUEST, data)
        except LogFull:
            raise errors.VaultFull("flash")
        store.staged.append(record)
        self.touch()

    async def finish(self, now):
        """Commit the restore, and finish it; a restart completes one that was committed.

        `now` is not used. Raises BadBackup, BackupOver, VaultFull; VaultDamaged, if what was
        staged cannot be read.
        """
        self.require_whole()
        indices = self._carried.get(FAVOURITES, ())
        favourites = [self._favourites[each] for each in indices if each in self._favourites]
        end = on_demand.once("tokenfw.vault.backup.restore_end")
        await end.examine(self._store)
        self.check()  # time has passed
        await end.commit(
            self._vault,
            self._store,
            self._carried,
            favourites,
            self._before == 0,
            self._replace,
        )
        self.over = True
