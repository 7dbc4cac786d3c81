# heap: 3M
"""The vault's accounts and settings: what is stored, in which order, and what is refused.

Each expectation holds before and after a power-up. Runs on MicroPython.
"""

import binascii
import unittest

from norflash import NorFlash
from vaults import Keys, closed, content, hotp, long, power_up, request, run, totp

from otpcore import errors
from otpcore.account import COUNTER_MAX, Account
from tokenfw.system.entropy import EntropyFault


class Stuck:
    """Stands for an Entropy whose health check fails."""

    strong = False
    ahead = b""

    def keys(self, count, radio=True, more=b""):
        raise EntropyFault


class VaultTest(unittest.TestCase):
    def setUp(self):
        self.flash = NorFlash(8)
        self.vault = power_up(self.flash)

    def again(self):
        """Check that a power-up changes nothing; go on with the vault after it."""
        before = content(self.vault)
        self.vault = power_up(self.flash)
        self.assertEqual(content(self.vault), before)
        self.assertEqual((self.vault.damaged(), self.vault.changed()), (0, False))

    def records(self):
        return [self.vault.get(number).to_record() for number in self.vault.ids()]

    def test_a_blank_flash_becomes_an_empty_vault(self):
        self.assertEqual(self.vault.state, "ready")
        self.assertEqual((self.vault.ids(), self.vault.count()), ([], 0))
        self.assertEqual((self.vault.pin_length(), self.vault.attempts_left()), (0, 10))
        self.again()

    def test_an_id_that_comes_again_is_nobodys_favourite(self):
        for number in range(1, 5):
            self.vault.add(request(number), totp(number))
        self.vault.set_setting("favourites", [4, 2])
        self.vault.set_setting("recent", [4, 1])
        self.vault.remove(request(5), 4)
        self.vault.remove(request(6), 3)
        self.vault._store.highest = 0xFFFF  # all were used: the smallest free one is next
        self.assertEqual([self.vault.add(request(n), totp(n)) for n in (10, 11)], [3, 4])
        for _ in range(2):
            self.assertEqual(self.vault.setting("favourites"), [2])
            self.assertEqual(self.vault.setting("recent"), [1])
            self.again()

    def test_accounts_of_every_kind_come_back_whole(self):
        accounts = [
            totp(1),
            hotp(2, COUNTER_MAX - 1),
            long(3),
            Account("Steam", "kid", b"12345", "steam", digits=5),
            Account("", "ü€\U0001f511", b"\0", period=60, t0=2**40, algorithm="SHA256", digits=10),
        ]
        ids = [self.vault.add(request(n), each) for n, each in enumerate(accounts)]
        self.assertEqual(ids, [1, 2, 3, 4, 5])
        for _ in range(2):
            self.assertEqual(self.vault.ids(), ids)
            self.assertEqual(self.records(), [each.to_record() for each in accounts])
            self.again()

    def test_find(self):
        number = self.vault.add(request(1), totp(1))
        self.vault.add(request(2), totp(2))
        for _ in range(2):
            self.assertEqual(self.vault.find("Issuer 1", "user1@example.com"), number)
            self.assertIsNone(self.vault.find("Issuer 1", "user2@example.com"))
            self.assertIsNone(self.vault.find("Issuer 1user1", "@example.com"))
            self.again()

    def test_the_same_name_is_refused(self):
        self.vault.add(request(1), totp(1))
        second = self.vault.add(request(2), totp(2))
        before, programs = content(self.vault), self.flash.programs
        with self.assertRaises(errors.AccountExists):
            self.vault.add(request(3), totp(1, 10))
        with self.assertRaises(errors.AccountExists):
            self.vault.replace(request(3), second, totp(1, 10))
        self.assertEqual((content(self.vault), self.flash.programs), (before, programs))

    def test_replace_and_rename_keep_id_and_place(self):
        for number in range(1, 5):
            self.vault.add(request(number), totp(number))
        self.vault.replace(request(5), 2, totp(2, 64))
        self.vault.replace(request(6), 3, totp(33))
        for _ in range(2):
            self.assertEqual(self.vault.ids(), [1, 2, 3, 4])
            self.assertEqual(self.vault.get(2).secret, totp(2, 64).secret)
            self.assertEqual(self.vault.find("Issuer 33", "user33@example.com"), 3)
            self.assertIsNone(self.vault.find("Issuer 3", "user3@example.com"))
            self.again()

    def test_move(self):
        for number in range(1, 5):
            self.vault.add(request(number), totp(number))
        self.vault.move(request(5), 4, 0)
        self.again()
        self.vault.move(request(6), 1, 3)
        self.assertEqual(self.vault.ids(), [4, 2, 3, 1])
        self.vault.add(request(7), totp(7))
        self.again()
        self.assertEqual(self.vault.ids(), [4, 2, 3, 1, 5])

    def test_remove(self):
        for number in range(1, 4):
            self.vault.add(request(number), totp(number))
        self.vault.remove(request(4), 2)
        for _ in range(2):
            self.assertEqual(self.vault.ids(), [1, 3])
            with self.assertRaises(errors.NoSuchAccount):
                self.vault.get(2)
            self.again()
        with self.assertRaises(errors.NoSuchAccount):
            self.vault.remove(request(5), 2)

    def test_an_id_is_not_used_again_soon(self):
        for number in range(1, 4):
            self.vault.add(request(number), totp(number))
        self.vault.remove(request(4), 3)
        self.again()
        self.assertEqual(self.vault.add(request(5), totp(3)), 4)

    def test_when_ids_run_out_the_smallest_free_one_goes_behind_the_others(self):
        store = self.vault._store
        for number, each in ((1, totp(1)), (3, totp(3)), (0xFFFF, totp(4))):
            store.add(request(number), number, each.issuer.encode(), each.to_record())
        self.again()
        self.assertEqual(self.vault.add(request(9), totp(9)), 2)
        for _ in range(2):
            self.assertEqual(self.vault.ids(), [1, 3, 0xFFFF, 2])
            self.again()

    def test_advance(self):
        self.vault.add(request(1), hotp(1, 7))
        self.vault.add(request(2), hotp(2, COUNTER_MAX))
        for counter in (7, 8, 9):
            self.assertEqual(self.vault.advance(1).counter, counter)
            self.again()
            self.assertEqual(self.vault.get(1).counter, counter + 1)
        with self.assertRaises(errors.VaultFull):
            self.vault.advance(2)
        self.assertEqual(self.vault.get(2).counter, COUNTER_MAX)

    def test_the_request_of_an_advance_is_known_after_a_restart_and_many_others(self):
        self.vault.add(request(1), hotp(1, 7))
        self.assertEqual(self.vault.advance(1, request(2)).counter, 7)
        for number in range(3, 40):
            self.vault.add(request(number), hotp(number))
        self.again()
        self.assertEqual(self.vault.advance(1).counter, 8)  # at the token, without a request
        self.again()
        self.assertTrue(self.vault.is_of(1, request(2)))
        self.assertFalse(self.vault.is_of(1, request(1)))
        self.assertFalse(self.vault.is_of(2, request(2)))

    def test_a_request_is_known_when_it_is_repeated(self):
        self.assertEqual(self.vault.done(request(1)), (False, 0))
        self.vault.add(request(1), totp(1))
        self.vault.add(request(2), hotp(2))
        self.vault.move(request(3), 2, 0)
        self.vault.replace(request(4), 1, totp(5))
        self.vault.remove(request(5), 1)
        for _ in range(2):
            for number, done in ((2, 2), (3, 2), (5, 1)):
                self.assertEqual(self.vault.done(request(number)), (True, done), number)
            self.assertEqual(self.vault.done(request(6)), (False, 0))
            self.again()

    def test_a_request_is_known_although_its_counter_advanced(self):
        self.vault.add(request(1), hotp(1))
        self.vault.replace(request(2), 1, hotp(1, 100))
        self.vault.advance(1)
        self.again()
        self.assertEqual(self.vault.done(request(2)), (True, 1))

    def test_sixteen_requests_are_remembered(self):
        for number in range(1, 18):
            self.vault.add(request(number), totp(number))
        self.again()
        self.assertEqual(self.vault.done(request(2)), (True, 2))
        self.assertEqual(self.vault.done(request(17)), (True, 17))

    def test_settings(self):
        self.assertEqual(self.vault.setting("lock") or 60, 60)
        self.vault.set_setting("lock", 30)
        self.vault.set_setting("text", ["ü", None, 1.5])
        self.vault.set_setting("lock", 90)
        self.again()
        self.assertEqual(self.vault.setting("lock"), 90)
        self.assertEqual(self.vault.setting("text"), ["ü", None, 1.5])

    def test_a_full_vault_refuses_before_anything_changes(self):
        number = 0
        with self.assertRaises(errors.VaultFull):
            while True:
                number += 1
                self.vault.add(request(number), long(number))
        self.assertGreater(number, 20)
        self.again()
        self.assertEqual(self.vault.count(), number - 1)
        self.assertEqual(self.vault.done(request(number)), (False, 0))
        before, writes = content(self.vault), self.flash.programs + self.flash.erases
        with self.assertRaises(errors.VaultFull):
            self.vault.add(request(number), long(number))
        self.assertEqual(content(self.vault), before)
        self.assertEqual(self.flash.programs + self.flash.erases, writes)

    def test_a_full_vault_can_be_changed(self):
        self.vault.add(request(1), hotp(1))
        number = 1
        with self.assertRaises(errors.VaultFull):
            while True:
                number += 1
                self.vault.add(request(number), long(number))
        for turn in range(150):
            self.vault.advance(1)
            self.vault.set_setting("mark", turn)
            self.vault.move(request(turn), 2 + turn % 20, 0)
            self.vault.replace(request(turn), 2 + turn % 20, long(1000 + turn))
        self.again()
        self.assertEqual(self.vault.get(1).counter, 150)
        for number in range(2, 20):
            self.vault.remove(request(number), number)
        self.again()
        self.vault.add(request(1), totp(1))
        self.again()

    def test_what_a_record_replaced_long_ago_is_not_removed_again(self):
        """The place of the record that the newest sealed one replaced is used by others now."""
        for number in range(1, 30):
            self.vault.add(request(number), totp(number))
        self.vault.replace(request(30), 1, totp(1, 30))
        for mark in range(3000):
            self.vault.set_setting("text", "%d" % mark + "x" * 160)  # long: few fill a sector
            if mark % 40 == 0:
                self.again()

    def test_wipe(self):
        self.vault.add(request(1), totp(1))
        self.vault.set_setting("lock", 30)
        run(self.vault.wipe())
        self.assertEqual(self.vault.state, "ready")
        for _ in range(2):
            self.assertEqual((self.vault.ids(), self.vault.setting("lock")), ([], None))
            self.assertEqual(self.vault.done(request(1)), (False, 0))
            self.again()
        self.assertEqual(self.vault.add(request(2), totp(2)), 1)


class ForeignTest(unittest.TestCase):
    def refused(self, flash, state, error):
        """Check that this flash is left alone; return the vault."""
        before = bytes(flash.memory)
        vault = closed(flash)
        run(vault.start())
        self.assertEqual(vault.state, state)
        for action in (
            vault.ids,
            lambda: vault.add(request(1), totp(1)),
            lambda: vault.set_setting("lock", 1),
            lambda: run(vault.set_pin("123456")),
            lambda: run(vault.unlock("123456")),
        ):
            with self.assertRaises(error):
                action()
        vault.lock()
        self.assertEqual((vault.pin_length(), vault.attempts_left()), (0, 10))
        self.assertEqual(bytes(flash.memory), before)
        self.assertEqual(flash.programs + flash.erases, 0)
        return vault

    def test_noise_is_left_alone_until_it_is_wiped(self):
        noise = b"".join(Keys().keys(128))
        flash = NorFlash(8, noise * 8)
        vault = self.refused(flash, "foreign", errors.VaultDamaged)
        run(vault.wipe())
        vault.add(request(1), totp(1))
        self.assertEqual(content(power_up(flash)), content(vault))

    def test_newer_key_sector(self):
        self.newer(lambda flash: 0 if flash.read(0, 3) == b"OTK" else NorFlash.SECTOR, b"OTK", 8)

    def test_newer_record_sector(self):
        self.newer(lambda flash: 3 * NorFlash.SECTOR, b"OTR", 20)

    def newer(self, place, magic, size):
        """Raise the version in a header of so many bytes, and look what the vault does."""
        flash = NorFlash(8)
        vault = power_up(flash)
        for number in range(30):
            vault.add(request(number), totp(number))
        start = place(flash)
        self.assertEqual(flash.read(start, 3), magic)
        header = bytearray(flash.read(start, size - 4))
        header[3] += 1
        header += binascii.crc32(header).to_bytes(4, "big")
        flash.memory[start : start + size] = header
        flash.memory[2 * NorFlash.SECTOR : 2 * NorFlash.SECTOR + 48] = b"x" * 48  # and noise
        flash = NorFlash(8, flash.memory)
        vault = self.refused(flash, "newer", errors.NewerVault)
        run(vault.wipe())
        self.assertEqual(power_up(flash).ids(), [])

    def test_a_stuck_generator(self):
        flash = NorFlash(8)
        vault = closed(flash, Stuck())
        run(vault.start())
        self.assertEqual(vault.state, "no_entropy")
        with self.assertRaises(errors.EntropyFailed):
            vault.add(request(1), totp(1))
        self.assertEqual(flash.programs + flash.erases, 0)
        self.assertEqual(power_up(flash).state, "ready")

    def test_a_generator_that_got_stuck(self):
        flash = NorFlash(8)
        power_up(flash).add(request(1), totp(1))
        before = bytes(flash.memory[: 2 * flash.SECTOR])  # the keys
        vault = closed(flash, Stuck())
        run(vault.start())
        with self.assertRaises(EntropyFault):
            run(vault.set_pin("123456"))
        self.assertEqual(bytes(flash.memory[: 2 * flash.SECTOR]), before)
        self.assertEqual((vault.state, vault.pin_length(), vault.ids()), ("ready", 0, [1]))
