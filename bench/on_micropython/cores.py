"""SHA-512 of one block: the viper core and the portable one."""

from bench.on_micropython import rounds
from otpcore import sha512

ROUNDS = 20


def core(compress):
    """Return a function that compresses a block."""
    state, block = bytearray(64), bytearray(128)
    return lambda: compress(state, block, sha512.CONSTANTS)


rounds.report(
    rounds.race(
        ROUNDS,
        viper=(core(sha512.compress_viper), 400),
        portable=(core(sha512.compress_portable), 20),
    )
    if sha512.compress_viper
    else None
)
