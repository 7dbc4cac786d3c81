"""What a committed restore finds changed when it is finished late: at a later start, or try.

Until it is finished, codes are made and accounts are changed. An account whose record is newer
than the RESTORE record `since` (a sequence) was changed meanwhile, or restored by an earlier try.
"""

from otpcore.account import from_record
from tokenfw.vault.backup.alike import alike
from tokenfw.vault.contents.record_types import NO_REQUEST, STAGED
from tokenfw.vault.keys.sealing import BadSeal


def merged(store, position, staged, since):
    """Return the record (bytes) that the account at a position is to have, None if it has it.

    `staged` is the record in the backup. The same account keeps the higher counter and a new name;
    another one that was stored since then stays. Only an HOTP account does not: its record is also
    newer if just a code was made.
    """
    present = _present(store, position)
    if present is None:
        return staged
    restored = from_record(staged)
    if alike(present, restored):
        if present.counter >= restored.counter:
            return None
        present.counter, present.behind = restored.counter, True
        return present.to_record()
    if present.type != "hotp" and _sequence(store, position) > since:
        return None
    return staged


def hand_over(store, position, since):
    """Before the account at a position goes, let the one that takes its place have its counter.

    Yields between records, since there may be a thousand; a code that is made meanwhile counts.
    Raises LogFull.
    """
    while store.staged is not None and _sequence(store, position) > since:
        since = _sequence(store, position)  # before that the counters were compared
        present = _present(store, position)
        if present is None or present.type != "hotp":
            return
        for index in store.staged.indices():
            _raise_counter(store, index, present)
            yield


def _raise_counter(store, index, present):
    """Give what is staged at an index the counter of an account, if it is the same and behind.

    It may have got another name meanwhile.
    """
    staged = store.staged
    try:
        restored = from_record(store.open_record(staged.address(index))[3])
    except BadSeal:
        return
    if not alike(restored, present) or restored.counter >= present.counter:
        return
    restored.counter = present.counter
    data, account_id = restored.to_record(), store.log.read(staged.address(index)).id
    record = store.reserve(STAGED, account_id, 0, data)
    store.commit(record, NO_REQUEST, data, staged.address(index))  # reserve() may have moved it
    staged.put(index, record.address)


def _present(store, position):
    try:
        return from_record(store.read(position))
    except ValueError:  # BadSeal is one
        return None


def _sequence(store, position):
    """Return the sequence of the record of the account at a position, 0 if it is damaged."""
    try:
        return store.log.read(store.index.address(position)).sequence
    except ValueError:
        return 0
