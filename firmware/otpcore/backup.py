"""The records of a backup file. docs/backup-format.md has the bytes.

Pure, and without ciphers: only a token seals and opens what is in them. All integers are
big-endian. What comes once in a file is in backup_frame: a token has that in memory for a moment.
"""

import struct

from otpcore.errors import BadBackup

LENGTH = 2  # bytes in front of a sealed record that say how many it has
RECORD_MAX = 640  # bytes of a sealed record; the longest account has 336


def context(index, count):
    """Return the context of the record at `index` of `count` accounts; 0 is the settings."""
    return b"otptoken backup record" + struct.pack(">HH", index, count)


def next_record(data, at):
    """Return where the sealed record at `at` of some bytes begins, and where it ends.

    Raises BadBackup if it cannot be one, or is incomplete.
    """
    start = at + LENGTH
    if start > len(data):
        raise BadBackup("short")
    size = data[at] << 8 | data[at + 1]
    if size % 16 or not 64 <= size <= RECORD_MAX:
        raise BadBackup("form")
    if start + size > len(data):
        raise BadBackup("short")
    return start, start + size
