"""The states of a vault, and what can go wrong with its PIN."""

# It has accounts to show only when it is READY.
READY, LOCKED, NEWER, FOREIGN, NO_ENTROPY = "ready", "locked", "newer", "foreign", "no_entropy"
NO_CHIP_KEY = "no_chip_key"  # without a PIN, and bound to the key of a chip that is not this one
OLDER = "older"  # of an older version, from which this firmware has no migration that fits

# Seconds to wait after so many failures in a row, from the failure or from a power-up.
DELAYS = (0, 1, 2, 4, 8, 30, 60, 300, 900, 1800)


class OtherVersion(Exception):
    """A firmware of another version wrote this: it is to be left alone. Its argument says which.

    What a newer firmware of the same version added is UNKNOWN.
    """


class FlashFault(Exception):
    """The flash did not take what was programmed."""


UNKNOWN = 256  # above every version


class ChipKeySilent(Exception):
    """The vault is bound to a chip's key, which does not answer, or not as it did: see binding."""


class WrongPin(Exception):
    """The PIN is wrong. `left` is how many attempts are left; with none the vault was wiped."""

    def __init__(self, left):
        super().__init__()
        self.left = left


class TooSoon(Exception):
    """The delay after a failure is not over. `seconds` is what is left of it."""

    def __init__(self, seconds):
        super().__init__()
        self.seconds = seconds
