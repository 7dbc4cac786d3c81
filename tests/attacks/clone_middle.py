"""Whoever stands between two tokens that clone, and two tokens to stand between.

Its own half of the exchange is written from docs/protocol.md, with other people's cryptography.
"""

import hashlib
import hmac
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from e2e.two_tokens import Side, two_tokens

from otpcore.account import Account
from tokenctl.device.token import Token

ACCOUNTS = [Account(f"Site {number}", "alice", bytes([number]) * 20) for number in range(4)]


@dataclass
class Middle:
    """Whoever stands between; with a key of its own for each side."""

    serial: str = ""
    private: X25519PrivateKey = field(default_factory=X25519PrivateKey.generate)

    @property
    def public(self) -> bytes:
        return self.private.public_key().public_bytes_raw()

    @property
    def commitment(self) -> str:
        return text(hashlib.sha256(b"otptoken clone commitment" + self.public).digest())


def text(data: bytes) -> str:
    return b64encode(data).decode()


def digest(giver: bytes, giver_serial: str, taker: bytes, taker_serial: str) -> bytes:
    whole = b"otptoken clone 1"
    for key, serial in ((giver, giver_serial), (taker, taker_serial)):
        whole += key + bytes([len(serial)]) + serial.encode()
    return hashlib.sha256(whole).digest()


def code(whole: bytes) -> str:
    number = hmac.digest(whole, b"code", "sha256")
    halves = (int.from_bytes(each, "big") % 10_000 for each in (number[:16], number[16:]))
    return " ".join(f"{each:04}" for each in halves)


@pytest.fixture(scope="module")
def tokens() -> Iterator[tuple[Side, Side]]:
    with two_tokens() as (one, other):
        one.put(*ACCOUNTS)
        yield one, other


@pytest.fixture
def both(tokens: tuple[Side, Side]) -> Iterator[tuple[Side, Token, Side, Token]]:
    """The giver and the taker, at rest; whatever is done to them, the taker stays empty."""
    one, other = tokens
    for side in tokens:
        side.asked.clear()
        side.screens.clear()
        side.refuse = ()
        side.sim.wait(4)
    with one.token() as giver, other.token() as taker:
        yield one, giver, other, taker
        assert taker.accounts() == []


def met(giver: Token, taker: Token) -> tuple[str, str]:
    """Do what an honest computer does, up to the code; return the exchange's ids."""
    offer = giver.clones.offer(taker.identity.serial)
    taken, public = taker.clones.accept(offer, giver.identity.serial)
    taker.clones.meet(taken, giver.clones.meet(offer.exchange_id, public))
    return offer.exchange_id, taken


def compared(giver: Token, taker: Token) -> tuple[str, str]:
    given, taken = met(giver, taker)
    giver.clones.compare(given)
    taker.clones.compare(taken)
    return given, taken
