"""The examination of a chip given up to the published test key: its questions.

The token compares what it reads with what is computed here, and says yes or no: no content of a
register leaves it. The states are those of SHA-256 (FIPS 180-4, section 6.2.2) between the
blocks of an HMAC; under another key whoever reads one of the first two has as good as the key.
"""

import hashlib
import hmac
from typing import NamedTuple

from tokenctl.hardening.chip_key import TEST_KEY

MESSAGES = (b"otptoken: examined, one", b"otptoken: examined, two")
_BLOCK = 64
_WORD = 0xFFFFFFFF


class Questions(NamedTuple):
    """Two padded messages, their HMACs under the test key, and states in between."""

    blocks: bytes
    results: bytes
    states: bytes


def questions() -> Questions:
    """Return the values that the token is asked to compare."""
    blocks = [_padded(each) for each in MESSAGES]
    results = [hmac.digest(TEST_KEY, each, "sha256") for each in MESSAGES]
    states = [state for each in MESSAGES for state in _secret_states(each)]
    return Questions(b"".join(blocks), b"".join(results), b"".join(dict.fromkeys(states)))


def _secret_states(message: bytes) -> list[bytes]:
    """Return the states after the inner and the outer key, and the inner hash."""
    key = TEST_KEY + bytes(_BLOCK - len(TEST_KEY))
    inner = bytes(each ^ 0x36 for each in key)
    outer = bytes(each ^ 0x5C for each in key)
    begun = [compressed(_INITIAL, each) for each in (inner, outer)]
    return [*map(_bytes, begun), hashlib.sha256(inner + message).digest()]


def _padded(message: bytes) -> bytes:
    """Return the block that the peripheral takes: the length counts the key's block, too."""
    bits = 8 * (_BLOCK + len(message))
    return (message + b"\x80").ljust(_BLOCK - 8, b"\0") + bits.to_bytes(8, "big")


# SHA-256's compression, which no library gives by itself.


def compressed(state: tuple[int, ...], block: bytes) -> tuple[int, ...]:
    """Return the state (eight words) after one more block of 64 bytes."""
    words = [int.from_bytes(block[at : at + 4], "big") for at in range(0, _BLOCK, 4)]
    for at in range(16, 64):
        a, b = words[at - 15], words[at - 2]
        s0 = _turned(a, 7) ^ _turned(a, 18) ^ a >> 3
        s1 = _turned(b, 17) ^ _turned(b, 19) ^ b >> 10
        words.append(words[at - 16] + s0 + words[at - 7] + s1 & _WORD)
    a, b, c, d, e, f, g, h = state
    for constant, word in zip(_CONSTANTS, words, strict=True):
        s1 = _turned(e, 6) ^ _turned(e, 11) ^ _turned(e, 25)
        one = h + s1 + (e & f ^ ~e & g) + constant + word
        s0 = _turned(a, 2) ^ _turned(a, 13) ^ _turned(a, 22)
        two = s0 + (a & b ^ a & c ^ b & c)
        a, b, c, d, e, f, g, h = one + two & _WORD, a, b, c, d + one & _WORD, e, f, g
    return tuple(
        before + after & _WORD
        for before, after in zip(state, (a, b, c, d, e, f, g, h), strict=True)
    )


def _turned(word: int, count: int) -> int:
    return (word >> count | word << 32 - count) & _WORD


def _bytes(state: tuple[int, ...]) -> bytes:
    return b"".join(each.to_bytes(4, "big") for each in state)


def _primes(count: int) -> list[int]:
    found: list[int] = []
    number = 2
    while len(found) < count:
        if all(number % each for each in found):
            found.append(number)
        number += 1
    return found


def _fraction_of_root(prime: int, power: int) -> int:
    """Return the first 32 bits of the fraction of a prime's root (2: square, 3: cube)."""
    wanted = prime << 32 * power
    low, high = 0, 1 << 40
    while low + 1 < high:
        middle = (low + high) // 2
        low, high = (middle, high) if middle**power <= wanted else (low, middle)
    return low & _WORD


_INITIAL = tuple(_fraction_of_root(each, 2) for each in _primes(8))
_CONSTANTS = tuple(_fraction_of_root(each, 3) for each in _primes(64))
