"""The app-independent account that every writer starts from, and a dozen representative ones."""

import base64
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any
from uuid import UUID


@dataclass(frozen=True)
class Account:
    """An account that a user enrolled in an app.

    `type` is "totp", "hotp" or "steam", `algorithm` "SHA1", "SHA256" or "SHA512", `period`
    in seconds. `counter` is the next one: no code has been made with it yet.
    """

    issuer: str
    account: str
    secret: bytes
    type: str = "totp"
    algorithm: str = "SHA1"
    digits: int = 6
    period: int = 30
    counter: int = 0
    favourite: bool = False

    @property
    def base32(self) -> str:
        """The secret as most apps write it: upper case, no padding."""
        return base64.b32encode(self.secret).decode().rstrip("=")

    @property
    def padded(self) -> str:
        return base64.b32encode(self.secret).decode()

    @property
    def base64(self) -> str:
        return base64.b64encode(self.secret).decode()

    @property
    def hex(self) -> str:
        return self.secret.hex()

    @property
    def signed_bytes(self) -> list[int]:
        """The secret as Java's byte[] in JSON: -128 to 127."""
        return [byte - 256 if byte > 127 else byte for byte in self.secret]

    @property
    def usual(self) -> bool:
        """Whether it is a time-based account of SHA-1, six digits and 30 seconds."""
        return (self.type, self.algorithm, self.digits, self.period) == ("totp", "SHA1", 6, 30)


class Broken(Account):
    """An account whose secret no decoder accepts, in whatever form it is written."""

    @property
    def base32(self) -> str:
        return "JBSWY3DPEHPK3PX!"

    @property
    def padded(self) -> str:
        return self.base32

    @property
    def base64(self) -> str:
        return "dGhpcw!"

    @property
    def hex(self) -> str:
        return "5z"


def broken(account: Account) -> Broken:
    """Return the same account with an invalid secret."""
    return Broken(account.issuer, account.account, b"", account.type, digits=account.digits)


def secret(length: int, seed: int) -> bytes:
    """Return `length` bytes; a zero, a byte over 127 and 0xFF are among the first ten."""
    made = bytearray(Random(seed).randbytes(length))
    made[2], made[5], made[7] = 0, 0xC3, 0xFF
    return bytes(made)


ACCOUNTS = (
    Account("Microsoft", "alice@contoso.example", secret(10, 1), favourite=True),
    Account("GitHub", "alice", secret(20, 2)),
    Account("Sparbank", "4711-0815", secret(32, 3), algorithm="SHA256", digits=8, period=60),
    Account("Door", "badge 17", secret(20, 4), type="hotp", counter=5),
    Account("Steam", "gamer_1", secret(20, 5), type="steam", digits=5),
    Account("ACME:8080", "bob", secret(20, 6)),
    Account("Bäckerei Größ", "jürgen@例え.example", secret(20, 7), favourite=True),
    Account("", "nobody@example.org", secret(20, 8)),
    Account("Seven", "of-nine", secret(16, 9), digits=7, period=20),
    Account("Vault", "root", secret(20, 10), algorithm="SHA512"),
    Account('R&D #1 +50% "x"', "o'neil+lk=1@example.test", secret(20, 11)),
    Account("Counter", "big", secret(32, 12), type="hotp", algorithm="SHA256", counter=10300),
    Account("Eight", "eight@example.com", secret(64, 13), algorithm="SHA512", digits=8),
)


def many(count: int) -> Iterator[Account]:
    """Yield `count` different ordinary accounts."""
    for number in range(count):
        yield Account(f"Site {number:03}", f"user{number}", secret(20, 1000 + number))


def renamed(account: Account, **fields: Any) -> Account:
    return replace(account, **fields)


def uuids(seed: int, accounts: Sequence[Account]) -> list[str]:
    """Return one random UUID for each account."""
    random = Random(seed)
    return [str(UUID(bytes=random.randbytes(16), version=4)) for _ in accounts]
