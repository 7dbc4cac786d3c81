"""The backup file: its records, and what authenticates it. docs/backup-format.md has the bytes.

Pure, and without ciphers: only a token seals and opens what is in it. All integers are
big-endian. The header is in otpcore.backup_header: a token needs it when a file begins only.
"""

import hashlib
import struct

from otpcore.errors import BadBackup
from otpcore.mac import hmac

TAG = 32
LENGTH = 2  # bytes in front of a sealed record that say how many it has
RECORD_MAX = 640  # bytes of a sealed record; the longest account has 336


def tag(key):
    """Return the header's tag under the file's key, which depends on the header's fields."""
    return hmac("SHA256", key, b"header")


def context(index, count):
    """Return the context of the record at `index` of `count` accounts; 0 is the settings."""
    return b"otptoken backup record" + struct.pack(">HH", index, count)


def end(key, digest):
    """Return the file's last 32 bytes; `digest` is the SHA-256 of all before them."""
    return hmac("SHA256", key, b"end", (digest,))


def identity(digest, last):
    """Return the 32 bytes that identify this file; `digest` and `last` are as for end()."""
    return hashlib.sha256(digest + last).digest()


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
