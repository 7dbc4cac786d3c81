"""What passes between a vault and a computer in parts: a backup that is made, or is read.

It holds as long as the vault stays open, and nothing else changes its accounts.
"""

import time

from micropython import const

from otpcore import errors

_IDLE_MS = const(60000)  # it is over when it was not used for so long


class Transfer:
    """Of an open Vault with its Store. A part that is asked for again gets the same answer.

    `makes` says that it makes a backup, and does not read one.
    """

    makes = False

    def __init__(self, vault, store):
        self._vault = vault
        self._store = store
        self._era = vault.era
        self._newest = store.newest
        self._next = 0  # the number of the part that comes next
        self._used = time.ticks_ms()
        self.over = False

    def begin_part(self, number):
        """Return whether a part is the next one, False if it was the last; else BackupOver."""
        self.check()
        if number == self._next - 1:
            return False
        if number != self._next:
            raise errors.BackupOver
        self._next += 1
        return True

    def check(self):
        """Raise BackupOver if it is over: it idled, the vault was locked, or accounts changed."""
        idle = time.ticks_diff(time.ticks_ms(), self._used)
        if self.over or self._era != self._vault.era or not 0 <= idle <= _IDLE_MS:  # ticks wrap
            self.over = True
            raise errors.BackupOver
        if self._newest != self._store.newest:
            self.over = True
            raise errors.BackupOver("changed")
        self.touch()

    def touch(self):
        """It is used, and what changed in the vault was its own doing."""
        self._used = time.ticks_ms()
        self._newest = self._store.newest
