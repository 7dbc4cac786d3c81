"""Sealing: AES-256-CBC, then HMAC-SHA-256 over everything and over where it lies.

Encrypt-then-MAC with keys of their own, all expanded from one. The IV is an HMAC
of context and plaintext, so that a generator that is stuck repeats none. The
context binds a sealed text to its place: moved elsewhere, it does not open.
"""

from cryptolib import aes
from micropython import const

from otpcore.mac import hmac

KEY = 32  # bytes
_IV = const(16)
_TAG = const(32)
_BLOCK = const(16)
_CBC, _ECB = 2, 1


class BadSeal(ValueError):
    """The sealed text was changed or moved, or the key is another."""


def sealed_size(size):
    """Return how many bytes `size` bytes have when they are sealed: a multiple of 16."""
    return _IV + (size // _BLOCK + 1) * _BLOCK + _TAG


class Seal:
    """Seals and opens under one key (32 bytes)."""

    def __init__(self, key):
        self._encryption = hmac("SHA256", key, b"encryption")
        self._authentication = hmac("SHA256", key, b"authentication")
        self._iv = hmac("SHA256", key, b"iv")
        self._names = hmac("SHA256", key, b"names")
        self._set = aes(hmac("SHA256", key, b"set"), _ECB)

    def seal(self, context, plaintext):
        """Return IV, ciphertext and tag for `plaintext`; `context` is bytes."""
        pad = _BLOCK - len(plaintext) % _BLOCK
        iv = hmac("SHA256", self._iv, context + plaintext)[:_IV]
        ciphertext = aes(self._encryption, _CBC, iv).encrypt(plaintext + bytes([pad]) * pad)
        return iv + ciphertext + hmac("SHA256", self._authentication, context + iv + ciphertext)

    def open(self, context, sealed):
        """Return the plaintext; raise BadSeal."""
        body, tag = sealed[:-_TAG], sealed[-_TAG:]
        right = hmac("SHA256", self._authentication, context + body)
        if len(body) < _IV + _BLOCK or len(body) % _BLOCK or not same(right, tag):
            raise BadSeal("the seal is broken")
        plaintext = aes(self._encryption, _CBC, body[:_IV]).decrypt(body[_IV:])
        return plaintext[: -plaintext[-1]]

    def mark(self, name):
        """Return 16 bits of `name` (bytes) that say nothing without the key."""
        return int.from_bytes(hmac("SHA256", self._names, name)[:2], "big")

    def element(self, block):
        """Return a pseudo-random block for `block` (16 bytes): see fingerprint.py."""
        return self._set.encrypt(block)


def same(one, other):
    """Tell whether two byte strings are equal, in a time that does not say where they differ."""
    if len(one) != len(other):
        return False
    different = 0
    for x, y in zip(one, other):  # noqa: B905 (MicroPython's has no strict)
        different |= x ^ y
    return different == 0
