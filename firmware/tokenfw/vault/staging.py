"""A restore is all or nothing: its records are staged, and one record makes all of them count.

First each account lies in the log as a STAGED record, with the id that it will have; none of
them is an account yet. Then a RESTORE record says that they are to be: from then on whatever
cuts the power, the next unlocking goes on where that was. Last a RESTORED record takes its
place, which says that what was staged before it counts no more; a restore that is given up
writes just that. In RESTORE there are, sealed (see sealed.py):

       0   1  version: 1
       1   1  1 if the accounts with ids up to the next number go first, else 0
       2   2  that number: the highest id before the restore
       4      the settings that come with it, as JSON; its ids are those of the accounts here

A STAGED record is stale once a RESTORED record, or one of the account with its id, is newer.
"""

import json
import struct

from otpcore import messages
from tokenfw.vault import backup_state
from tokenfw.vault.fingerprint import Fingerprint
from tokenfw.vault.record_types import BACKUP, NO_REQUEST, RESTORE, RESTORED, STAGED
from tokenfw.vault.sealing import BadSeal
from tokenfw.vault.staged import Staged

_HEAD = ">BBH"
_HEAD_SIZE = 4
_VERSION = 1
DATA_MAX = 440  # bytes of settings: with what surrounds them they are one piece of a seal


def settle(store, found):
    """Have a Store take what a Scan found of backups and restores; remove what is stale."""
    last = found.single.get(RESTORE)
    store.restoring = last is not None and last.kind == RESTORE
    if found.staged is not None:
        over = 0 if last is None or store.restoring else last.sequence
        living = Staged()
        for record in found.staged.records(store.log):
            if record.sequence < over or found.has_newer(record):
                store.log.remove(record)
            else:
                living.append(record)
        found.staged = store.staged = living if len(living) else None
    if BACKUP in found.single:
        try:
            store.unseen = not backup_state.load(store).seen
        except (BadSeal, ValueError):
            pass  # counted as damaged


def begin(store, replace, settings):
    """Make what was staged count, from now on: finish() has to follow. Raises LogFull."""
    data = struct.pack(_HEAD, _VERSION, replace, store.highest) + messages.dump(settings)
    store.keep(RESTORE, data)
    store.restoring = True


def finish(store, change_settings):
    """Make accounts of what was staged; yields between them.

    What an error cut short can be done again.
    """
    data = store.open_record(store.single[RESTORE])[3]
    version, replace, last = struct.unpack(_HEAD, data[:_HEAD_SIZE])
    settings = json.loads(data[_HEAD_SIZE:])
    if replace:
        for position in range(len(store.index) - 1, -1, -1):
            if store.index.id(position) <= last:
                store.remove(NO_REQUEST, position)
                yield
    if store.staged is not None:
        for place in range(len(store.staged)):
            if store.staged.address(place):
                store.unstage(place)
                yield
    if settings:
        change_settings(settings)
    store.keep(RESTORED, b"")
    store.staged, store.restoring = None, False


def drop(store):
    """Forget what was staged: the restore was given up. Yields between the records."""
    if store.staged is None:
        return
    without = Fingerprint(store.seal())
    for record in store.staged.records(store.log):
        without.toggle(STAGED, record.id, record.sequence)
        yield
    store.keep(RESTORED, b"", without)
    staged, store.staged = store.staged, None
    for record in staged.records(store.log):
        store.log.remove(record)
        yield


def resume(store, change_settings):
    """Finish a restore that was begun, or drop one that never was; yields between records."""
    return finish(store, change_settings) if store.restoring else drop(store)
