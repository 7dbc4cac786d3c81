"""The backups of a vault: the recovery code, the state of the last backup, making and reading one.

The recovery code itself is not stored: only its key is, sealed. Making and reading load what they
need, and hold nothing of this module.
"""

from otpcore import errors
from tokenfw.system import on_demand
from tokenfw.vault.backup import state as backup_state
from tokenfw.vault.flash.log import LogFull


class Backups:
    """The backups of an open Vault with its Store; `key` is the vault key.

    `damaged` is whether the record of their state cannot be read. It may have said that backups are
    switched off: so none is made then, but one can be restored.
    """

    def __init__(self, vault, store, entropy, key):
        self._vault = vault
        self._store = store
        self._entropy = entropy
        self._key = key
        try:
            self._state = backup_state.load(store)
        except ValueError:  # BadSeal is one
            self._state = None
        self.damaged = self._state is None

    @property
    def state(self):
        """The BackupState, which save() alone stores. Raises VaultDamaged."""
        if self.damaged:
            raise errors.VaultDamaged("backup")
        return self._state

    def save(self):
        """Store `state`. Raises VaultFull."""
        try:
            backup_state.save(self._store, self.state)
        except LogFull:
            raise errors.VaultFull("flash")

    def require_allowed(self):
        """Raise BackupOver if backups are switched off, VaultFull if memory lacks accounts."""
        if self.state.off:
            raise errors.BackupOver("off")
        self._vault.require_whole()

    def code_key(self):
        """Return the key of the recovery code (bytes), None if it is not known."""
        return None if self.damaged else self.state.code_key

    def take_code_key(self, code_key):
        """Keep the key of a code that the user has on paper, if there is none. Raises VaultFull."""
        if self.damaged or self.state.off or self.state.code_key is not None:
            return
        self.state.code_key, self.state.strong = code_key, None
        self.save()

    def draw(self):
        """Return a new recovery code (text), and the indexes of two of its groups to ask for.

        `state.strong` is set to whether it was drawn with the radio on. Raises EntropyFailed.
        """
        drawing = on_demand.once("tokenfw.vault.backup.keys")
        code, repeated, strong = drawing.code(self._vault, self._entropy, self._key)
        self.state.strong = strong
        return code, repeated

    def secret(self):
        """Return 32 random bytes, for a key that is used once. Raises EntropyFailed."""
        drawing = on_demand.once("tokenfw.vault.backup.keys")
        return drawing.keys(self._vault, self._entropy, self._key, 1)[0][0]

    def make(self, serial, created, key=None):
        """Begin a backup at `created` (Unix time, 0: not known); return a BackupWriter.

        With `key` (32 bytes) it is a clone for another token, encrypted under that key, and does
        not count as a backup. That it was begun is stored before any data leaves the token.
        """
        self.state.begun, self.state.seen, self.state.clone = created, False, key is not None
        self.save()
        drawing = on_demand.once("tokenfw.vault.backup.keys")
        header = drawing.header(self._vault, self._entropy, self._key, serial, created)
        del drawing
        file_key = header.key(key or self.state.code_key)
        head = header.fields() + on_demand.once("otpcore.backup_frame").tag(file_key)
        del header
        module = on_demand.once("tokenfw.vault.backup.writer")
        return module.BackupWriter(self._vault, self._store, head, file_key, key is None)

    def open(self, header, key, purpose):
        """Return the Drill or Restore that reads a file with a Header under its `key`.

        `purpose` is "drill", "replace" (all accounts), or else a merge.
        """
        if purpose == "drill":
            module = on_demand.once("tokenfw.vault.backup.drill")
            return module.Drill(self._vault, self._store, header, key)
        staging = on_demand.once("tokenfw.vault.backup.restore")
        return staging.Restore(self._vault, self._store, header, key, purpose == "replace")

    def drop(self):
        """Drop what an abandoned restore staged, or finish a committed one; yields between records.

        Raises VaultFull, Locked.
        """
        staging = on_demand.once("tokenfw.vault.backup.staging")
        try:
            yield from staging.resume(self._store, self._vault.change_settings)
        except LogFull:
            raise errors.VaultFull("flash")

    def complete(self):
        """Finish a committed restore, if there is one: without it a backup lacks accounts.

        Yields between records. Raises VaultFull, Locked.
        """
        if self._store.restoring:
            yield from self.drop()

    def since(self):
        """Count the accounts that were added or changed since the last backup.

        Yields the count so far after each account, and at last the total. An HOTP counter that
        has advanced is not a change; one that cannot be read now is.
        """
        found, store = 0, self._store
        for position in range(len(store.index)):
            found += self._is_since(store.index.id(position), store.index.address(position))
            yield found
        yield found

    def _is_since(self, account_id, address):
        """Return whether the account with this id and its record at `address` is one of since()."""
        try:
            if self._store.log.read(address).sequence <= self.state.sequence:
                return False
            return account_id > self.state.highest or self._vault.get(account_id).type != "hotp"
        except (ValueError, errors.VaultDamaged):
            return True
