"""HMAC (RFC 2104) over SHA-1, SHA-256 and SHA-512, keys of any length.

MicroPython has no hmac module, and its hash objects cannot be copied; the
padded key blocks are made by two XORs of whole integers, little-endian so that
the padding comes by itself. There that is faster than any loop over bytes, and
so are few names: a frame of more than eleven words lies on the heap.
"""

import hashlib

try:
    sha512 = hashlib.sha512  # pyright: ignore
except AttributeError:  # no MicroPython has one

    def sha512(data=b""):
        """Return a hash object; its code is loaded when the first account needs it."""
        from otpcore.sha512 import sha512

        return sha512(data)


# name: (hash constructor, block size in bytes)
HASHES = {"SHA1": (hashlib.sha1, 64), "SHA256": (hashlib.sha256, 64), "SHA512": (sha512, 128)}

_INNER = {64: int.from_bytes(b"\x36" * 64, "big"), 128: int.from_bytes(b"\x36" * 128, "big")}
_OUTER = {64: int.from_bytes(b"\x5c" * 64, "big"), 128: int.from_bytes(b"\x5c" * 128, "big")}


def hmac(algorithm, key, message, more=()):
    """Return HMAC of `message` under `key`, both bytes. KeyError for an unknown algorithm.

    `more` is an iterable of further bytes of the message: a long one comes in pieces.
    """
    new, block = HASHES[algorithm]
    if len(key) > block:
        key = new(key).digest()
    key = int.from_bytes(key, "little")
    state = new((key ^ _INNER[block]).to_bytes(block, "little"))
    state.update(message)
    if more:
        _feed(state, more)
    message = state.digest()
    state = new((key ^ _OUTER[block]).to_bytes(block, "little"))
    state.update(message)
    return state.digest()


def _feed(state, pieces):
    for piece in pieces:
        state.update(piece)
