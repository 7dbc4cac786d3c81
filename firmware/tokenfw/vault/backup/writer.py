"""Makes a backup: the bytes of the file, in parts. docs/backup-format.md has the format."""

import asyncio
import hashlib
import struct

from micropython import const

from otpcore import backup, errors, messages
from otpcore.backup_frame import TAG
from otpcore.settings import FAVOURITES
from tokenfw.system import on_demand
from tokenfw.vault.backup.transfer import Transfer
from tokenfw.vault.keys.sealing import Seal

_PART = const(768)  # bytes of a part at most: as base64 in JSON it takes more memory


class BackupWriter(Transfer):
    """The parts of a file that begins with the bytes `head`, encrypted under its `key`.

    Only if it `is_noted` it is recorded as a backup: else it is a clone for another token.
    """

    makes = True

    def __init__(self, vault, store, head, key, is_noted):
        super().__init__(vault, store)
        self._count = vault.count()
        self._is_noted = is_noted
        self._key = key
        self._seal = Seal(key)
        self._hash = hashlib.sha256()
        self._at = 0  # the index of the next record
        self._rest = head  # bytes for the next part
        self._last = b""
        self.more = True

    async def part(self, number):
        """Return the bytes of part `number`, the next or the last one again. Raises BackupOver.

        `more` says whether another part follows. Any error ends the transfer.
        """
        if self.begin_part(number):
            self._last = b""
            try:
                self._last = await self._gather()
            except BaseException:
                self.over = True  # the records so far are lost
                raise
        return self._last

    async def _gather(self):
        """Return the bytes of the next part."""
        data, self._rest = self._rest, b""
        while not self._rest and self._at <= self._count:
            record = self._record(self._at)
            self._at += 1
            if len(data) + len(record) > _PART:
                self._rest = record
            else:
                data += record
            await asyncio.sleep_ms(0)  # a record takes some ms
            self.check()
        self._hash.update(data)
        if not self._rest and len(data) + TAG <= _PART:
            data += self._finish()
        return data

    def _finish(self):
        """Record the finished file in the state of backups; return its last bytes."""
        digest = self._hash.digest()
        frame = on_demand.once("otpcore.backup_frame")
        last = frame.end(self._key, digest)
        self.more = False
        if not self._is_noted:
            return last
        backups, identity = self._vault.backups(), frame.identity(digest, last)
        store = self._store
        backups.state.finished(self._count, identity, store.highest, store.newest + 1)
        backups.save()
        self.touch()
        return last

    def _record(self, index):
        """Return the sealed record at an index, with its length in front."""
        data = self._account(index - 1) if index else self._settings()
        sealed = self._seal.wrap(backup.context(index, self._count), data)
        return struct.pack(">H", len(sealed)) + sealed

    def _account(self, position):
        """Return the record of the account at a position; b"" if it cannot be read."""
        try:
            account = self._vault.get(self._vault.id_at(position))
            account.behind = False  # of this vault
            return account.to_record()
        except errors.VaultDamaged:
            return b""

    def _settings(self):
        """Return as JSON the settings that a backup carries; favourites are positions, not ids."""
        carried = on_demand.once("tokenfw.vault.backup.restored_settings").CARRIED
        values = {key: self._vault.setting(key) for key in carried}
        positions = [self._vault.position(each) for each in self._vault.setting(FAVOURITES)]
        values[FAVOURITES] = [position for position in positions if position >= 0]
        return messages.dump(values)
