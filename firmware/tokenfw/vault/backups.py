"""What a vault knows of its backups: the recovery code's key, the last one, whether they may be.

The code itself is kept nowhere: only its key, sealed.
"""

from otpcore import backup, errors, recovery_code
from otpcore.settings import ON, RADIO_TRIED
from tokenfw.system import on_demand
from tokenfw.system.entropy import EntropyFault
from tokenfw.vault import backup_state
from tokenfw.vault.log import LogFull


class Backups:
    """Of an open Vault with its Store; `key` is the vault key. `state` is a BackupState."""

    def __init__(self, vault, store, entropy, key):
        self._vault = vault
        self._store = store
        self._entropy = entropy
        self._key = key
        try:
            self.state = backup_state.load(store)
        except ValueError:  # BadSeal is one
            raise errors.VaultDamaged("backup")

    def save(self):
        """Store `state`. VaultFull."""
        try:
            backup_state.save(self._store, self.state)
        except LogFull:
            raise errors.VaultFull("flash")

    def require_allowed(self):
        """Raise BackupOver where backups are switched off, VaultFull where memory is too small."""
        if self.state.off:
            raise errors.BackupOver("off")
        self._vault.require_whole()

    def draw(self):
        """Return a new recovery code, and two different numbers of its groups. EntropyFailed.

        The state notes whether it was drawn with the radio on.
        """
        keys, drawn = self._keys(3)
        self.state.strong = drawn == ON
        first = keys[2][0] % recovery_code.GROUPS
        second = (first + 1 + keys[2][1] % (recovery_code.GROUPS - 1)) % recovery_code.GROUPS
        return recovery_code.draw(keys[0] + keys[1]), (first, second)

    def secret(self):
        """Return 32 random bytes, for a key that is used once. EntropyFailed."""
        return self._keys(1)[0][0]

    def _keys(self, count):
        """Return so many keys, and how they were drawn: see pin_change.draw_keys()."""
        vault = self._vault
        change = on_demand.once("tokenfw.vault.pin_change")
        try:
            return change.draw_keys(vault, self._entropy, self._key, count)
        except EntropyFault:
            raise errors.EntropyFailed
        finally:
            if vault.setting(RADIO_TRIED):  # nothing hung, or it was drawn without
                vault.set_setting(RADIO_TRIED, False)

    def salt(self):
        """Return the salt of a new file. EntropyFailed."""
        try:
            return self._entropy.keys(1, False, self._key)[0][: backup.SALT]
        except EntropyFault:
            raise errors.EntropyFailed

    def make(self, serial, created, key=None):
        """Begin a backup at `created` (Unix time, 0: not known); return what makes it.

        With `key` (32 bytes) it is one for another token, under that in the place of the code's,
        and not the last one that was made. That it was begun is stored before anything of it
        leaves the token.
        """
        self.state.begun, self.state.seen, self.state.clone = created, False, key is not None
        self.save()
        header = backup.Header(serial, self._vault.count(), created, self.salt())
        module = on_demand.once("tokenfw.vault.backup_writer")
        return module.BackupWriter(self._vault, self._store, self, header, key)

    def open(self, header, key, purpose):
        """Return what takes the records of a file under its `key`: a Restore, or a Drill."""
        if purpose == "drill":
            module = on_demand.once("tokenfw.vault.drill")
            return module.Drill(self._vault, self._store, self, header, key)
        staging = on_demand.once("tokenfw.vault.restore")
        return staging.Restore(self._vault, self._store, header, key, purpose == "replace")

    def drop(self):
        """Forget what a restore staged that was given up; yields between records."""
        return on_demand.once("tokenfw.vault.staging").drop(self._store)

    def since(self):
        """Count the accounts that came or changed since the last backup; yields between them.

        The last thing that it yields is their number. An HOTP counter that went on is no change.
        """
        found, state, vault, store = 0, self.state, self._vault, self._store
        for place in range(len(store.index)):
            if store.log.read(store.index.address(place)).sequence > state.sequence:
                number = store.index.id(place)
                found += number > state.highest or vault.get(number).type != "hotp"
            yield found
        yield found
