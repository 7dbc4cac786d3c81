"""Reads and writes backup files: a second implementation, from docs/backup-format.md alone.

It shares no code with the firmware. The cryptography is pyca/cryptography's.
"""

import hashlib
import json
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes, padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.hmac import HMAC

TYPES = ("totp", "hotp", "steam", "static")
ALGORITHMS = ("SHA1", "SHA256", "SHA512")
# Damm's quasigroup of order 10, from his dissertation.
DAMM = [
    [0, 3, 1, 7, 5, 9, 8, 6, 4, 2],
    [7, 0, 9, 2, 1, 5, 4, 8, 6, 3],
    [4, 2, 0, 6, 8, 7, 1, 3, 5, 9],
    [1, 7, 5, 0, 9, 8, 3, 4, 2, 6],
    [6, 1, 2, 3, 0, 4, 5, 9, 7, 8],
    [3, 6, 7, 4, 2, 0, 9, 5, 8, 1],
    [5, 8, 6, 9, 7, 2, 0, 1, 3, 4],
    [8, 9, 4, 5, 3, 6, 2, 0, 1, 7],
    [9, 4, 3, 8, 6, 1, 7, 2, 0, 5],
    [2, 5, 8, 1, 4, 3, 6, 7, 9, 0],
]


class Refused(Exception):
    """The file is not a backup, or not one under this code; the message says why."""


@dataclass
class Account:
    """An account, with the fields of docs/backup-format.md."""

    issuer: str
    name: str
    secret: bytes
    type: str = "totp"
    algorithm: str = "SHA1"
    digits: int = 6
    period: int = 30
    t0: int = 0
    counter: int = 0

    def pack(self) -> bytes:
        issuer, name = self.issuer.encode(), self.name.encode()
        kind, algorithm = TYPES.index(self.type), ALGORITHMS.index(self.algorithm)
        head = struct.pack(">BBBB", 1, kind, algorithm, self.digits)
        head += struct.pack(">IQQ", self.period, self.t0, self.counter)
        return (
            head + bytes([len(issuer), len(name), len(self.secret)]) + issuer + name + self.secret
        )

    @staticmethod
    def unpack(data: bytes) -> "Account | None":
        if not data:
            return None
        version, kind, algorithm, digits = struct.unpack(">BBBB", data[:4])
        assert version == 1
        period, t0, counter = struct.unpack(">IQQ", data[4:24])
        issuer, name, secret = data[24], data[25], data[26]
        texts = data[27:]
        assert len(texts) == issuer + name + secret
        return Account(
            texts[:issuer].decode(),
            texts[issuer : issuer + name].decode(),
            texts[issuer + name :],
            TYPES[kind],
            ALGORITHMS[algorithm],
            digits,
            period,
            t0,
            counter,
        )


@dataclass
class Backup:
    """The contents of a backup; `accounts` has None for one that could not be read."""

    accounts: Sequence[Account | None]
    serial: str = "0123456789AB"
    created: int = 1_790_000_000
    salt: bytes = bytes(range(16))
    settings: dict[str, Any] = field(default_factory=dict)


def code_of(digits: str) -> str:
    """Return the recovery code with these 40 random digits, in groups separated by spaces."""
    groups = [digits[at : at + 4] for at in range(0, 40, 4)]
    return " ".join(group + check_digit(at, group) for at, group in enumerate(groups))


def check_digit(number: int, digits: str) -> str:
    """Return the check digit of the group with this number."""
    state = number
    for digit in digits:
        state = DAMM[state][int(digit)]
    return str(state)


def write(backup: Backup, code: str) -> bytes:
    """Return the bytes of a backup's file under a code."""
    count = len(backup.accounts)
    fields = b"OTPB\x01\x00" + struct.pack(">HI", count, backup.created)
    fields += backup.serial.encode().ljust(16, b"\0") + backup.salt
    key = file_key(fields, code)
    plaintexts = [json.dumps(backup.settings, separators=(",", ":")).encode()]
    plaintexts += [b"" if each is None else each.pack() for each in backup.accounts]
    data = fields + mac(key, b"header")
    for index, plaintext in enumerate(plaintexts):
        sealed = seal(key, index, count, plaintext)
        data += struct.pack(">H", len(sealed)) + sealed
    return data + mac(key, b"end" + hashlib.sha256(data).digest())


def read(data: bytes, code: str) -> Backup:
    """Return the contents of a file; raise Refused."""
    if data[:6] != b"OTPB\x01\x00":
        raise Refused("form")
    count, created = struct.unpack(">HI", data[6:12])
    key = file_key(data[:44], code)
    if mac(key, b"header") != data[44:76]:
        raise Refused("code")
    at, plaintexts = 76, []
    for index in range(count + 1):
        size = int.from_bytes(data[at : at + 2], "big")
        plaintexts.append(unseal(key, index, count, data[at + 2 : at + 2 + size]))
        at += 2 + size
    if data[at:] != mac(key, b"end" + hashlib.sha256(data[:at]).digest()):
        raise Refused("end")
    serial = data[12:28].rstrip(b"\0").decode()
    accounts = [Account.unpack(each) for each in plaintexts[1:]]
    return Backup(accounts, serial, created, data[28:44], json.loads(plaintexts[0]))


def file_key(fields: bytes, code: str) -> bytes:
    """Return the key of the file with these first 44 bytes."""
    digits = code.replace(" ", "").encode()
    return mac(mac(b"otptoken recovery code 1", digits), b"otptoken backup 1" + fields)


def seal(key: bytes, index: int, count: int, plaintext: bytes) -> bytes:
    """Return a sealed record, without its size."""
    context = b"otptoken backup record" + struct.pack(">HH", index, count)
    iv = mac(mac(key, b"iv"), context + plaintext)[:16]
    padder = padding.PKCS7(128).padder()
    padded = padder.update(plaintext) + padder.finalize()
    cipher = Cipher(algorithms.AES(mac(key, b"encryption")), modes.CBC(iv)).encryptor()
    text = iv + cipher.update(padded) + cipher.finalize()
    return text + mac(mac(key, b"authentication"), context + text)


def unseal(key: bytes, index: int, count: int, sealed: bytes) -> bytes:
    """Return the plaintext of a sealed record; raise Refused."""
    context = b"otptoken backup record" + struct.pack(">HH", index, count)
    text, tag = sealed[:-32], sealed[-32:]
    if mac(mac(key, b"authentication"), context + text) != tag:
        raise Refused(f"record {index}")
    cipher = Cipher(algorithms.AES(mac(key, b"encryption")), modes.CBC(text[:16])).decryptor()
    padded = cipher.update(text[16:]) + cipher.finalize()
    unpadder = padding.PKCS7(128).unpadder()
    plaintext = unpadder.update(padded) + unpadder.finalize()
    if mac(mac(key, b"iv"), context + plaintext)[:16] != text[:16]:
        raise Refused("IV")
    return plaintext


def mac(key: bytes, message: bytes) -> bytes:
    """Return HMAC-SHA-256."""
    made = HMAC(key, hashes.SHA256())
    made.update(message)
    return made.finalize()
