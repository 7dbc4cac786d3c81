"""The states of a vault, and the errors of opening it."""

# Accounts can be shown in the state READY only.
READY, LOCKED, NEWER, FOREIGN, NO_ENTROPY = "ready", "locked", "newer", "foreign", "no_entropy"
NO_CHIP_KEY = "no_chip_key"  # no PIN, and bound to a chip's key that does not answer here
OLDER = "older"  # of an older version for which this firmware has no migration

# Seconds to wait, by the number of failures in a row, from the failure or from a power-up.
DELAYS = (0, 1, 2, 4, 8, 30, 60, 300, 900, 1800)


class WrongPin(Exception):
    """The PIN is wrong. `left` is the number of attempts left; at 0 the vault has been wiped."""

    def __init__(self, left):
        super().__init__()
        self.left = left


class TooSoon(Exception):
    """The delay after a failure is not over: `seconds` of it remain."""

    def __init__(self, seconds):
        super().__init__()
        self.seconds = seconds
