"""How far off a clock may be by now, and until when its codes are valid. Integers only."""

STEP = 30  # seconds: services take the codes of one time step on either side


def allowance(accuracy):
    """Return by how much (ppb) a measured rate may change with temperature and age."""
    return accuracy // 10


def now(entry, time, rate, uncertainty):
    """Return how far off (ms) a clock that `entry` set last may be at `time` (Unix).

    `rate` and `uncertainty` (ppb) are its present rate, corrections taken off, and how well that
    is known.
    """
    passed = max(0, time - entry.time)
    return entry.uncertainty // 10 + 1 + passed * (abs(rate) + uncertainty) // 1000000


def codes_valid_until(entry, rate, uncertainty):
    """Return the Unix time at which a clock that `entry` set last may be off by a whole STEP."""
    left = STEP * 1000 - entry.uncertainty // 10 - 1
    return entry.time + left * 1000000 // max(1, abs(rate) + uncertainty)
