"""The types of records in the vault's log."""

ACCOUNT, REMOVED, ORDER, SETTINGS, CHECK = 1, 2, 3, 4, 5  # append-only
BACKUP = 6  # the state of backups: see backup/state.py
STAGED, RESTORE, RESTORED = 7, 8, 9  # of a restore: see staging.py
PLAIN = (SETTINGS,)  # not sealed
SINGLE = {BACKUP: BACKUP, RESTORE: RESTORE, RESTORED: RESTORE}  # kinds with one record, by group

REMEMBERED = 16  # so many of the newest records have their requests remembered
NO_REQUEST = bytes(8)
