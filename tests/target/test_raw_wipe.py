# heap: 3M
"""A wipe that knows nothing of the vault: what is left of it wherever the power goes.

Runs on MicroPython.
"""

import random
import unittest

from norflash import NorFlash, PowerCut, cut_in, digest
from scenarios import OTHER, PIN, SECTORS, image, several
from vaults import content, power_up, request, run, totp

from tokenfw.vault.flash import raw_wipe
from tokenfw.vault.keys.keyslots import KeySlots


class Careful(NorFlash):
    """Refuses pieces that a full heap has no room for."""

    def readinto(self, address, data):
        assert 0 < len(data) <= 512
        NorFlash.readinto(self, address, data)

    def program(self, address, data):
        assert 0 < len(data) <= 512
        NorFlash.program(self, address, data)


def look(memory):
    """Return what is in the vault after a power-up."""
    vault = power_up(NorFlash(SECTORS, memory), PIN, OTHER)
    assert vault.state == "ready", vault.state
    return content(vault)


def half_changed(operations):
    """Return an image in which setting another PIN was cut in its n-th operation."""
    flash = NorFlash(SECTORS, image(several, PIN))
    vault = power_up(flash, PIN)
    flash.cut_after(operations)
    try:
        run(vault.set_pin(OTHER))
    except PowerCut:
        pass
    return bytes(flash.memory)


EMPTY = ([], [("lock", None), ("mark", None), ("text", None)], 0)


class RawWipeTest(unittest.TestCase):
    def wiped(self, before):
        flash = Careful(SECTORS, before)
        flash.journal = []
        run(raw_wipe.wipe(flash))
        return flash

    def test_nothing_is_left_and_a_vault_is_founded(self):
        for before in (image(), image(several), image(several, PIN), half_changed(6)):
            flash = self.wiped(before)
            self.assertEqual(bytes(flash.memory), b"\xff" * len(before))
            self.assertEqual(look(flash.memory), EMPTY)

    def test_whatever_is_in_the_flash_goes(self):
        random.seed(5)
        noise = bytes(random.getrandbits(8) for _ in range(SECTORS * NorFlash.SECTOR))
        for before in (noise, bytes(len(noise)), noise[:-1] + b"\xff"):
            self.assertEqual(bytes(self.wiped(before).memory), b"\xff" * len(before))

    def test_what_is_blank_is_not_erased(self):
        flash = self.wiped(image())
        self.assertTrue(flash.erases <= 3, flash.erases)

    def test_the_keys_go_before_anything_is_erased(self):
        before = image(several, PIN)
        slots = KeySlots(NorFlash(SECTORS, before))
        slots.open()
        self.assertNotEqual(before.find(slots.slot.wrapped), -1)
        journal = self.wiped(before).journal
        first = [data for _, data in journal].index(None) + 1
        left = cut_in(NorFlash(SECTORS, before), journal, first, False)
        self.assertEqual(left.find(slots.slot.wrapped), -1)

    def cut_everywhere(self, before, ways=3):
        """Cut a wipe in each operation, clean and torn in all but one of so many `ways`."""
        allowed = (look(before), EMPTY)
        journal = self.wiped(before).journal
        seen = {}  # what was found in each image that was left
        for number in range(1, len(journal) + 1):
            for torn in range(ways):
                random.seed(100 * number + torn)
                left = cut_in(Careful(SECTORS, before), journal, number, torn > 0)
                key = digest(left)
                if key not in seen:
                    seen[key] = look(left)
                    self.goes_on(left)
                self.assertIn(seen[key], allowed, "operation %d, torn %d" % (number, torn))
                if number > 2:
                    self.assertEqual(seen[key], EMPTY, "once begun it is finished")
        self.assertIn(allowed[0], seen.values())
        self.assertIn(EMPTY, seen.values())

    def goes_on(self, memory):
        """Check that the vault, whichever it is, can be used, and wiped again."""
        flash = NorFlash(SECTORS, memory)
        vault = power_up(flash, PIN, OTHER)
        number = vault.add(request(999), totp(999))
        again = power_up(NorFlash(SECTORS, flash.memory), PIN, OTHER)
        self.assertEqual(again.get(number).to_record(), totp(999).to_record())
        self.assertEqual(look(self.wiped(memory).memory), EMPTY)

    def test_cut_in_a_vault_without_a_pin(self):
        self.cut_everywhere(image(several))

    def test_cut_in_a_vault_with_a_pin(self):
        self.cut_everywhere(image(several, PIN))  # its keys are in the other sector

    def test_cut_in_a_vault_whose_pin_was_changed_twice(self):
        flash = NorFlash(SECTORS, image(several, PIN))
        run(power_up(flash, PIN).set_pin(OTHER))
        self.cut_everywhere(bytes(flash.memory))

    def test_cut_in_a_vault_whose_change_of_its_pin_was_cut(self):
        for operations in (5, 6, 8):
            self.cut_everywhere(half_changed(operations), ways=2)


if __name__ == "__main__":
    unittest.main()
