"""A computer between two tokens that clone: it may pass on what it likes, and must gain nothing.

Here what the two agree on, and the code that people compare; test_clone_on_the_way.py has the
accounts.
"""

import hashlib
from base64 import b64decode

import pytest
from attacks.clone_middle import Middle, code, compared, digest, met, text
from e2e.small_text import shows

from otpcore import errors
from tokenctl.device.clones import Offer

SMALL_ORDER = [bytes(32), b"\x01" + bytes(31), ((1 << 255) - 20).to_bytes(32, "little")]


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
