"""A drill: a backup is opened record by record, and compared with the token's accounts."""

from otpcore import errors
from tokenfw.vault.backup.alike import alike
from tokenfw.vault.backup.reader import BackupReader


class Drill(BackupReader):
    """Compares a backup with the vault, and changes no account.

    `counts`: same, other (of the same names but different), gone (not on the token), damaged.
    HOTP counters are not compared.
    """

    says = "opening"

    def __init__(self, vault, store, header, key):
        super().__init__(vault, store, header, key)
        self.counts = {"same": 0, "other": 0, "gone": 0, "damaged": 0}

    async def _take_account(self, index, account, ask):
        number = self._vault.find(account.issuer, account.name)
        if number is None:
            self.counts["gone"] += 1
            return
        try:
            fits = alike(self._vault.get(number), account)
        except errors.VaultDamaged:
            fits = False
        self.counts["same" if fits else "other"] += 1

    async def finish(self, now):
        """Record the drill at `now` (Unix time, or 0) if this is the last backup, and all matched.

        Raises BadBackup, BackupOver.
        """
        self.require_whole()
        backups = self._vault.backups()
        well = not (self.counts["other"] or self.counts["damaged"] or backups.damaged)
        if well and now and self.identity == backups.state.identity:
            backups.state.drilled = now
            backups.save()
        self.over = True
