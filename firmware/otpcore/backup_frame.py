"""What comes once in a backup file: its header and its end, and the keys that follow from them.

docs/backup-format.md has the bytes. Pure; otpcore.backup has the records.
"""

import hashlib
import struct

from otpcore.errors import BadBackup
from otpcore.mac import hmac

MAGIC = b"OTPB"
VERSION = 1
SERIAL_MAX = 16  # ASCII
SALT = 16
TAG = 32
_FIELDS = ">4sBBHI16s16s"  # magic, version, 0, accounts, time, serial number, salt
_FIELDS_SIZE = 44
HEADER_SIZE = _FIELDS_SIZE + TAG


class Header:
    """`count` accounts of the token `serial` (text), at `created` (Unix time, 0: not known).

    `salt` (16 bytes) differs for each file.
    """

    def __init__(self, serial, count, created, salt):
        self.serial = serial
        self.count = count
        self.created = created
        self.salt = salt

    def fields(self):
        """Return the header's bytes without its tag."""
        serial = self.serial.encode()[:SERIAL_MAX]
        return struct.pack(_FIELDS, MAGIC, VERSION, 0, self.count, self.created, serial, self.salt)

    def key(self, code_key):
        """Return the file's key (32 bytes), from that of the recovery code."""
        return hmac("SHA256", code_key, b"otptoken backup 1", (self.fields(),))


def header(data):
    """Return the Header of a file that begins with `data` (HEADER_SIZE bytes), and its tag.

    Raises BadBackup; only tag() shows whether it was changed.
    """
    if data[:4] != MAGIC:
        raise BadBackup("form")
    if len(data) > 4 and data[4] != VERSION:
        raise BadBackup("version")
    if len(data) < HEADER_SIZE:
        raise BadBackup("short")
    _, _, zero, count, created, serial, salt = struct.unpack(_FIELDS, data[:_FIELDS_SIZE])
    text = serial.rstrip(b"\0")
    if zero or any([not 0x21 <= each <= 0x7E for each in text]):
        raise BadBackup("form")
    return Header(text.decode(), count, created, salt), bytes(data[_FIELDS_SIZE:HEADER_SIZE])


def tag(key):
    """Return the header's tag under the file's key, which depends on the header's fields."""
    return hmac("SHA256", key, b"header")


def end(key, digest):
    """Return the file's last 32 bytes; `digest` is the SHA-256 of all before them."""
    return hmac("SHA256", key, b"end", (digest,))


def identity(digest, last):
    """Return the 32 bytes that identify this file; `digest` and `last` are as for end()."""
    return hashlib.sha256(digest + last).digest()
