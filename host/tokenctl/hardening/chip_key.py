"""The chip's own key, to which a token's PIN is bound: drawn here, burnt, and forgotten.

What remains known of it is in key_answers.py.
"""

import secrets

from tokenctl.errors import HardeningRefused, LinkError
from tokenctl.flashing.loader import Board
from tokenctl.hardening.efuses import Efuses, KeyBlock
from tokenctl.language import _

TEST_KEY = bytes(range(0xE0, 0x100))  # published, for examinations
SIZE = 32  # bytes


def draw() -> bytes:
    """Return a new key."""
    return secrets.token_bytes(SIZE)


def free_block(efuses: Efuses) -> KeyBlock:
    """Return the block that a key can be burnt into; raise HardeningRefused, with a clause."""
    free = [each for each in efuses.key_blocks() if each.is_free]
    if not free:
        raise HardeningRefused(_("none of the six key blocks is free"))
    if not efuses.can_hide():
        raise HardeningRefused(_("read protection can no longer be burnt, as after Secure Boot"))
    return free[0]


def burn(board: Board, block: KeyBlock, key: bytes) -> None:
    """Burn the key into a free block; raise LinkError unless it reads back as hidden."""
    if len(key) != SIZE or not any(key):
        raise ValueError("that is no key")
    back = Efuses(board.esp).burn_key(block.number, key)
    if not back.has_hidden_key or back.is_open or not back.is_empty:
        raise LinkError(
            _(
                "{block} was burnt, but does not read back as a protected key; "
                "nothing was bound to it"
            ).format(block=block.name)
        )
