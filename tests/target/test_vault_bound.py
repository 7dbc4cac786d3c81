# heap: 3M
"""A vault that is bound to its chip's key: opened, bound, freed, and what the chip gets wrong.

A fault of the chip is never a wrong PIN, and gives nobody a free guess. Runs on MicroPython.
"""

import struct
import unittest

from chipkeys import ChipKeys, chip
from norflash import NorFlash, PowerCut
from vaults import clock, closed, content, power_up, request, run, totp

from otpcore import errors
from tokenfw.system import on_demand
from tokenfw.vault.keys.faults import ChipKeySilent
from tokenfw.vault.keys.keyslots import KeySlots
from tokenfw.vault.states import TooSoon, WrongPin

PIN, OTHER = "271828", "31415926"
SECTORS = 8
DELAYS = (0, 1, 2, 4, 8, 30, 60, 300, 900, 1800)


class BoundTest(unittest.TestCase):
    pin = PIN

    def setUp(self):
        self.keys = ChipKeys(b"this chip")
        self.flash = NorFlash(SECTORS)
        vault = closed(self.flash, chip_keys=self.keys)
        run(vault.start())
        vault.add(request(1), totp(1))
        vault.add(request(2), totp(2))
        self.accounts = content(vault)[0]
        run(vault.set_pin(self.pin, chip(self.keys)))
        self.vault = vault

    def start(self, keys=None):
        """Return the vault as after a power-up, on the chip with these keys."""
        vault = closed(self.flash, chip_keys=keys or self.keys)
        run(vault.start())
        return vault

    def wait(self, vault):
        clock.now += 1000 * vault.seconds_to_wait()

    def unlocked(self, pin=None, keys=None):
        vault = self.start(keys)
        if vault.state == "locked":
            run(vault.unlock(pin or self.pin))
        return vault

    def slot(self):
        slots = KeySlots(self.flash)
        slots.open()
        return slots.slot


class OpeningTest(BoundTest):
    def test_it_opens_with_its_pin_and_its_chip(self):
        self.assertTrue(self.vault.bound())
        self.assertTrue(self.vault.chain() >= 3)
        vault = self.start()
        self.assertEqual((vault.state, vault.bound()), ("locked", True))
        with self.assertRaises(WrongPin):
            run(vault.unlock(OTHER))
        self.wait(vault)
        run(vault.unlock(PIN))
        self.assertEqual(content(vault)[0], self.accounts)
        self.assertEqual(vault.attempts_left(), 10)

    def test_each_guess_takes_the_whole_chain(self):
        vault = self.start()
        run(vault.unlock(PIN))
        made = []
        self.keys.chain, chain = lambda m, n: made.append(n) or chain(m, n), self.keys.chain
        vault.lock()
        made.clear()
        run(vault.unlock(PIN))
        self.assertEqual(sum(made), vault.chain() + 4)  # and the known answers, twice two

    def test_on_another_chip_no_attempt_begins(self):
        for keys in (ChipKeys(b"another chip"), None):
            vault = closed(self.flash, chip_keys=keys)
            run(vault.start())
            for _ in range(12):
                with self.assertRaises(ChipKeySilent):
                    run(vault.unlock(PIN))
                with self.assertRaises(ChipKeySilent):
                    vault.require_chip()
            self.assertEqual((vault.attempts_left(), vault.seconds_to_wait()), (10, 0))
            self.assertEqual(vault.state, "locked")
        self.assertEqual(content(self.unlocked())[0], self.accounts)

    def test_a_key_that_is_silent_begins_no_attempt(self):
        vault = self.start()
        self.keys.dead = True
        with self.assertRaises(ChipKeySilent):
            run(vault.unlock(PIN))
        self.keys.dead = False
        run(vault.unlock(PIN))
        self.assertEqual(content(vault)[0], self.accounts)

    def test_one_that_repeats_itself_never_opens(self):
        """Not even where it gives the known answers: what PBKDF2 gave goes in at both ends."""
        binding = on_demand.once("tokenfw.vault.keys.binding")
        slot, found = self.slot(), set()
        self.keys.chain = lambda message, count: b"r" * 32
        constant = binding.pack(3, 2, b"r" * 64)
        for derived in (b"1" * 32, b"2" * 32):
            bound = binding.Bound(self.keys, constant)
            key = run(bound.finish(derived))
            self.assertFalse(slot.opens(key))
            found.add(key)
        self.assertEqual(len(found), 2)
        with self.assertRaises(ChipKeySilent):
            run(self.start().unlock(PIN))


class FaultTest(BoundTest):
    """Faults in an attempt: it is void, and its result was never compared."""

    def attempt(self, vault, wrong, pin=PIN):
        """Try a PIN while `wrong(number)` tells which bursts of the attempt go wrong."""
        begun = self.keys.bursts
        self.keys.wrong = lambda number: wrong(number - begun)
        try:
            run(vault.unlock(pin))
        finally:
            self.keys.wrong = lambda number: False

    def bursts(self):
        """Return how many bursts an attempt with the right PIN takes."""
        vault, begun = self.start(), self.keys.bursts
        run(vault.unlock(PIN))
        return self.keys.bursts - begun

    def test_a_fault_at_any_burst_is_never_a_wrong_pin(self):
        count = self.bursts()
        self.assertTrue(count >= 5)
        for fault in range(1, count + 1):
            for last in (fault, count):
                vault = self.start()
                wrong = lambda number, first=fault, last=last: first <= number <= last  # noqa: E731
                with self.assertRaises(ChipKeySilent):
                    self.attempt(vault, wrong)
                self.assertEqual(vault.attempts_left(), 10, fault)
                self.wait(vault)
                run(vault.unlock(PIN))
                self.assertEqual(content(vault)[0], self.accounts)

    def test_sixteen_are_void_until_one_is_right_then_each_counts(self):
        vault, count = self.start(), self.bursts()
        after = lambda number: number == count  # noqa: E731 (the last known answer)
        for number in range(16):
            with self.assertRaises(ChipKeySilent):
                self.attempt(vault, after)
            self.assertEqual(vault.attempts_left(), 10, number)
            self.assertEqual(vault.seconds_to_wait(), DELAYS[min(number + 1, 9)])
            vault = self.start()
            self.assertEqual(vault.seconds_to_wait(), DELAYS[min(number + 1, 9)])
            self.wait(vault)
        for left in (9, 8, 7):
            with self.assertRaises(ChipKeySilent):
                self.attempt(vault, after)
            self.assertEqual(vault.attempts_left(), left)
            self.wait(vault)
        run(vault.unlock(PIN))
        self.assertEqual(vault.attempts_left(), 10)
        vault.lock()
        with self.assertRaises(ChipKeySilent):
            self.attempt(vault, after)
        self.assertEqual(vault.attempts_left(), 10)  # they begin anew

    def test_a_chip_that_is_disturbed_again_and_again_ends_in_the_wipe(self):
        vault, count = self.start(), self.bursts()
        for _ in range(26):
            self.wait(vault)
            self.assertEqual(vault.state, "locked")
            with self.assertRaises(ChipKeySilent):
                self.attempt(vault, lambda number: number == count, OTHER)
        self.assertEqual((vault.state, vault.count(), vault.bound()), ("ready", 0, False))

    def test_wrong_pins_among_faults_count(self):
        vault, count = self.start(), self.bursts()
        for left in (9, 8):
            with self.assertRaises(ChipKeySilent):
                self.attempt(vault, lambda number: number == count)
            self.wait(vault)
            with self.assertRaises(WrongPin) as caught:
                run(vault.unlock(OTHER))
            self.assertEqual(caught.exception.left, left)
            self.wait(vault)
        self.assertEqual(self.start().attempts_left(), 8)


class ChangeTest(BoundTest):
    def test_another_pin_is_bound_likewise(self):
        before = self.slot()
        run(self.vault.set_pin(OTHER))
        after = self.slot()
        self.assertNotEqual(before.salt, after.salt)
        self.assertEqual(before.chip[4:], after.chip[4:])
        self.assertEqual(content(self.unlocked(OTHER))[0], self.accounts)

    def test_it_is_freed(self):
        run(self.vault.set_pin(PIN, b""))
        self.assertEqual((self.vault.bound(), self.vault.chain()), (False, 0))
        vault = self.unlocked(PIN, ChipKeys(b"another chip"))
        self.assertEqual(content(vault)[0], self.accounts)

    def test_a_key_that_fails_while_it_is_bound_changes_nothing(self):
        """At any burst: the known answers, or one of the two chains that have to agree."""
        before, begun = bytes(self.flash.memory), self.keys.bursts
        run(self.vault.set_pin(OTHER))
        count = self.keys.bursts - begun
        for fault in range(1, count):
            self.flash.memory[:] = before
            vault, begun = self.unlocked(), self.keys.bursts
            self.keys.wrong = lambda number, begun=begun, fault=fault: number == begun + fault
            try:
                run(vault.set_pin(OTHER))
                changed = OTHER  # it went wrong where the speed is measured
            except ChipKeySilent:
                changed = PIN
            self.keys.wrong = lambda number: False
            self.assertEqual(content(vault)[0], self.accounts)
            self.assertEqual(content(self.unlocked(changed))[0], self.accounts, fault)

    def test_a_wipe_frees_it(self):
        run(self.vault.wipe())
        vault = self.start(ChipKeys(b"another chip"))
        self.assertEqual((vault.state, vault.count(), vault.bound()), ("ready", 0, False))

    def test_out_of_range_is_damage(self):
        """Neither a wrong PIN nor a hang: the other copy counts, and without one it says so."""
        start = next(at for at in (0, 4096) if self.flash.memory[at : at + 3] == b"OTK")
        image = bytes(self.flash.memory)
        for place, value in ((44, 2), (44, 9), (44, 0xFFFFFFFF), (40, 0), (40, 5), (45, 0xFF)):
            for copies in ((0,), (0, 1024)):
                self.flash.memory[:] = image
                for copy in copies:
                    self.write(start + copy, place, value)
                vault = self.start()
                if len(copies) == 1:
                    self.assertEqual(vault.state, "locked", (place, value))
                    run(vault.unlock(PIN))
                    self.assertEqual(content(vault)[0], self.accounts)
                else:
                    self.assertEqual(vault.state, "foreign", (place, value))

    def write(self, start, place, value):
        """Write a number into a block, with the checksum that fits."""
        from binascii import crc32

        memory = self.flash.memory
        memory[start + place : start + place + 4] = struct.pack(">I", value)
        memory[start + 209 : start + 213] = struct.pack(">I", crc32(memory[start : start + 209]))


class StrandedTest(BoundTest):
    """The chip's key dies while the vault is open: what is in memory is all that there is."""

    def setUp(self):
        super().setUp()
        self.vault = self.unlocked()
        self.keys.dead = True

    def test_it_does_not_lock_and_is_freed_with_its_pin(self):
        self.vault.lock()
        self.assertEqual((self.vault.state, self.vault.stranded), ("ready", True))
        self.assertEqual(content(self.vault)[0], self.accounts)
        run(self.vault.unlock(PIN))
        run(self.vault.set_pin(PIN, b""))
        self.assertEqual((self.vault.bound(), self.vault.stranded), (False, False))
        self.vault.lock()
        self.assertEqual(self.vault.state, "locked")
        found = self.unlocked(PIN, ChipKeys(b"another chip"))
        self.assertEqual(content(found)[0], self.accounts)

    def test_a_wrong_pin_counts_and_the_tenth_wipes(self):
        self.vault.lock()
        for left in range(9, 0, -1):
            with self.assertRaises(WrongPin) as caught:
                run(self.vault.unlock(OTHER))
            self.assertEqual((caught.exception.left, self.vault.attempts_left()), (left, left))
            with self.assertRaises(TooSoon):
                run(self.vault.unlock(PIN))
            self.wait(self.vault)
            if left == 5:  # a right one makes all of them good
                run(self.vault.unlock(PIN))
                self.assertEqual(self.vault.attempts_left(), 10)
                break
        for _ in range(10):
            with self.assertRaises(WrongPin):
                run(self.vault.unlock(OTHER))
            self.wait(self.vault)
        self.assertEqual((self.vault.state, self.vault.count()), ("ready", 0))
        self.assertFalse(self.vault.bound() or self.vault.stranded)

    def test_one_that_answers_again_locks_as_ever(self):
        self.vault.lock()
        self.keys.dead = False
        self.vault.lock()
        self.assertEqual((self.vault.state, self.vault.stranded), ("locked", False))
        self.assertEqual(content(self.unlocked())[0], self.accounts)

    def test_another_pin_still_wants_the_chip(self):
        self.vault.lock()
        with self.assertRaises(ChipKeySilent):
            run(self.vault.set_pin(OTHER))
        self.keys.dead = False
        self.vault.lock()
        self.assertEqual(content(self.unlocked(PIN))[0], self.accounts)

    def test_the_pin_that_is_asked_for_is_the_last_one(self):
        self.keys.dead = False
        run(self.vault.set_pin(OTHER))
        self.keys.dead = True
        self.vault.lock()
        with self.assertRaises(WrongPin):
            run(self.vault.unlock(PIN))
        self.wait(self.vault)
        run(self.vault.unlock(OTHER))

    def test_a_cut_while_it_is_freed_loses_nothing_of_it(self):
        """The power goes at any operation of the flash: it opens without the chip, or with it."""
        self.vault.lock()
        image, cut, freed = bytes(self.flash.memory), 1, False
        while not freed:
            self.flash.memory[:] = image
            self.keys.dead = False
            vault = self.unlocked()
            self.keys.dead = True
            vault.lock()
            self.flash.cut_after(cut)
            try:
                run(vault.set_pin(PIN, b""))
                freed = True
            except PowerCut:
                pass
            self.flash.power_on()
            self.keys.dead = False
            self.assertEqual(content(self.unlocked())[0], self.accounts, cut)
            cut += 1
        self.assertTrue(cut > 5)


class WithoutPinTest(BoundTest):
    pin = ""

    def test_it_opens_by_itself_on_its_chip_only(self):
        self.assertEqual(content(self.start())[0], self.accounts)
        for keys in (ChipKeys(b"another chip"), ChipKeys(b"")):
            vault = self.start(keys)
            self.assertEqual(vault.state, "no_chip_key")
            for action in (
                lambda v: v.count(),
                lambda v: v.add(request(3), totp(3)),
                lambda v: v.set_setting("mark", 1),
                lambda v: run(v.unlock("")),
                lambda v: run(v.set_pin(PIN)),
            ):
                with self.assertRaises(errors.VaultDamaged) as caught:
                    action(vault)
                self.assertEqual(errors.reason(caught.exception), "chip_key")
        self.assertEqual(content(self.start())[0], self.accounts)

    def test_one_round_and_one_hmac(self):
        self.assertEqual((self.vault.iterations(), self.vault.chain()), (1, 1))

    def test_it_is_freed_where_the_chip_dies(self):
        self.keys.dead = True
        self.vault.lock()  # as it does whenever it goes dark
        self.assertTrue(self.vault.stranded)
        run(self.vault.set_pin("", b""))
        self.assertFalse(self.vault.stranded)
        self.assertEqual(content(self.start(ChipKeys(b"another chip")))[0], self.accounts)

    def test_on_another_chip_it_can_be_wiped(self):
        vault = self.start(ChipKeys(b"another chip"))
        run(vault.wipe())
        self.assertEqual((vault.state, vault.count()), ("ready", 0))

    def test_a_pin_set_later_is_bound_too(self):
        run(self.vault.set_pin(PIN))
        self.assertTrue(self.vault.chain() >= 3)
        with self.assertRaises(ChipKeySilent):
            run(self.start(ChipKeys(b"another chip")).unlock(PIN))
        self.assertEqual(content(self.unlocked(PIN))[0], self.accounts)


class UnboundTest(unittest.TestCase):
    def test_an_unbound_vault_never_asks_the_chip(self):
        flash, keys = NorFlash(SECTORS), ChipKeys(b"this chip")
        vault = closed(flash, chip_keys=keys)
        run(vault.start())
        run(vault.set_pin(PIN))
        vault.lock()
        vault.require_chip()
        run(vault.unlock(PIN))
        self.assertEqual((keys.opened, vault.bound(), vault.chain()), (0, False, 0))
        self.assertEqual(power_up(flash, PIN).state, "ready")
