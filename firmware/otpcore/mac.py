"""HMAC (RFC 2104) over SHA-1, SHA-256 and SHA-512, keys of any length.

MicroPython has no hmac module, and its hash objects cannot be copied; the
padded key blocks are made by two XORs of whole integers, which is several
times faster there than a loop over bytes.
"""

import hashlib

try:
    sha512 = hashlib.sha512  # pyright: ignore
except AttributeError:  # no MicroPython has one
    from otpcore.sha512 import sha512

# name: (hash constructor, block size in bytes)
HASHES = {"SHA1": (hashlib.sha1, 64), "SHA256": (hashlib.sha256, 64), "SHA512": (sha512, 128)}

_INNER = {64: int.from_bytes(b"\x36" * 64, "big"), 128: int.from_bytes(b"\x36" * 128, "big")}
_OUTER = {64: int.from_bytes(b"\x5c" * 64, "big"), 128: int.from_bytes(b"\x5c" * 128, "big")}


def hmac(algorithm, key, message):
    """Return HMAC of `message` under `key`, both bytes. KeyError for an unknown algorithm."""
    new, block = HASHES[algorithm]
    if len(key) > block:
        key = new(key).digest()
    number = int.from_bytes(key + bytes(block - len(key)), "big")
    inner = new((number ^ _INNER[block]).to_bytes(block, "big"))
    inner.update(message)
    outer = new((number ^ _OUTER[block]).to_bytes(block, "big"))
    outer.update(inner.digest())
    return outer.digest()
