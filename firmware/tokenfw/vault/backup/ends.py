"""What is read once in a backup: its first record, which has settings, and its end."""

import json

from otpcore import errors
from otpcore.backup_frame import TAG
from otpcore.settings import FAVOURITES
from tokenfw.system import on_demand
from tokenfw.vault.keys.sealing import same


def settings(plaintext):
    """Return the settings in the first record, a dict. Raises BadBackup."""
    try:
        found = json.loads(plaintext)
    except ValueError:
        raise errors.BadBackup("account")
    if not isinstance(found, dict) or not isinstance(found.get(FAVOURITES, []), list):
        raise errors.BadBackup("account")
    for index in found.get(FAVOURITES, ()):
        if not isinstance(index, int):
            raise errors.BadBackup("account")
    return found


def identity(key, digest, last):
    """Return the identity of the file under a `key` that ends with the bytes `last`.

    `digest` is the SHA-256 of all before them. Raises BadBackup if the file was changed.
    """
    if len(last) != TAG:
        raise errors.BadBackup("long")
    frame = on_demand.once("otpcore.backup_frame")
    if not same(frame.end(key, digest), last):
        raise errors.BadBackup("changed")
    return frame.identity(digest, last)
