"""The ciphers and key derivations that the apps use, from the cryptography package."""

from functools import cache

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC
from cryptography.hazmat.primitives.padding import PKCS7

HASHES = {
    "SHA1": hashes.SHA1(),  # noqa: S303  as the apps do
    "SHA256": hashes.SHA256(),
    "SHA512": hashes.SHA512(),
}


@cache
def pbkdf2(password: str, salt: bytes, iterations: int, hash: str, length: int = 32) -> bytes:
    """Return a key of `length` bytes; the password counts in UTF-8."""
    return PBKDF2HMAC(HASHES[hash], length, salt, iterations).derive(password.encode())


@cache
def argon2id(password: str, salt: bytes, *, passes: int, mebibytes: int, lanes: int) -> bytes:
    """Return a key of 32 bytes."""
    derivation = Argon2id(
        salt=salt, length=32, iterations=passes, lanes=lanes, memory_cost=mebibytes * 1024
    )
    return derivation.derive(password.encode())


def gcm(key: bytes, nonce: bytes, data: bytes, associated: bytes | None = None) -> bytes:
    """Return the ciphertext of AES-GCM with its tag of 16 bytes behind."""
    return AESGCM(key).encrypt(nonce, data, associated)


def cbc(key: bytes, vector: bytes, data: bytes) -> bytes:
    """Return the ciphertext of AES-CBC with PKCS #7 padding."""
    padder = PKCS7(128).padder()
    encryptor = Cipher(algorithms.AES(key), modes.CBC(vector)).encryptor()
    return encryptor.update(padder.update(data) + padder.finalize()) + encryptor.finalize()
