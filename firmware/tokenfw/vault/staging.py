"""A restore is all or nothing: its records are staged, and one record makes all of them count.

First each account lies in the log as a STAGED record, with the id that it will have; none of
them is an account yet. Then a RESTORE record says that they are to be: from then on whatever
cuts the power, the next unlocking goes on where that was. When all are accounts, a RESTORED
record takes its place. Without a RESTORE record what is staged is dropped.
In RESTORE there are, sealed (see sealed.py):

       0   1  version: 1
       1   1  1 if the accounts with ids up to the next number go first, else 0
       2   2  that number: the highest id before the restore
       4      the settings that come with it, as JSON; its ids are those of the accounts here
"""

import json
import struct

from otpcore import messages
from otpcore.account import full_name_in_record
from tokenfw.system import on_demand
from tokenfw.vault import backup_state
from tokenfw.vault.record_types import ACCOUNT, BACKUP, CHECK, NO_REQUEST, RESTORE, RESTORED, STAGED

_HEAD = ">BBH"
_HEAD_SIZE = 4
_VERSION = 1
DATA_MAX = 440  # bytes of settings: with what surrounds them they are one piece of a seal


def settle(store, found):
    """Have a Store take what a Scan found of backups and restores."""
    last = found.single.get(RESTORE)
    store.restoring = last is not None and last.kind == RESTORE
    if found.staged is not None:
        for place in found.staged.places():
            try:
                store.log.read(found.staged.address(place))
            except ValueError:  # it was to be removed when the power went, and is now
                found.staged.forget(place)
    if BACKUP in found.single:
        try:
            store.unseen = not backup_state.load(store).seen
        except ValueError:  # BadSeal is one
            pass  # counted as damaged


def stage(store, account_id, data):
    """Store a record that becomes an account with this id when the restore does. LogFull."""
    record = store.reserve(STAGED, account_id, 0, data)
    store.commit(record, NO_REQUEST, data)
    if store.staged is None:
        store.staged = on_demand.once("tokenfw.vault.staged").Staged()
    store.staged.append(record)


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
        for place in store.staged.places():
            _unstage(store, place)
            yield
    if settings:
        change_settings(settings)
    store.keep(RESTORED, b"")
    store.staged, store.restoring = None, False


def drop(store):
    """Forget what was staged: the restore was given up. Yields between the records."""
    if store.staged is None:
        return
    for place in store.staged.places():
        _drop(store, place)
        yield
    store.staged = None


def resume(store, change_settings):
    """Finish a restore that was begun, or drop one that never was; yields between records."""
    return finish(store, change_settings) if store.restoring else drop(store)


def _unstage(store, place):
    """Make an account of the staged record at a place. Raises LogFull, BadSeal.

    One that takes the place of another account stays staged until that is done: done again
    it comes to the same.
    """
    staged = store.staged
    data = store.open_record(staged.address(place))[3]
    account_id = store.log.read(staged.address(place)).id
    position = store.index.position(account_id)
    if position >= 0:
        store.replace(NO_REQUEST, position, full_name_in_record(data), data)
        _drop(store, place)
        return
    mark = store.seal().mark(full_name_in_record(data))
    store.index.reserve()
    record = store.reserve(ACCOUNT, account_id, mark, data)
    store.commit(record, NO_REQUEST, data, staged.address(place))  # which may have moved by now
    staged.forget(place)
    store.index.append(account_id, record.address, mark)
    store.highest = max(store.highest, account_id)


def _drop(store, place):
    """Remove the staged record at a place. Raises LogFull."""
    record = store.reserve(CHECK, 0, 0, b"")
    store.commit(record, NO_REQUEST, b"", store.staged.address(place))
    store.staged.forget(place)
