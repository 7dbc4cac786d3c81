"""What is done when a store is unlocked: finish what was interrupted, and judge what is there.

In memory only then. The newest record keeps the fingerprint of the set of records as it was
with it, and the anchor says how many there were at least: so records that have gone, or come
back, show.
"""

import struct

from tokenfw.vault.fingerprint import Fingerprint
from tokenfw.vault.order import ids
from tokenfw.vault.record_types import ACCOUNT, NO_REQUEST, ORDER, PLAIN
from tokenfw.vault.sealing import BadSeal
from tokenfw.vault.settings import LOCATION, NOTHING


def settle(store, found, least):
    """Have a Store take what the Scan `found`; it has its seals, and `least` is the anchor's.

    Once it was `changed` the fingerprint is of a set that nobody has, until everything is
    sealed anew: so each start says it again.
    """
    kept = _read_recent(store, found)
    for old, new in found.stale:
        _drop_stale(store, old, new)
    _read_order(store, found)
    store.changed = False
    fingerprint = _fingerprint(found, store.seal())
    if len(store.seals) > 1 or kept != fingerprint.value or store.newest < least:
        fingerprint = _look_closer(store, found, kept, fingerprint, least)
    store.fingerprint = fingerprint


def _read_recent(store, found):
    """Remember the newest requests; return the fingerprint that the newest record keeps.

    It is None where that is damaged. What it replaced is removed, if that was interrupted.
    """
    store.requests = []
    store.newest = 0
    kept = None
    for record in found.recent:
        store.newest = record.sequence
        kept = None
        try:
            request, kept, replaced, _, _ = store.open_record(record.address)
        except BadSeal:
            continue
        if request != NO_REQUEST:
            store.requests.append((request, record.id))
        if record is found.recent[-1] and replaced != NOTHING:
            store.log.finish_removal(*struct.unpack(LOCATION, replaced))
    return kept


def _drop_stale(store, old, new):
    """Remove an old record if the one that it gives way to is whole."""
    try:
        record = store.log.read(new)
        if record.kind in PLAIN:
            store.settings.read(new)
        else:
            store.open_record(new)
        store.log.remove(store.log.read(old))
    except ValueError:
        pass  # removed already, or the new one is damaged, and counted


def _read_order(store, found):
    """Put the index into the stored order; what that does not know comes behind."""
    store.order = None
    if found.order is None:
        return
    store.order = found.order.address
    try:
        data, more = store.open_record(store.order)[3:]
    except BadSeal:
        return
    store.index.arrange(ids(data, more))


def _look_closer(store, found, kept, fingerprint, least):
    """Find out why they differ; return the Fingerprint to go on with."""
    same = any(kept == _fingerprint(found, seal).value for seal in store.seals.values())
    gone = store.newest < least
    store.changed = gone or bool(store.newest) and not same and not store.missing
    store.log.newest = max(store.log.newest, least)
    if kept is not None and len(store.seals) == 1:  # else rekey() makes a new one
        fingerprint = Fingerprint(store.seal(), kept)
    if gone or store.changed and kept is None:
        fingerprint.toggle(0, 0, max(least, store.newest))
    return fingerprint


def _fingerprint(found, seal):
    """Return the Fingerprint of the records that there are."""
    fingerprint = Fingerprint(seal)
    for account_id, sequence in found.living():
        fingerprint.toggle(ACCOUNT, account_id, sequence)
    if found.order is not None:
        fingerprint.toggle(ORDER, found.order.id, found.order.sequence)
    return fingerprint
