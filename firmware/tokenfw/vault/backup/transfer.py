"""A backup that passes between a vault and a computer in parts, while it is made or read.

It ends when the vault is locked, or when anything else changes the accounts.
"""

import time

from micropython import const

from otpcore import errors

_IDLE_MS = const(60000)  # it is over after so long without a part


class Transfer:
    """A transfer from or to an open Vault with its Store. The last part can be repeated.

    `makes` is True if it makes a backup, False if it reads one.
    """

    makes = False

    def __init__(self, vault, store):
        self._vault = vault
        self._store = store
        self._era = vault.era
        self._newest = store.newest
        self._next = 0  # the number of the next part
        self._used = time.ticks_ms()
        self.over = False

    def begin_part(self, number):
        """Return True if `number` is the next part, False if the last one; else BackupOver."""
        self.check()
        if number == self._next - 1:
            return False
        if number != self._next:
            raise errors.BackupOver
        self._next += 1
        return True

    def check(self):
        """Raise BackupOver if it idled, the vault was locked, or accounts changed."""
        idle = time.ticks_diff(time.ticks_ms(), self._used)
        if self.over or self._era != self._vault.era or not 0 <= idle <= _IDLE_MS:  # ticks wrap
            self.over = True
            raise errors.BackupOver
        if self._newest != self._store.newest:
            self.over = True
            raise errors.BackupOver("changed")
        self.touch()

    def touch(self):
        """Note that it is in use, and that changes of the vault so far were its own."""
        self._used = time.ticks_ms()
        self._newest = self._store.newest
