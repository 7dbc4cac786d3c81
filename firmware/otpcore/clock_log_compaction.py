"""Keeps the log of clock changes short, without letting anybody push important entries out.

Silent sets in a row that moved the clock by no more than a chip drifts become one entry
besides the first: how many, the sum, the first and the last. Confirmed ones and large ones
stay as they are. When there are too many entries all the same, the oldest silent ones are
folded into one entry in front; only where there are few of them the oldest confirmed ones,
into another. So only detail is lost, and no silent set affects a confirmed one.
"""

from otpcore.clock_log import CONFIRMED, FOLDED, GAP, RUN, Entry

KEPT = 32  # entries
SILENT = 12  # of them, before confirmed ones are folded

_JUMP = 10000  # tenths of a millisecond that a set may move the clock besides the drift
_RATE = 2  # and a second since the one before it: 200 ppm
_SURE = 10  # tenths of a millisecond by which a set may be known worse, whatever it is


def shortened(entries):
    """Return a list of the entries in which those in a row are one, KEPT at most.

    The last one stays the last, and still says the same of the time that was set.
    """
    kept = []
    for entry in entries:
        if len(kept) > 1:
            merged = _merged(kept[-2], kept[-1], entry)
            if merged is not None:
                kept[-1] = merged
                continue
        kept.append(entry)
    while len(kept) > KEPT:
        _fold(kept)
    return kept


def _merged(before, one, other):
    """Return one entry for two that follow a third in a row; None if both are to be kept."""
    if before.flags & ~RUN or before.correction != one.correction:
        return None
    if not _is_drift(before, one) or not _is_drift(one, other):
        return None
    if (
        other.uncertainty > 2 * one.uncertainty + _SURE
        or before.uncertainty > 2 * one.uncertainty + _SURE
    ):
        return None  # the drift is measured from the one that was known better
    entry = _sum(one, other, RUN)
    entry.uncertainty = other.uncertainty
    return entry if _is_drift(before, entry) else None


def _is_drift(before, entry):
    """Return whether a set is silent, regular, and no larger than the clock's possible drift."""
    passed = entry.time - before.time
    if entry.flags & ~RUN or entry.saturated or passed <= 0:
        return False
    return entry.correction == before.correction and abs(entry.offset) <= _JUMP + _RATE * passed


def _sum(one, other, flags):
    """Return an entry that stands for both: the later one, with the sums."""
    return Entry(
        other.time,
        one.offset + other.offset,
        0,
        other.correction,
        flags,
        min(one.first, other.first),
        one.count + other.count,
        one.total + other.total,
    )


def _fold(entries):
    """Move the least important entry of the list into the folded one of its kind."""
    last = len(entries) - 1
    whole = [place for place in range(last) if not entries[place].flags & FOLDED]
    silent = [place for place in whole if not entries[place].flags & CONFIRMED]
    confirmed = [place for place in whole if entries[place].flags & CONFIRMED]
    place = (silent if len(silent) >= SILENT or not confirmed else confirmed)[0]
    entry = entries.pop(place)
    entries[place].flags |= GAP
    kind = RUN | FOLDED | (entry.flags & CONFIRMED)
    for place in range(len(entries)):
        if entries[place].flags & ~GAP == kind:
            entries[place] = _sum(entries[place], entry, kind)
            return
    folded = _sum(Entry(entry.time, 0, 0), entry, kind)
    folded.count = entry.count
    folded.first = entry.first
    entries.insert(0, folded)
