"""Reads a backup in parts: opens each record, and checks the whole file at its end.

What comes once in a file is in ends.py.
"""

import asyncio
import hashlib

from otpcore import account as accounts
from otpcore import backup, errors
from tokenfw.system import on_demand
from tokenfw.vault.backup.transfer import Transfer
from tokenfw.vault.keys.sealing import BadSeal, Seal


class BackupReader(Transfer):
    """Reads the backup with a Header under its `key`. Subclasses handle each account.

    A subclass has `says`, the screen's text at the end (a name in ui.words). `counts` is the
    result by the words of docs/protocol.md. `whole` is True once the complete file was read and
    authenticated; `identity` is then that of otpcore.backup_frame.
    """

    def __init__(self, vault, store, header, key):
        super().__init__(vault, store)
        self._count = header.count
        self._key = key
        self._seal = Seal(key)
        self._hash = hashlib.sha256(header.fields())
        self._hash.update(on_demand.once("otpcore.backup_frame").tag(key))
        self._at = 0  # the index of the next record
        self._carried = {}  # the settings in the backup
        self.identity = None
        self.counts = {"damaged": 0}
        self.whole = False

    async def take(self, number, data, ask):
        """Take part `number`: complete records, and after the last one the file's end.

        `ask(account)` asks the user whether to replace an account that differs, and returns
        True or False. Any error ends the transfer. Raises BadBackup, BackupOver.
        """
        if not self.begin_part(number):
            return
        try:
            await self._take_all(data, ask)
            self.check()  # other tasks ran since the last record
        except BaseException:
            self.over = True
            raise

    async def _take_all(self, data, ask):
        at = 0
        while at < len(data):
            self.check()  # other tasks ran since the last record
            if self._at > self._count:
                self._take_end(data[at:])
                return
            start, stop = backup.next_record(data, at)
            self._hash.update(data[at:stop])
            try:
                context = backup.context(self._at, self._count)
                plaintext = self._seal.unwrap(context, data[start:stop])
            except BadSeal:
                raise errors.BadBackup("changed")
            self._at += 1
            if self._at == 1:
                self._carried = on_demand.once("tokenfw.vault.backup.ends").settings(plaintext)
            elif not plaintext:
                self.counts["damaged"] += 1
            else:
                await self._take_account(self._at - 2, _account(plaintext), ask)
            at = stop
            await asyncio.sleep_ms(0)  # a record takes some ms

    def _take_end(self, last):
        if self.whole:
            raise errors.BadBackup("long")
        ends = on_demand.once("tokenfw.vault.backup.ends")
        self.identity = ends.identity(self._key, self._hash.digest(), last)
        self.whole = True

    def require_whole(self):
        """Raise BadBackup unless the file was read to its end, BackupOver if it is over."""
        self.check()
        if not self.whole:
            raise errors.BadBackup("short")

    async def _take_account(self, index, account, ask):
        """Handle the Account at `index` (from 0) in the backup; `ask` is as for take()."""
        raise NotImplementedError


def _account(plaintext):
    try:
        return accounts.from_record(plaintext)
    except ValueError:
        raise errors.BadBackup("account")
