"""Makes a restore all or nothing: its records are staged, then one record commits all of them.

First restore.py writes each account as a STAGED record, with the id that it will have; none of
them is an account yet. Then a RESTORE record commits them: from then on, after a power cut, the
next unlocking continues the restore. When all are accounts, a RESTORED record replaces it. Staged
records without a RESTORE record are dropped, unless a newer record's fingerprint has one. A record
that is damaged after it was committed is lost alone, and every start reports that one is missing.
The sealed data of RESTORE (see sealed.py; big-endian):

       0   1  version: 1
       1   1  1 if the accounts with ids up to the next number are removed first, else 0
       2   2  that number: the highest id before the restore
       4      the settings that the restore changes, as JSON; ids in them are this vault's
"""

import json
import struct

from otpcore import messages
from otpcore.account import full_name_in_record
from tokenfw.vault.backup import meanwhile
from tokenfw.vault.backup import state as backup_state
from tokenfw.vault.contents.fingerprint import ELEMENT, SIZE
from tokenfw.vault.contents.record_types import (
    ACCOUNT,
    BACKUP,
    CHECK,
    NO_REQUEST,
    RESTORE,
    RESTORED,
)
from tokenfw.vault.keys.sealing import BadSeal

_HEAD = ">BBH"
_HEAD_SIZE = 4
_VERSION = 1
_LOST = 4096  # sequences: two for each of 1,000 accounts, and the codes that were made meanwhile
DATA_MAX = 440  # bytes of settings: with the rest of the plaintext they fit one piece of a seal


def settle(store, found):
    """Hand a Store what a Scan found of backups and restores."""
    last = found.single.get(RESTORE)
    store.restoring = last is not None and last.kind == RESTORE
    if found.staged is not None:
        for index in found.staged.indices():
            try:
                record = store.log.read(found.staged.address(index))
            except ValueError:  # an interrupted removal, which was just completed
                found.staged.forget(index)
                continue
            if store.restoring:  # as in begin()
                store.highest = max(store.highest, record.id)
    if BACKUP in found.single:
        try:
            store.unseen = not backup_state.load(store).seen
        except ValueError:  # BadSeal is one
            pass  # counted as damaged


def recommit(store, found, kept):
    """Go on with a restore whose RESTORE record is gone, header and all, if one was committed.

    It was if one of the last _LOST sequences makes the newest record's fingerprint `kept` (bytes)
    that of the records that were `found`. Else accounts that a replacement removed would be lost.
    """
    if kept is None:  # that record is damaged
        return
    block = bytearray(SIZE)
    for seal in store.seals.values():
        value = found.fingerprint(seal).value
        lacks = bytes([kept[at] ^ value[at] for at in range(SIZE)])
        for sequence in range(store.newest, max(0, store.newest - _LOST), -1):
            struct.pack_into(ELEMENT, block, 0, RESTORE, 0, 0, sequence, 0, 0)
            seal.element(block)
            if block == lacks:
                store.restoring = True
                for record in store.staged.records(store.log):
                    store.highest = max(store.highest, record.id)
                return


def commit_again(store):
    """Before the keys change, replace the record that recommit() found gone. Raises LogFull.

    The new fingerprint is that of the records that are there.
    """
    if store.single.get(RESTORE) is None:
        store.keep(RESTORE, struct.pack(_HEAD, _VERSION, False, 0) + messages.dump({}))


def examine(store):
    """Open all that was staged, before it is committed; yields between them. Raises BadSeal."""
    if store.staged is not None:
        for index in store.staged.indices():
            store.open_record(store.staged.address(index))
            yield


def begin(store, replace, settings):
    """Commit what was staged; finish() has to follow. Raises LogFull.

    `settings` is a dict, at most DATA_MAX bytes of JSON; with `replace` all present accounts go.
    """
    data = struct.pack(_HEAD, _VERSION, replace, store.highest) + messages.dump(settings)
    highest = store.highest
    if store.staged is not None:  # first: once it is committed, nothing may fail
        for record in store.staged.records(store.log):
            highest = max(highest, record.id)
    store.keep(RESTORE, data)
    store.restoring = True
    store.highest = highest  # so that what is added before finish() is done gets another id


def finish(store, change_settings):
    """Make accounts of what was staged; yields between them. Raises LogFull, Locked.

    After an error it can be called again.
    """
    replace, settings, damaged, since = 0, None, False, store.newest
    try:
        if store.single.get(RESTORE) is None:
            raise BadSeal("see recommit()")
        since = store.log.read(store.single[RESTORE]).sequence
        data = store.open_record(store.single[RESTORE])[3]
        version, replace, last = struct.unpack(_HEAD, data[:_HEAD_SIZE])
        settings = json.loads(data[_HEAD_SIZE:])
    except ValueError:  # BadSeal is one: what it removes, and sets, is not known, so nothing goes
        damaged = True  # and it stays till the end: without it a restart drops what is staged
    if replace:
        for position in range(len(store.index) - 1, -1, -1):
            if store.index.id(position) <= last:
                yield from meanwhile.hand_over(store, position, since)
                store.remove(NO_REQUEST, position)
                yield
    if store.staged is not None:
        for index in store.staged.indices():
            _unstage(store, index, since)
            yield
    if settings:
        change_settings(settings)
    if not damaged:
        store.keep(RESTORED, b"")
    elif store.single.get(RESTORE) is not None:
        store.log.complete()
        _lose(store, store.single[RESTORE])
        store.single.pop(RESTORE)
    store.staged, store.restoring = None, False


def drop(store):
    """Drop what an abandoned restore staged; yields between the records."""
    if store.staged is None:
        return
    for index in store.staged.indices():
        _drop(store, index)
        yield
    store.staged = None


def resume(store, change_settings):
    """Finish a committed restore, or drop one that was not committed; yields between records.

    While accounts are left out for lack of memory it is not finished: what is theirs is not known.
    """
    if not store.restoring:
        return drop(store)
    return () if store.missing else finish(store, change_settings)


def _unstage(store, index, since):
    """Make an account of the staged record at an index, unless that is damaged. Raises LogFull.

    If it replaces an account it stays staged until that is done, so that it can be repeated.
    `since` is the sequence of the RESTORE record.
    """
    staged = store.staged
    try:
        data = store.open_record(staged.address(index))[3]
    except BadSeal:
        store.log.complete()
        _lose(store, staged.address(index))
        staged.forget(index)
        return
    account_id = store.log.read(staged.address(index)).id
    position = store.index.position(account_id)
    if position >= 0:
        data = meanwhile.merged(store, position, data, since)
        if data is not None:
            store.replace(NO_REQUEST, position, full_name_in_record(data), data)
        _drop(store, index)
        return
    mark = store.seal().mark(full_name_in_record(data))
    store.index.reserve()
    record = store.reserve(ACCOUNT, account_id, mark, data)
    store.commit(record, NO_REQUEST, data, staged.address(index))  # reserve() may have moved it
    staged.forget(index)
    store.index.append(account_id, record.address, mark)
    store.highest = max(store.highest, account_id)


def _lose(store, address):
    """Remove a damaged record but leave it in the fingerprint, which reports the loss.

    Its address must be read after log.complete().
    """
    store.broken.discard(address)
    store.changed = True
    try:
        store.log.remove(store.log.read(address))
    except ValueError:
        pass  # it was removed before an error


def _drop(store, index):
    """Remove the staged record at an index. Raises LogFull."""
    record = store.reserve(CHECK, 0, 0, b"")
    store.commit(record, NO_REQUEST, b"", store.staged.address(index))
    store.staged.forget(index)
