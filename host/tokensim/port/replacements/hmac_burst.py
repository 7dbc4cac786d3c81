"""Replaces drivers/hmac_burst.py: machine code cannot access the registers of a simulated chip.

They are in another process, and a burst is one request to it: see tokensim.chips. Tests run the
machine code itself in an instruction emulator, and compare it register by register.
"""

from machine import mem32


def burst(at, block, key, count, patience):
    """See drivers/hmac_burst.py."""
    return count - mem32(at, block, key, count, patience)
