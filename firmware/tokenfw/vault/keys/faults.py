"""What may be wrong with the keys of a vault, besides the PIN."""


class ChipKeySilent(Exception):
    """The vault is bound to a chip's key, which does not answer as it should: see binding."""
