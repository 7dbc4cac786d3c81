"""A computer between two tokens that clone: it may pass on what it likes, and must gain nothing.

Its own half of the exchange is written from docs/protocol.md, with other people's cryptography.
"""

import hashlib
import hmac
import struct
from base64 import b64decode, b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from e2e.small_text import shows
from e2e.two_tokens import Side, two_tokens
from support import backups

from otpcore import errors
from otpcore.account import Account
from tokenctl.device.clones import Offer
from tokenctl.device.token import Token

ACCOUNTS = [Account(f"Site {number}", "alice", bytes([number]) * 20) for number in range(4)]
SMALL_ORDER = [bytes(32), b"\x01" + bytes(31), ((1 << 255) - 20).to_bytes(32, "little")]


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


def test_both_show_the_code_of_what_they_have_agreed_on(both):
    one, giver, other, taker = both
    offer = giver.clones.offer(taker.identity.serial)
    taken, public = taker.clones.accept(offer, giver.identity.serial)
    revealed = giver.clones.meet(offer.exchange_id, public)
    taker.clones.meet(taken, revealed)
    assert offer.commitment == text(
        hashlib.sha256(b"otptoken clone commitment" + b64decode(revealed)).digest()
    )
    giver.clones.compare(offer.exchange_id)
    taker.clones.compare(taken)
    right = code(
        digest(b64decode(revealed), giver.identity.serial, b64decode(public), taker.identity.serial)
    )
    assert shows(one.screens[-1], right) and shows(other.screens[-1], right)


def test_who_stands_between_has_two_codes(both):
    one, giver, other, taker = both
    to_giver, to_taker = Middle(), Middle()
    offer = giver.clones.offer(taker.identity.serial)
    forged = Offer("", 4, to_taker.commitment)
    taken, taker_public = taker.clones.accept(forged, giver.identity.serial)
    giver_public = b64decode(giver.clones.meet(offer.exchange_id, text(to_giver.public)))
    taker.clones.meet(taken, text(to_taker.public))
    one.refuse = other.refuse = ("press",)
    for token, exchange_id in ((giver, offer.exchange_id), (taker, taken)):
        with pytest.raises(errors.Refused):
            token.clones.compare(exchange_id)
    serials = giver.identity.serial, taker.identity.serial
    at_giver = code(digest(giver_public, serials[0], to_giver.public, serials[1]))
    at_taker = code(digest(to_taker.public, serials[0], b64decode(taker_public), serials[1]))
    assert shows(one.screens[-1], at_giver) and shows(other.screens[-1], at_taker)
    assert at_giver != at_taker
    for _ in range(2):  # and no second look at it, nor anything behind it
        with pytest.raises(errors.BackupOver):
            giver.clones.compare(offer.exchange_id)
        with pytest.raises(errors.BackupOver):
            giver.clones.give(offer.exchange_id)
    assert one.asked == ["hold", "press"]
    one.refuse = ()
    giver.clones.offer(taker.identity.serial)
    assert one.asked == ["hold", "press", "hold"]  # each try costs a hold


def test_another_serial_number_gives_another_code(both):
    one, giver, other, taker = both
    offer = giver.clones.offer("ABCDEF012345")
    assert shows(one.screens[-1], "ABCDEF012345")
    taken, public = taker.clones.accept(offer, giver.identity.serial)
    taker.clones.meet(taken, giver.clones.meet(offer.exchange_id, public))
    giver.clones.compare(offer.exchange_id)
    taker.clones.compare(taken)
    assert one.screens[-1] != other.screens[-1]


def test_a_key_that_was_not_committed_to_is_refused(both):
    _, giver, _, taker = both
    offer = giver.clones.offer(taker.identity.serial)
    taken, public = taker.clones.accept(offer, giver.identity.serial)
    giver.clones.meet(offer.exchange_id, public)
    with pytest.raises(errors.BadBackup, match="committed"):
        taker.clones.meet(taken, text(Middle().public))
    with pytest.raises(errors.BackupOver):
        taker.clones.compare(taken)


@pytest.mark.parametrize("point", SMALL_ORDER, ids=["0", "1", "p-1"])
def test_a_key_of_small_order_is_refused_by_both(both, point):
    _, giver, _, taker = both
    offer = giver.clones.offer(taker.identity.serial)
    with pytest.raises(errors.BadBackup, match="cannot keep a secret"):
        giver.clones.meet(offer.exchange_id, text(point))
    commitment = text(hashlib.sha256(b"otptoken clone commitment" + point).digest())
    taken, _public = taker.clones.accept(Offer("", 4, commitment), giver.identity.serial)
    with pytest.raises(errors.BadBackup, match="cannot keep a secret"):
        taker.clones.meet(taken, text(point))


def test_its_own_key_is_none_of_another_s(both):
    _, giver, _, taker = both
    mirror = Offer("", 4, Middle().commitment)
    taken, public = taker.clones.accept(mirror, giver.identity.serial)
    with pytest.raises(errors.BadBackup):
        taker.clones.meet(taken, public)


def test_nothing_leaves_and_nothing_comes_before_somebody_has_compared(both):
    _, giver, _, taker = both
    offer = giver.clones.offer(taker.identity.serial)
    for call in (giver.clones.compare, giver.clones.give):  # without any key
        with pytest.raises(errors.BackupOver):
            call(offer.exchange_id)
    given, taken = met(giver, taker)
    with pytest.raises(errors.BackupOver):
        giver.clones.give(given)
    with pytest.raises(errors.BackupOver):
        taker.clones.take(taken, b"OTPB\x01" + bytes(71))
    with pytest.raises(errors.BackupOver):  # that was its one chance
        giver.clones.compare(given)


def test_a_key_is_taken_once(both):
    _, giver, _, taker = both
    offer = giver.clones.offer(taker.identity.serial)
    giver.clones.meet(offer.exchange_id, text(Middle().public))
    with pytest.raises(errors.BackupOver):
        giver.clones.meet(offer.exchange_id, text(Middle().public))


def test_the_roles_are_not_exchanged(both):
    _, giver, _, taker = both
    given, taken = compared(giver, taker)
    with pytest.raises(errors.BackupOver):
        taker.clones.give(taken)
    with pytest.raises(errors.BackupOver):
        giver.clones.take(given, b"OTPB\x01" + bytes(71))


def test_a_token_is_no_other_one(both):
    _, giver, _, _taker = both
    with pytest.raises(errors.BadRequest, match="two tokens"):
        giver.clones.offer(giver.identity.serial)


HEADER = 76


def changed(data: bytes, place: int) -> bytes:
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


def records(data: bytes) -> list[bytes]:
    """Return the records that stand behind the header, and the end."""
    found, at = [], HEADER
    while len(data) - at > 32:
        size = int.from_bytes(data[at : at + 2], "big") + 2
        found.append(data[at : at + size])
        at += size
    return [*found, data[at:]]


def exchanged(data: bytes) -> bytes:
    parts = records(data)
    parts[1], parts[2] = parts[2], parts[1]
    return data[:HEADER] + b"".join(parts)


def without_one(data: bytes) -> bytes:
    parts = records(data)
    return data[:HEADER] + b"".join(parts[:2] + parts[3:])


TAMPERED = {
    "count": lambda data: changed(data, 7),
    "salt": lambda data: changed(data, 40),
    "tag": lambda data: changed(data, 70),
    "a record": lambda data: changed(data, HEADER + 60),
    "the last record": lambda data: changed(data, len(data) - 60),
    "the end": lambda data: changed(data, len(data) - 1),
    "order": exchanged,
    "one left out": without_one,
}
SOME = ("count", "a record", "the end", "order")


@pytest.mark.parametrize(
    "what",
    [each if each in SOME else pytest.param(each, marks=pytest.mark.long) for each in TAMPERED],
)
def test_what_was_changed_on_the_way_counts_for_nothing(both, what):
    _, giver, _, taker = both
    given, taken = compared(giver, taker)
    data = TAMPERED[what](b"".join(giver.clones.give(given).parts))
    assert all(each.secret not in data and each.issuer.encode() not in data for each in ACCOUNTS)
    with pytest.raises((errors.BadBackup, errors.BackupOver)):
        transfer = taker.clones.take(taken, data[:HEADER])
        for number, part in enumerate(records(data)):
            taker.clones.write(transfer, number, part)
        taker.clones.finish(transfer, len(ACCOUNTS))


def test_a_clone_that_is_cut_short_counts_for_nothing(both):
    _, giver, _, taker = both
    given, taken = compared(giver, taker)
    data = b"".join(giver.clones.give(given).parts)
    transfer = taker.clones.take(taken, data[:HEADER])
    for number, part in enumerate(records(data)[:-1]):
        taker.clones.write(transfer, number, part)
    with pytest.raises(errors.BadBackup, match="truncated"):
        taker.clones.finish(transfer, len(ACCOUNTS))


def test_an_older_clone_does_not_fit_a_new_exchange(both):
    _, giver, _, taker = both
    given, _taken = compared(giver, taker)
    older = b"".join(giver.clones.give(given).parts)
    _given, taken = compared(giver, taker)
    with pytest.raises(errors.BadBackup):
        taker.clones.take(taken, older[:HEADER])
    with pytest.raises(errors.BackupOver):
        taker.clones.take(taken, older[:HEADER])


def test_who_has_the_key_finds_what_the_page_says(both):
    """A taker of our own, written from the page, which the person at the giver agrees with."""
    one, giver, _, _taker = both
    me = Middle("FEDCBA987654")
    offer = giver.clones.offer(me.serial)
    revealed = b64decode(giver.clones.meet(offer.exchange_id, text(me.public)))
    giver.clones.compare(offer.exchange_id)
    data = b"".join(giver.clones.give(offer.exchange_id).parts)
    shared = me.private.exchange(X25519PublicKey.from_public_bytes(revealed))
    whole = digest(revealed, giver.identity.serial, me.public, me.serial)
    assert shows(one.screens[-1], code(whole))
    key = hmac.digest(shared, b"otptoken clone key" + whole, "sha256")
    key = backups.mac(key, b"otptoken backup 1" + data[:44])
    found = [
        backups.Account.unpack(backups.unseal(key, index, 4, sealed[2:]))
        for index, sealed in enumerate(records(data)[:-1])
        if index
    ]
    assert [each.secret for each in found if each] == [each.secret for each in ACCOUNTS]


def test_a_giver_of_our_own_is_taken_from(tokens):
    """Last of all: the taker has the account then."""
    _, other = tokens
    other.sim.wait(4)
    me = Middle("FEDCBA987654")
    with other.token() as taker:
        taken, public = taker.clones.accept(Offer("", 1, me.commitment), me.serial)
        assert shows(other.screens[-1], "1 come from") and shows(other.screens[-1], me.serial)
        taker.clones.meet(taken, text(me.public))
        taker.clones.compare(taken)
        whole = digest(me.public, me.serial, b64decode(public), taker.identity.serial)
        assert shows(other.screens[-1], code(whole))
        shared = me.private.exchange(X25519PublicKey.from_public_bytes(b64decode(public)))
        key = hmac.digest(shared, b"otptoken clone key" + whole, "sha256")
        fields = b"OTPB\x01\x00" + struct.pack(">HI", 1, 0) + me.serial.encode().ljust(16, b"\0")
        fields += bytes(range(16))
        key = backups.mac(key, b"otptoken backup 1" + fields)
        data = fields + backups.mac(key, b"header")
        mine = backups.Account("Mine", "bob", b"x" * 20)
        for index, plaintext in enumerate((b"{}", mine.pack())):
            sealed = backups.seal(key, index, 1, plaintext)
            data += struct.pack(">H", len(sealed)) + sealed
        data += backups.mac(key, b"end" + hashlib.sha256(data).digest())
        transfer = taker.clones.take(taken, data[:HEADER])
        taker.clones.write(transfer, 0, data[HEADER:])
        assert taker.accounts() == []
        assert taker.clones.finish(transfer, 1)["added"] == 1
        assert [each.issuer for each in taker.accounts()] == ["Mine"]
