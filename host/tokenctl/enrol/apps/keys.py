"""Keys from passwords, and what they open, all by the library `cryptography`.

A file says how costly its key is. What costs more than some seconds is TooCostly, and
so is what needs over half a GiB, unless somebody allowed what is slow: then it is a
GiB, and half a minute. What does not open is a WrongKey.
"""

from typing import Any

from tokenctl.enrol.apps.faults import MissingLibrary, TooCostly, Unreadable
from tokenctl.language import _

ROUNDS_MAX = 5_000_000  # of PBKDF2: about two seconds
_MEMORY_MAX = 512 << 10  # KiB at once
_MEMORY_SLOW = 1 << 20
_WORK_MAX = 3 << 20  # KiB, times the passes over it: about five seconds
_WORK_SLOW = 16 << 20
_LANES_MAX = 16
KEY_SIZE = 32


class WrongKey(Exception):
    """The key is the wrong one, or the ciphertext was changed."""


def _hazmat() -> Any:
    try:
        from cryptography.hazmat.primitives import hashes
    except ImportError:
        raise MissingLibrary(_("the package cryptography")) from None
    return hashes


def pbkdf2(hash_name: str, password: bytes, salt: bytes, rounds: int) -> bytes:
    """Return a key of 32 bytes by PBKDF2 (RFC 8018) with SHA1, SHA256 or SHA512."""
    hashes = _hazmat()
    from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC

    check_rounds(rounds)
    return PBKDF2HMAC(getattr(hashes, hash_name)(), KEY_SIZE, salt, rounds).derive(password)


def check_rounds(rounds: Any) -> None:
    """Refuse a number of PBKDF2 rounds that is invalid, or would take for ever."""
    if not isinstance(rounds, int) or isinstance(rounds, bool) or rounds < 1:
        raise Unreadable(_("its key derivation is not valid"))
    if rounds > ROUNDS_MAX:
        raise TooCostly(
            _("it asks for {rounds:,} rounds of key derivation; the limit is {limit:,}").format(
                limit=ROUNDS_MAX, rounds=rounds
            )
        )


def scrypt(password: bytes, salt: bytes, n: int, r: int, p: int, slow: bool) -> bytes:
    """Return a key of 32 bytes by scrypt (RFC 7914)."""
    _hazmat()
    from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

    if n < 2 or n & (n - 1) or r < 1 or p < 1:
        raise Unreadable(_("its key derivation is not valid"))
    _check_memory(n * r // 8 + 1, 2 * p, slow)
    derivation = Scrypt(salt=salt, length=KEY_SIZE, n=n, r=r, p=p)
    return _derived(derivation, password)


def argon2id(
    password: bytes, salt: bytes, passes: int, lanes: int, kibibytes: int, slow: bool
) -> bytes:
    """Return a key of 32 bytes by Argon2id (RFC 9106)."""
    _hazmat()
    try:
        from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
    except ImportError:
        raise MissingLibrary(_("the package cryptography, version 44 or later,")) from None

    if passes < 1 or not 1 <= lanes <= _LANES_MAX or kibibytes < 8 * lanes or len(salt) < 8:
        raise Unreadable(_("its key derivation is not valid"))
    _check_memory(kibibytes, passes, slow)
    derivation = Argon2id(
        salt=salt, length=KEY_SIZE, iterations=passes, lanes=lanes, memory_cost=kibibytes
    )
    return _derived(derivation, password)


def _derived(derivation: Any, password: bytes) -> bytes:
    try:
        return derivation.derive(password)
    except MemoryError:
        raise TooCostly(_("this computer does not have enough memory for its key")) from None


def _check_memory(kibibytes: int, passes: int, slow: bool) -> None:
    work = kibibytes * passes
    if kibibytes > _MEMORY_SLOW or work > _WORK_SLOW:
        raise TooCostly(
            _(
                "its key needs {megabytes:,} MiB of memory and {passes:,} passes: far "
                "more than the app uses"
            ).format(megabytes=kibibytes >> 10, passes=passes)
        )
    if not slow and (kibibytes > _MEMORY_MAX or work > _WORK_MAX):
        raise TooCostly(
            _(
                "its key needs {megabytes:,} MiB of memory and several seconds; "
                "--allow-slow allows that"
            ).format(megabytes=kibibytes >> 10)
        )


def open_gcm(key: bytes, nonce: bytes, sealed: bytes, also: bytes | None = None) -> bytes:
    """Return what AES-GCM sealed: ciphertext and tag; `also` is authenticated besides."""
    _hazmat()
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    if len(key) not in (16, 24, 32) or not 8 <= len(nonce) <= 128 or len(sealed) < 16:
        raise Unreadable(_("it is damaged or cut short"))
    try:
        return AESGCM(key).decrypt(nonce, sealed, also)
    except InvalidTag:
        raise WrongKey from None


def seal_gcm(key: bytes, nonce: bytes, content: bytes) -> bytes:
    """Return what open_gcm() opens again: ciphertext and tag of AES-GCM."""
    _hazmat()
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    return AESGCM(key).encrypt(nonce, content, None)


def open_cbc(key: bytes, iv: bytes, sealed: bytes) -> bytes:
    """Return what AES-CBC encrypted, without its padding (PKCS #7)."""
    _hazmat()
    from cryptography.hazmat.primitives import padding
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    if len(iv) != 16 or not sealed or len(sealed) % 16:
        raise Unreadable(_("it is damaged or cut short"))
    opened = Cipher(algorithms.AES(key), modes.CBC(iv)).decryptor()
    unpadder = padding.PKCS7(128).unpadder()
    try:
        return unpadder.update(opened.update(sealed) + opened.finalize()) + unpadder.finalize()
    except ValueError:
        raise WrongKey from None


def expanded(key: bytes, purpose: bytes) -> bytes:
    """Return a key of 32 bytes for one purpose, by HKDF's second half (RFC 5869, SHA-256)."""
    hashes = _hazmat()
    from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

    return HKDFExpand(hashes.SHA256(), KEY_SIZE, purpose).derive(key)
