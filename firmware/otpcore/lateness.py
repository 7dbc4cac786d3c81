"""How far off a clock may be by now, and until when its codes are taken. Integers only."""

STEP = 30  # seconds: services take the codes of one time step on either side


def hold(accuracy):
    """Return by how much (ppb) a measured rate may change with the temperature and the years."""
    return accuracy // 10


def off_by(entry, now, rate, within):
    """Return how far off (ms) a clock may be at `now` (Unix time) that `entry` set last.

    `rate` and `within` are its present rate (ppb, corrections taken off) and how well it is known.
    """
    return entry.within // 10 + 1 + max(0, now - entry.time) * (abs(rate) + within) // 1000000


def refused_from(entry, rate, within):
    """Return the Unix time from which a clock that `entry` set last may be off by a whole STEP."""
    left = STEP * 1000 - entry.within // 10 - 1
    return entry.time + left * 1000000 // max(1, abs(rate) + within)
