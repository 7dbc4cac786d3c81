"""The types of records in the vault's log."""

ACCOUNT, REMOVED, ORDER, SETTINGS, CHECK = 1, 2, 3, 4, 5  # append-only
BACKUP = 6  # what is known of backups: see backup_state.py
STAGED, RESTORE, RESTORED = 7, 8, 9  # of a restore: see staging.py
PLAIN = (SETTINGS,)  # not sealed
SINGLE = {BACKUP: BACKUP, RESTORE: RESTORE, RESTORED: RESTORE}  # of which one counts, and its place

REMEMBERED = 16  # of the newest records the requests are remembered
NO_REQUEST = bytes(8)
