# heap: 3M
"""The anchor: the newest sector put back as it was is noticed. Runs on MicroPython."""

import unittest

from norflash import NorFlash, PowerCut
from short import Short
from vaults import hotp, power_up, request, run, totp

from tokenfw.vault.states import WrongPin

PIN = "271828"
FIELD = 2880  # sequences between two moves to the other key sector


class AnchorTest(unittest.TestCase):
    def setUp(self):
        self.flash = NorFlash(8)
        self.vault = power_up(self.flash)
        self.vault.add(request(1), hotp(1, 41))

    def key_sector(self):
        return 0 if self.flash.memory[0] != 0xFF else 1

    def put_back(self, before):
        """Put all sectors back but those of the keys; return the vault after a power-up."""
        keys = bytes(self.flash.memory[: 2 * NorFlash.SECTOR])
        return power_up(NorFlash(8, keys + before[2 * NorFlash.SECTOR :]), PIN)

    def test_a_counter_put_back_is_noticed_and_said_again_at_every_start(self):
        before = bytes(self.flash.memory)
        self.vault.advance(1)
        vault = self.put_back(before)
        self.assertEqual(vault.get(1).counter, 41)
        for number in range(3):
            self.assertTrue(vault.changed())
            vault.add(request(10 + number), totp(10 + number))
            vault.advance(1)
            vault = power_up(vault._flash)

    def test_a_removed_account_put_back_is_noticed(self):
        self.vault.add(request(2), totp(2))
        before = bytes(self.flash.memory)
        self.vault.remove(request(3), 2)
        self.assertTrue(self.put_back(before).changed())

    def test_a_new_pin_ends_what_is_said(self):
        before = bytes(self.flash.memory)
        self.vault.advance(1)
        vault = self.put_back(before)
        run(vault.set_pin(PIN))
        self.assertFalse(vault.changed())
        vault = power_up(vault._flash, PIN)
        self.assertFalse(vault.changed())
        self.assertEqual(vault.get(1).counter, 41)

    def test_a_cut_between_record_and_anchor_is_made_up_for(self):
        found = set()
        for operation in range(1, 7):
            flash = NorFlash(8, self.flash.memory)
            vault = power_up(flash)
            flash.cut_after(operation)
            try:
                vault.advance(1)
            except PowerCut:
                flash.power_on()
            vault = power_up(flash)
            self.assertFalse(vault.changed())
            found.add(vault.get(1).counter)
            self.assertEqual(vault._slots.anchor.least, vault._store.newest)
        self.assertEqual(found, {41, 42})

    def test_lack_of_memory_while_it_moves_lets_codes_be_made(self):
        at, moved = self.key_sector(), set()
        for operation in range(60):
            flash = Short(8, self.flash.memory)
            vault = power_up(flash)
            vault._store.log.newest += FIELD
            flash.left = operation
            try:
                vault.advance(1)
            except MemoryError:  # so there is no record
                continue
            flash.left = None
            for more in range(1, 5):
                self.assertEqual(vault.advance(1).counter, 41 + more, operation)
            again = power_up(NorFlash(8, flash.memory))
            self.assertEqual(again.get(1).counter, 46, operation)
            self.assertEqual((again.changed(), again.damaged()), (False, 0), operation)
            moved.add(again._slots._sector != at)
        self.assertTrue(True in moved)

    def test_attempts_after_a_move_that_lacked_memory_outlive_a_restart(self):
        run(self.vault.set_pin(PIN))
        short = 0
        for operation in range(60):
            flash = Short(8, self.flash.memory)
            vault = power_up(flash, PIN)
            vault._store.log.newest += FIELD
            flash.left = operation
            try:
                vault.advance(1)
            except MemoryError:
                pass
            if flash.left is not None:
                break
            short += 1
            vault.lock()
            with self.assertRaises(WrongPin):
                run(vault.unlock("31415926"))
            again = power_up(NorFlash(8, flash.memory))
            self.assertEqual((vault.attempts_left(), again.attempts_left()), (9, 9), operation)
            again = power_up(NorFlash(8, flash.memory), PIN)
            self.assertEqual((again.state, again.attempts_left()), ("ready", 10), operation)
        self.assertGreater(short, 10)  # reads, and what is programmed

    def test_it_moves_to_the_other_key_sector_in_time(self):
        at = self.key_sector()
        self.vault._store.log.newest += FIELD - 5
        while self.key_sector() == at:
            before = bytes(self.flash.memory)
            self.vault.advance(1)
            self.assertEqual(self.vault._slots.anchor.least, self.vault._store.newest)
        self.assertTrue(self.put_back(before).changed())

    def test_it_moves_whenever_the_power_goes(self):
        last, operation = 41, 0
        while True:
            operation += 1
            flash = NorFlash(8, self.flash.memory)
            vault = power_up(flash)
            vault._store.log.newest += FIELD - 5
            flash.cut_after(operation, operation % 2)
            try:
                for _ in range(10):
                    vault.advance(1)
                break
            except PowerCut:
                flash.power_on()
            vault = power_up(flash)
            self.assertEqual((vault.state, vault.changed(), vault.damaged()), ("ready", False, 0))
            self.assertIn(vault.get(1).counter, (last, last + 1))
            last = vault.get(1).counter
        self.assertGreater(operation, 52)  # ten times five, and the move

    def test_an_empty_vault_has_one_record_too(self):
        flash = NorFlash(8)
        power_up(flash)
        self.assertFalse(power_up(flash).changed())
        flash.memory[2 * NorFlash.SECTOR :] = b"\xff" * (6 * NorFlash.SECTOR)
        vault = power_up(flash)
        self.assertEqual((vault.ids(), vault.changed()), ([], True))
        vault.add(request(1), totp(1))
        self.assertTrue(power_up(flash).changed())
