"""The types of records in the vault's log."""

ACCOUNT, REMOVED, ORDER, SETTINGS, CHECK = 1, 2, 3, 4, 5  # append-only
PLAIN = (SETTINGS,)  # not sealed

REMEMBERED = 16  # of the newest records the requests are remembered
NO_REQUEST = bytes(8)
