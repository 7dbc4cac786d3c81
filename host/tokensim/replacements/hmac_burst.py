"""Stands for drivers/hmac_burst.py: machine code cannot reach the registers of a simulated chip.

Those are in another process, and a burst is one request to it: see tokensim.chips. That the
machine code does the same there, register by register, is tested in an instruction emulator.
"""

from machine import mem32


def burst(at, block, key, count, patience):
    """See drivers/hmac_burst.py."""
    return count - mem32(at, block, key, count, patience)
