"""What may be wrong with the vault's flash, besides damage that is repaired or counted."""

UNKNOWN = 256  # above every version


class OtherVersion(Exception):
    """The vault has another format version, the error's argument, and must be left alone.

    The argument is UNKNOWN if a newer firmware has added something within this version.
    """


class FlashFault(Exception):
    """The flash did not take what was programmed."""
