"""When two accounts are the same: a restore then takes the higher one of their counters."""

from tokenfw.vault.keys.sealing import same


def alike(one, other):
    """Return whether two Accounts have the same secret and parameters, names and counters aside."""
    if not same(one.secret, other.secret):
        return False
    mine = (one.type, one.algorithm, one.digits, one.period, one.t0)
    return mine == (other.type, other.algorithm, other.digits, other.period, other.t0)
