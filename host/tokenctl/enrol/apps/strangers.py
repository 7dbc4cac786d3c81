"""Files that are no export that tokenctl reads, and what to do with them.

One table, by what the files begin with. Each clause follows "this is".
"""

import re
from typing import Final

_TABLE: Final = (
    (rb"\x03\xd9\xa2\x9a", "a KeePass database; in KeePassXC export it as CSV"),
    (
        rb"SQLite format 3\0",
        "a database of an app's own; tokenctl reads exports, which the app writes on request",
    ),
    (rb"-----BEGIN PGP MESSAGE", "encrypted with PGP; decrypt it first"),
    (rb"age-encryption\.org/", "encrypted with age; decrypt it first"),
    (rb"ANDROID BACKUP\n", "a backup of Android; tokenctl reads exports of apps"),
    (rb"\x1f\x8b", "packed with gzip; unpack it first"),
    (rb"7z\xbc\xaf\x27\x1c", "a 7-Zip archive; unpack it first"),
    (rb"Rar!\x1a\x07", "a RAR archive; unpack it first"),
    (rb"BZh[1-9]", "packed with bzip2; unpack it first"),
    (rb"\xfd7zXZ\0", "packed with xz; unpack it first"),
)
_STRANGERS: Final = tuple((re.compile(begin), clause) for begin, clause in _TABLE)


def describe(data: bytes) -> str | None:
    """Return a clause on what a file is and what to do, or None."""
    for begin, clause in _STRANGERS:
        if begin.match(data):
            return f"this is {clause}"
    return None
