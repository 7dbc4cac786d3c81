"""The drift of a clock chip, from the log of the times at which it was set. Integers only.

Rates are in parts per billion (ppb), above zero for a chip that is fast. A set moves the
clock by its offset, so that the chip gained minus that since the set before. Over several
sets in a row the errors of those in between cancel: what one left was seen by the next.
"""

from otpcore.clock_log import FIRST, FOLDED, GAP, UNDERWAY

_TENTH = 100000  # nanoseconds in a tenth of a millisecond
_SET = 1000000  # ns: how exactly a set puts the chip where it says, and its edge is measured
_RATE_MAX = 200000  # ppb: no crystal is that far off, so somebody had set a wrong time
_JUMP = 10000  # tenths of a millisecond that a rate may be off by besides


class Drift:
    """A chip's own rate: `rate` (ppb), known to `uncertainty` (ppb) from sets over `span` (s)."""

    def __init__(self, rate, uncertainty, span):
        self.rate = rate
        self.uncertainty = uncertainty
        self.span = span


def measure(entries):
    """Return the best Drift estimate from the entries, with past corrections taken out.

    None if there are no two sets between which the clock was left alone.
    """
    best = None
    for run in _runs(entries):
        found = _best_pair(run)
        if found is not None and (best is None or found.uncertainty < best.uncertainty):
            best = found
    return best


def _runs(entries):
    """Yield lists of (time, gained ns, uncertainty ns, how many): sets with nothing odd between.

    The last of the four counts the sets from the first entry on: one can stand for several.
    """
    run = []
    before = None
    sets = 0
    for entry in entries:
        if entry.flags & FOLDED:
            continue
        sets += entry.count
        gain = None if before is None else _gain(before, entry)
        if gain is None:
            if len(run) > 1:
                yield run
            run = []
        if not entry.flags & UNDERWAY:
            total = run[-1][1] + gain if run else 0
            uncertainty = None if entry.saturated else (entry.uncertainty + 1) * _TENTH
            run.append((entry.time, total, uncertainty, sets))
        before = entry
    if len(run) > 1:
        yield run


def _gain(before, entry):
    """Return the ns that the chip would have gained between two sets; None if that is not known."""
    passed = entry.time - before.time
    unknown = entry.flags & (FIRST | UNDERWAY | GAP) or before.flags & UNDERWAY
    if unknown or abs(entry.offset) > _JUMP + passed * _RATE_MAX // _TENTH or passed <= 0:
        return None
    return before.correction * passed - entry.offset * _TENTH


def _best_pair(run):
    """Return the Drift between the two sets of a run that determine it best."""
    good = [place for place in range(len(run)) if run[place][2] is not None]
    if len(good) < 2:
        return None
    last = good[-1]
    for _ in range(2):  # from the last one back to the best first one, and forth again
        first = min(
            (each for each in good if each < last), key=lambda n: _uncertainty(run, n, last)
        )
        last = min(
            (each for each in good if each > first), key=lambda n: _uncertainty(run, first, n)
        )
    span = run[last][0] - run[first][0]
    rate = (run[last][1] - run[first][1] + span // 2) // span
    return Drift(rate, _uncertainty(run, first, last), span)


def _uncertainty(run, first, last):
    """Return the uncertainty (ppb, rounded up) of the rate between two sets of a run."""
    span = run[last][0] - run[first][0]
    sets = run[last][3] - run[first][3]
    return (run[first][2] + run[last][2] + sets * _SET) // span + 1
