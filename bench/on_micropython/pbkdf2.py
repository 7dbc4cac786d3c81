"""The PIN's key: PBKDF2-HMAC-SHA-256 as the token derives it, and the native hashes in it."""

import asyncio
from hashlib import sha256

from bench.on_micropython import rounds
from tokenfw.vault.keys import kdf

ROUNDS = 20
ITERATIONS = 2400


def derive():
    asyncio.run(kdf.derive(b"123456", bytes(16), ITERATIONS))


def bare():
    block = bytes(96)  # a padded key, and the previous digest
    for _ in range(ITERATIONS):
        sha256(block).digest()
        sha256(block).digest()


rounds.report(rounds.race(ROUNDS, ours=(derive, 1), bare=(bare, 1)))
