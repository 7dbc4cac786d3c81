"""What a committed restore finds changed when it is finished late: at a later start, or try.

Until it is finished, codes are made and accounts are changed. An account whose record is newer
than the RESTORE record `since` (a sequence) was changed meanwhile, or restored by an earlier try.
"""

from otpcore.account import from_record, full_name_of
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
    if present.type != "hotp" and _is_newer(store, position, since):
        return None
    return staged


def hand_over(store, position, since):
    """Before the account at a position goes, let the one that takes its place have its counter.

    Raises LogFull.
    """
    if store.staged is None or not _is_newer(store, position, since):
        return  # the counter was compared when the other one was staged
    present = _present(store, position)
    if present is None or present.type != "hotp":
        return
    for place in store.staged.places():
        try:
            restored = from_record(store.open_record(store.staged.address(place))[3])
        except BadSeal:
            continue
        alone = full_name_of(restored) == full_name_of(present) and alike(restored, present)
        if alone and restored.counter < present.counter:
            restored.counter = present.counter
            _stage_again(store, place, restored.to_record())


def _present(store, position):
    try:
        return from_record(store.read(position))
    except ValueError:  # BadSeal is one
        return None


def _is_newer(store, position, since):
    try:
        return store.log.read(store.index.address(position)).sequence > since
    except ValueError:
        return False


def _stage_again(store, place, data):
    staged = store.staged
    account_id = store.log.read(staged.address(place)).id
    record = store.reserve(STAGED, account_id, 0, data)
    store.commit(record, NO_REQUEST, data, staged.address(place))  # reserve() may have moved it
    staged.put(place, record.address)
