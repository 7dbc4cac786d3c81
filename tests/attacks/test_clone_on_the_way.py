"""A clone's accounts on their way: changed, cut short or of another exchange, they are not taken.

Who has the key, as a giver or a taker of our own has, reads and writes them by docs/protocol.md.
"""

import hashlib
import hmac
import struct
from base64 import b64decode

import pytest
from attacks.clone_middle import ACCOUNTS, Middle, code, compared, digest, text
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from e2e.small_text import shows
from support import backups

from otpcore import errors
from tokenctl.device.clones import Offer

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
