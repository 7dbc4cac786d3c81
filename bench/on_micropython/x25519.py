"""One product of X25519, against rounds of PBKDF2, whose speed on a chip is known."""

import asyncio

from bench.on_micropython import rounds
from otpcore import x25519
from tokenfw.vault.keys import kdf

ROUNDS = 12
ITERATIONS = 2400
SCALAR = bytes(range(1, 33))


def product():
    for _ in x25519.multiply(SCALAR, x25519.BASE):
        pass


def derive():
    asyncio.run(kdf.derive(b"123456", bytes(16), ITERATIONS))


rounds.report(rounds.race(ROUNDS, product=(product, 1), round=(derive, 1)))
