# heap: 3M
"""The vault's PIN: locking, attempts, delays and the wipe. Runs on MicroPython."""

import asyncio
import unittest

import impatient  # noqa: F401
from norflash import NorFlash, PowerCut
from short import Short
from vaults import clock, closed, content, hotp, power_up, request, run, totp

from otpcore import errors
from tokenfw.vault.states import TooSoon, WrongPin

PIN = "271828"
DELAYS = (1, 2, 4, 8, 30, 60, 300, 900, 1800)  # seconds after the first failure, the second …


class PinTest(unittest.TestCase):
    def setUp(self):
        self.flash = NorFlash(8)
        vault = power_up(self.flash)
        vault.add(request(1), totp(1))
        vault.add(request(2), hotp(2, 5))
        vault.set_setting("lock", 30)
        self.before = content(vault)[:2]
        run(vault.set_pin(PIN))
        self.vault = vault

    def locked(self):
        """Return the vault after a power-up."""
        vault = closed(self.flash)
        run(vault.start())
        return vault

    def fail_once(self, vault):
        """Try a wrong PIN; return how many attempts are left."""
        with self.assertRaises(WrongPin) as caught:
            run(vault.unlock("000000"))
        return caught.exception.left

    def wait(self, vault):
        clock.now += 1000 * vault.seconds_to_wait()

    def key_sector(self):
        """Return where the key sector in use begins."""
        size = NorFlash.SECTOR
        return next(at for at in (0, size) if self.flash.read(at, 3) == b"OTK")

    def test_the_flash_does_not_tell_the_pins_length(self):
        """Of PINs of one length the same byte says another thing each time."""
        found = set()
        for _ in range(8):
            run(self.vault.set_pin(PIN))
            found.add(self.flash.read(self.key_sector() + 16, 1))
        self.assertTrue(len(found) > 1)

    def test_pins_of_every_length(self):
        for pin in ("0000", "12345678901234567890123456789012"):
            run(self.vault.set_pin(pin))
            self.assertEqual(self.vault.pin_length(), len(pin))
            vault = self.locked()
            self.assertEqual((vault.state, vault.pin_length()), ("locked", None))
            for wrong in (PIN, pin[:-1], pin + "0", pin[:-1] + "1", ""):
                self.wait(vault)
                with self.assertRaises(WrongPin):
                    run(vault.unlock(wrong))
            self.wait(vault)
            run(vault.unlock(pin))
            self.assertEqual(content(vault), self.before + (len(pin),))

    def test_without_a_pin_it_opens_by_itself(self):
        run(self.vault.set_pin(""))
        vault = self.locked()
        self.assertEqual(vault.state, "ready")
        self.assertEqual(content(vault), self.before + (0,))
        vault.lock()
        self.assertEqual(vault.state, "ready")

    def test_locked_it_says_nothing_and_keeps_settings(self):
        vault = self.locked()
        for action in (
            vault.ids,
            vault.count,
            lambda: vault.get(1),
            lambda: vault.find("Issuer 1", "user1@example.com"),
            lambda: vault.done(request(1)),
            lambda: vault.add(request(3), totp(3)),
            lambda: vault.replace(request(3), 1, totp(3)),
            lambda: vault.move(request(3), 1, 0),
            lambda: vault.remove(request(3), 1),
            lambda: vault.advance(2),
            lambda: run(vault.set_pin("1234")),
        ):
            with self.assertRaises(errors.Locked):
                action()
        self.assertEqual(vault.setting("lock"), 30)
        vault.set_setting("lock", 31)
        vault = power_up(self.flash, PIN)
        self.assertEqual((vault.setting("lock"), vault.ids()), (31, [1, 2]))

    def test_settings_while_locked_never_run_out_of_room(self):
        for number in range(3, 60):
            try:
                self.vault.add(request(number), totp(number, 80))
            except errors.VaultFull:
                break
        vault = self.locked()
        for mark in range(1500):
            vault.set_setting("mark", mark)
        vault = power_up(self.flash, PIN)
        self.assertEqual((vault.setting("mark"), vault.count()), (1499, number - 1))
        self.assertEqual((vault.damaged(), vault.changed()), (0, False))

    def test_lock_and_unlock(self):
        self.vault.lock()
        self.assertEqual(self.vault.state, "locked")
        self.assertIsNone(self.vault._key)
        with self.assertRaises(errors.Locked):
            self.vault.ids()
        run(self.vault.unlock(PIN))
        self.assertEqual(content(self.vault), self.before + (6,))
        self.vault.add(request(3), totp(3))

    def test_a_lock_while_all_is_sealed_anew_waits_for_its_end(self):
        async def lock_meanwhile():
            renewing = asyncio.create_task(self.vault.set_pin("31415926"))
            while not self.vault._sealing:
                await asyncio.sleep_ms(0)
            self.vault.lock()
            self.assertEqual(self.vault.state, "ready")
            await renewing

        run(lock_meanwhile())
        self.assertEqual(self.vault.state, "locked")
        self.assertEqual(content(power_up(self.flash, "31415926")), self.before + (8,))

    def test_delays_grow_and_begin_again_after_a_power_up(self):
        vault = self.locked()
        self.assertEqual(vault.seconds_to_wait(), 0)
        for failures, delay in enumerate(DELAYS):
            self.assertEqual(self.fail_once(vault), 9 - failures)
            self.assertEqual(
                (vault.seconds_to_wait(), vault.attempts_left()), (delay, 9 - failures)
            )
            clock.now += 1000 * delay - 1
            with self.assertRaises(TooSoon) as caught:
                run(vault.unlock(PIN))
            self.assertEqual(caught.exception.seconds, 1)
            vault = self.locked()
            self.assertEqual(vault.seconds_to_wait(), delay)
            self.assertEqual(vault.attempts_left(), 9 - failures)
            self.wait(vault)
        run(vault.unlock(PIN))
        self.assertEqual(content(vault), self.before + (6,))
        self.assertEqual((vault.attempts_left(), vault.seconds_to_wait()), (10, 0))

    def test_a_delay_that_was_waited_for_does_not_begin_again_after_a_sleep(self):
        vault = self.locked()
        for _ in range(7):
            self.fail_once(vault)
            self.wait(vault)
        vault = closed(self.flash)
        run(vault.start(woken=True))
        self.assertEqual((vault.seconds_to_wait(), vault.attempts_left()), (0, 3))
        self.assertEqual(self.fail_once(vault), 2)
        self.assertEqual(vault.seconds_to_wait(), 900)
        self.wait(vault)
        run(vault.unlock(PIN))

    def test_the_tenth_failure_wipes(self):
        vault = self.locked()
        for _ in range(9):
            self.fail_once(vault)
            self.wait(vault)
        self.assertEqual(self.fail_once(vault), 0)
        for each in (vault, self.locked()):
            self.assertEqual((each.state, each.ids(), each.pin_length()), ("ready", [], 0))

    def test_the_tenth_attempt_counts_although_the_power_goes_before_its_verdict(self):
        vault = self.locked()
        for _ in range(9):
            self.fail_once(vault)
            self.wait(vault)

        async def go_away():
            attempt = asyncio.create_task(vault.unlock("000000"))
            for _ in range(1000):
                if not vault.attempts_left():
                    break
                await asyncio.sleep_ms(0)
            attempt.cancel()  # its key is being derived

        run(go_away())
        vault = self.locked()
        self.assertEqual((vault.state, vault.ids(), vault.pin_length()), ("ready", [], 0))

    def test_an_attempt_counts_whenever_the_power_goes(self):
        image = bytes(self.flash.memory)
        for pin, known in (("000000", (9,)), (PIN, (9, 10))):
            for torn in (False, True):
                for operation in range(1, 10):
                    self.flash = NorFlash(8, image)
                    vault = self.locked()
                    self.flash.cut_after(operation, torn)
                    try:
                        run(vault.unlock(pin))
                    except (PowerCut, WrongPin):
                        pass
                    self.flash.power_on()
                    left = self.locked().attempts_left()
                    # Cut in the attempt itself, it was counted or nothing was learnt.
                    self.assertIn(left, known + (10,) if operation == 1 else known)
                    vault = power_up(self.flash, PIN)
                    self.assertEqual(content(vault), self.before + (6,))

    def test_seven_thousand_attempts_need_the_other_key_sector(self):
        vault = self.locked()
        epoch, erases = vault._slots.slot.epoch, self.flash.erases
        for turn in range(700):
            for _ in range(9):
                vault._slots.attempts.begin()
            if turn % 5:  # what an unlocking does about them, without the rest of it
                vault._slots.attempts.begin()
                vault._slots.attempts.forgive()
                continue
            clock.now += 1800000
            self.assertEqual(vault.attempts_left(), 1)
            run(vault.unlock(PIN))
            self.assertEqual(vault.attempts_left(), 10, turn)
            vault.lock()
        self.assertEqual(self.flash.erases - erases, 2)  # each key sector once
        self.assertEqual(vault._slots.slot.epoch, epoch)  # the records are sealed as they were
        self.assertEqual(self.fail_once(vault), 9)
        self.assertEqual(content(power_up(self.flash, PIN)), self.before + (6,))

    def test_lack_of_memory_leaves_the_pin_that_a_start_asks_for(self):
        ends = set()
        for more, step in ((0, 1), (60, 3)):  # once, and for each try to finish it
            operation, over = 0, False
            while not over:
                flash = Short(self.flash.sectors, self.flash.memory)
                vault = power_up(flash, PIN)
                flash.left, flash.more = operation, more
                try:
                    run(vault.set_pin("31415926"))
                except MemoryError:
                    pass
                over, flash.left = flash.left is not None and flash.left >= 0, None
                length = vault.pin_length()
                again = power_up(NorFlash(flash.sectors, flash.memory), PIN, "31415926")
                self.assertEqual(again.pin_length(), length, (operation, more))
                self.assertEqual(content(again), content(vault), (operation, more))
                ends.add(length)
                operation += step
        self.assertEqual(ends, {6, 8})
