# heap: 3M
"""What is still in the flash after a PIN was set or changed, a wipe, a removal: not the old.

The searcher has the whole flash, an image taken before, the old PIN and the old keys,
and may look at every place. Runs on MicroPython.
"""

import unittest

from chipkeys import chip
from norflash import NorFlash, PowerCut, cut_in
from scenarios import OTHER, PIN, image, several
from vaults import clock, closed, content, own, power_up, records, request, run, totp

from tokenfw.system import on_demand
from tokenfw.vault.contents.record_types import ACCOUNT, CHECK, SETTINGS
from tokenfw.vault.keys import kdf
from tokenfw.vault.keys.keyslots import KeySlots
from tokenfw.vault.keys.sealing import KEY, BadSeal, Seal, sealed_size

SECTORS = 8
PIECE = 16  # no piece of so many bytes of what was sealed before may be left


def keys_of(memory, pin):
    """Return (wrapped key, PIN's key, vault key) of a flash that `pin` opens."""
    slots = KeySlots(NorFlash(SECTORS, memory))
    slots.open()
    slot = slots.slot
    pin_key = key_of(slot, pin)
    return slot.wrapped, pin_key, slot.unwrap(pin_key)


def key_of(slot, pin):
    """Return the key that a slot's vault key is wrapped under; the searcher has the chip, too."""
    key = run(kdf.derive(pin.encode(), slot.salt, slot.iterations))
    if slot.chip:
        key = run(on_demand.once("tokenfw.vault.keys.binding").Bound(own, slot.chip).finish(key))
    return key


def opens(memory, pin):
    """Tell whether `pin` opens a flash."""
    try:
        return keys_of(memory, pin) is not None
    except BadSeal:
        return False


def old_texts(memory, kind=None):
    """Return all pieces of what is sealed in an image; of records of one kind, if it is given."""
    pieces = set()
    for record in records(NorFlash(SECTORS, memory)):
        if record.kind == (kind or record.kind) != SETTINGS:  # these are not
            for start in range(record.address + 16, record.address + record.length, PIECE):
                pieces.add(bytes(memory[start : start + PIECE]))
    return pieces


class Old:
    """What a searcher has: the keys and the pieces of an image `before`, which `pin` opens."""

    def __init__(self, before, pin):
        self.pin = pin
        self.wrapped, pin_key, self.vault_key = keys_of(before, pin)
        self.pieces = old_texts(before)
        for secret in (self.wrapped, pin_key, self.vault_key):
            for start in range(0, len(secret) - PIECE + 1, PIECE):
                self.pieces.add(secret[start : start + PIECE])
        self.seals = [Seal(pin_key), Seal(self.vault_key)]
        self.tried = set()  # texts that these do not open


def cuts(before, pin, new, torn=False):
    """Yield the image after each cut of a change of the PIN, then that of the whole change."""
    flash = NorFlash(SECTORS, before)
    vault = power_up(flash, pin)
    begun = bytes(flash.memory)
    flash.journal = []
    run(vault.set_pin(new))
    for operation in range(1, len(flash.journal) + 1):
        yield cut_in(NorFlash(SECTORS, begun), flash.journal, operation, torn)
    yield bytes(flash.memory)


class ErasureTest(unittest.TestCase):
    def gone(self, memory, old):
        """Check that nothing of an Old image is left in `memory`."""
        memory = bytes(memory)
        for piece in old.pieces:
            self.assertEqual(memory.find(piece), -1)
        self.opens_nothing(memory, old)
        self.unwraps_nothing(memory, old)

    def opens_nothing(self, memory, old):
        """Check that no old key opens anything that may be a wrapped or a kept key."""
        size = sealed_size(KEY)
        for sector in (0, 1):
            start = sector * NorFlash.SECTOR
            for place in list(range(start, start + 160)) + list(range(start + 500, start + 660)):
                text = memory[place : place + size]
                if text not in old.tried and text.strip(b"\xff\0"):
                    old.tried.add(text)
                    for seal in old.seals:
                        with self.assertRaises(BadSeal):
                            seal.unwrap(b"old key", text)

    def unwraps_nothing(self, memory, old):
        """Check that a PIN that was right leads to the old vault key in neither key sector."""
        for sector in (0, 1):
            alone = bytearray(memory)
            other = (1 - sector) * NorFlash.SECTOR
            alone[other : other + NorFlash.SECTOR] = b"\xff" * NorFlash.SECTOR
            slots = KeySlots(NorFlash(SECTORS, alone))
            if slots.open():
                key = key_of(slots.slot, old.pin)
                try:
                    self.assertNotEqual(slots.slot.unwrap(key), old.vault_key)
                except BadSeal:
                    pass

    def change(self, before, old, new, chip=None):
        flash = NorFlash(SECTORS, before)
        vault = power_up(flash, old)
        listed = content(vault)[0]
        run(vault.set_pin(new, chip))
        self.gone(flash.memory, Old(before, old))
        slots = KeySlots(flash)
        slots.open()
        self.assertIsNone(slots.old_key(keys_of(flash.memory, new)[2]))  # nor with the new PIN
        self.assertEqual(content(power_up(flash, new))[0], listed)

    def test_setting_a_pin(self):
        self.change(image(several), "", PIN)

    def test_changing_a_pin(self):
        self.change(image(several, PIN), PIN, OTHER)

    def test_clearing_a_pin(self):
        self.change(image(several, PIN), PIN, "")

    def test_binding_to_the_chip(self):
        self.change(image(several, PIN), PIN, PIN, chip(own))
        self.change(image(several), "", "", chip(own))

    def test_freeing_it_and_binding_it_anew(self):
        self.change(image(several, PIN, bound=True), PIN, PIN, b"")
        self.change(image(several, PIN, bound=True), PIN, PIN, chip(own))

    def test_changing_a_pin_to_the_same(self):
        self.change(image(several, PIN), PIN, PIN)

    def test_after_every_power_cut_in_it(self):
        """When the vault has been unlocked again, the change is undone, or complete."""
        before = image(several, PIN)
        old = Old(before, PIN)
        undone = complete = 0
        for torn in (False, True):
            for left in cuts(before, PIN, OTHER, torn):
                flash = NorFlash(SECTORS, left)
                power_up(flash, PIN, OTHER)
                clock.now += 1800000
                if opens(flash.memory, OTHER):
                    self.gone(flash.memory, old)
                    complete += 1
                else:
                    undone += 1
                    self.assertEqual(keys_of(flash.memory, PIN), keys_of(before, PIN))
        self.assertGreater(undone, 3)
        self.assertGreater(complete, 20)

    def test_a_wake_after_a_cut_erases_the_key_before(self):
        """Though nobody unlocked it: who copies the flash then has no use for the PIN before."""
        for pin in ("", PIN):
            before = image(several, pin or None)
            old = Old(before, pin)
            locked = 0
            for left in cuts(before, pin, OTHER):
                flash = NorFlash(SECTORS, left)
                vault = closed(flash)
                run(vault.start(woken=True))
                if opens(flash.memory, OTHER):
                    self.assertEqual(bytes(flash.memory).find(old.wrapped), -1)
                    self.unwraps_nothing(flash.memory, old)
                    locked += vault.state == "locked"
            self.assertGreater(locked, 10)

    def test_a_wipe_leaves_no_key_and_no_record(self):
        for pin in ("", PIN):
            before = image(several, pin)
            flash = NorFlash(SECTORS, before)
            run(power_up(flash).wipe())
            self.gone(flash.memory, Old(before, pin))
            self.assertEqual([record.kind for record in records(flash)], [CHECK])

    def test_the_tenth_failure_leaves_no_key_and_no_record(self):
        before = image(several, PIN)
        flash = NorFlash(SECTORS, before)
        vault = power_up(flash, *["0000"] * 10)
        self.assertEqual(vault.ids(), [])
        self.gone(flash.memory, Old(before, PIN))

    def test_a_wipe_destroys_the_keys_first(self):
        before = image(several, PIN)
        wrapped = keys_of(before, PIN)[0]
        for operation in range(4, 9):
            flash = NorFlash(SECTORS, before)
            vault = power_up(flash)
            flash.cut_after(operation)
            with self.assertRaises(PowerCut):
                run(vault.wipe())
            flash.power_on()
            self.assertEqual(bytes(flash.memory).find(wrapped), -1)
            self.assertEqual(power_up(flash).ids(), [])

    def test_a_removed_or_replaced_record_is_zeros(self):
        flash = NorFlash(SECTORS)
        vault = power_up(flash)
        for number in range(1, 4):
            vault.add(request(number), totp(number))
        before = bytes(flash.memory)
        vault.remove(request(4), 1)
        vault.replace(request(5), 2, totp(2, 21))
        left = bytes(flash.memory)
        texts = old_texts(before, ACCOUNT)
        survived = [piece for piece in texts if left.find(piece) >= 0]
        self.assertEqual(3 * len(survived), len(texts))  # those of the third account
