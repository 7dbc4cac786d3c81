"""Files that are not exports that tokenctl reads, and what to do with them.

One table, by what the files begin with.
"""

import re
from typing import Final

from tokenctl.language import _, marked

_TABLE: Final = (
    (
        rb"OTPB[\x01-\x1f]",  # backup_frame.MAGIC and a version
        marked("this is a token's backup; tokenctl restore puts its accounts on a token"),
    ),
    (rb"\x03\xd9\xa2\x9a", marked("this is a KeePass database; export it as CSV from KeePassXC")),
    (
        rb"SQLite format 3\0",
        marked(
            "this is an app's internal database; tokenctl reads exports, which the "
            "app writes on request"
        ),
    ),
    (rb"-----BEGIN PGP MESSAGE", marked("this is encrypted with PGP; decrypt it first")),
    (rb"age-encryption\.org/", marked("this is encrypted with age; decrypt it first")),
    (rb"ANDROID BACKUP\n", marked("this is an Android backup; tokenctl reads app exports")),
    (rb"\x1f\x8b", marked("this is compressed with gzip; decompress it first")),
    (rb"7z\xbc\xaf\x27\x1c", marked("this is a 7-Zip archive; unpack it first")),
    (rb"Rar!\x1a\x07", marked("this is a RAR archive; unpack it first")),
    (rb"BZh[1-9]", marked("this is compressed with bzip2; decompress it first")),
    (rb"\xfd7zXZ\0", marked("this is compressed with xz; decompress it first")),
)
_STRANGERS: Final = tuple((re.compile(begin), clause) for begin, clause in _TABLE)


def describe(data: bytes) -> str | None:
    """Return a clause on what a file is and what to do, or None."""
    for begin, clause in _STRANGERS:
        if begin.match(data):
            return _(clause)
    return None
