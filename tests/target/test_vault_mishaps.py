# heap: 3M
"""What goes wrong while a vault is opened or sealed anew, short of the power. On MicroPython."""

import asyncio
import unittest

import impatient  # noqa: F401
from norflash import NorFlash, PowerCut
from short import Short
from vaults import clock, closed, content, hotp, power_up, request, run, totp

from otpcore import utc
from otpcore.errors import Busy
from otpcore.settings import CLOCK_DAY
from tokenfw.clock.clock import Clock
from tokenfw.vault.flash.faults import FlashFault
from tokenfw.vault.states import READY, WrongPin

PIN = "271828"


TODAY = (2026, 11, 30, 12, 0, 0)


class TodaysChip:
    """A clock chip's driver whose time stands still."""

    @staticmethod
    def read():
        return TODAY + (False,)


class BadFlash(NorFlash):
    """Has a sector that takes no program, and bits of the first two sectors that are stuck."""

    bad = None
    stuck = ()  # (offset in the sector, bits)

    def program(self, address, data):
        if address // self.SECTOR == self.bad:
            return
        super().program(address, data)
        for offset, bits in self.stuck:
            for sector in (0, 1):
                self.memory[sector * self.SECTOR + offset] |= bits


class MishapTest(unittest.TestCase):
    def setUp(self):
        self.flash = BadFlash(12)
        self.vault = power_up(self.flash)
        self.vault.set_setting("mark", 1)
        self.vault.add(request(1), hotp(1, 5))
        for number in range(2, 40):
            self.vault.add(request(number), totp(number))
        self.before = content(self.vault)[0]

    def test_a_pin_after_one_that_failed_half_way_loses_no_account(self):
        image = bytes(self.flash.memory)
        for operation in range(1, 30, 3):
            self.flash = BadFlash(12, image)
            vault = power_up(self.flash)
            rekey = vault._store.rekey

            def fail(epoch, key, rekey=rekey):
                next(rekey(epoch, key))
                raise MemoryError

            vault._store.rekey = fail
            with self.assertRaises(MemoryError):
                run(vault.set_pin(""))
            vault._store.rekey = rekey
            self.flash.cut_after(operation)
            try:
                run(vault.set_pin(PIN))
            except PowerCut:
                pass
            self.flash.power_on()
            vault = power_up(self.flash, PIN)
            self.assertEqual(content(vault)[0], self.before)
            self.assertEqual((vault.damaged(), vault.changed()), (0, False))

    def test_a_pin_that_failed_half_way_locks_if_that_was_asked(self):
        run(self.vault.set_pin(PIN))
        self.vault._store.rekey = lambda epoch, key: self.vault.lock() or [].missing
        with self.assertRaises(AttributeError):
            run(self.vault.set_pin("314159"))
        self.assertEqual(self.vault.state, "locked")
        self.assertEqual(content(power_up(self.flash, "314159"))[0], self.before)

    def test_a_key_sector_that_went_bad_keeps_nobody_out(self):
        for pin in ("", PIN):
            self.flash.bad = None
            run(self.vault.set_pin(pin))
            used = self.vault._slots._sector
            self.flash.memory[used * 4096 + 1024 + 50] ^= 1  # one block of two
            self.flash.bad = 1 - used
            self.assertEqual(content(power_up(self.flash, pin))[0], self.before)
            with self.assertRaises(FlashFault):
                run(self.vault.set_pin("314159"))
            self.assertEqual(content(power_up(self.flash, pin))[0], self.before)

    def test_a_key_sector_in_which_no_block_is_whole_is_not_used(self):
        """A wrong bit in each block could be set right, but the next one would lose the vault."""
        run(self.vault.set_pin(PIN))
        self.flash.stuck = ((3, 0x02), (1024 + 3, 0x02))  # the versions, which are 1
        with self.assertRaises(FlashFault):
            run(self.vault.set_pin("314159"))
        self.flash.stuck = ()
        self.assertEqual(content(power_up(self.flash, PIN))[0], self.before)

    def test_a_key_sector_in_which_one_block_is_whole_is_used(self):
        self.flash.stuck = ((1024 + 3, 0x02),)
        run(self.vault.set_pin(PIN))
        self.flash.stuck = ()
        self.assertEqual(content(power_up(self.flash, PIN))[0], self.before)

    def test_attempts_after_a_move_to_a_bad_key_sector_outlive_a_restart(self):
        """It stays where it is; the copy could be read, and would count none."""
        run(self.vault.set_pin(PIN))
        self.flash.stuck = ((3, 0x02), (1024 + 3, 0x02))
        with self.assertRaises(FlashFault):
            self.vault._slots.move(self.vault._store.newest + 1)
        self.vault.lock()
        with self.assertRaises(WrongPin):
            run(self.vault.unlock("314159"))
        vault = power_up(self.flash)
        self.assertEqual(vault.attempts_left(), 9)
        clock.now += 1000 * vault.seconds_to_wait()
        run(vault.unlock(PIN))
        self.assertEqual(content(vault)[0], self.before)

    def test_attempts_after_a_worn_slot_moved_with_little_memory_outlive_a_restart(self):
        """Either copy would do for a restart: the one that is not in use has to go."""
        flash, run_out = NorFlash(12, self.flash.memory), 0
        vault = power_up(flash)
        while vault._slots.slot.pin == 0 or vault._slots._sector != 0:
            run(vault.set_pin(PIN))
        flash.memory[1024 + 5] ^= 0x01  # one block of two: unlocking moves the slot
        for operation in range(400):
            short = Short(12, flash.memory)
            vault = power_up(short, tidy=False)
            short.left = operation
            try:
                run(vault.unlock(PIN))
            except MemoryError:
                pass
            if short.left is not None:
                break
            if vault.state != "ready":
                continue
            run_out += 1
            vault.lock()
            with self.assertRaises(WrongPin):
                run(vault.unlock("314159"))
            again = power_up(NorFlash(12, short.memory))
            self.assertEqual((vault.attempts_left(), again.attempts_left()), (9, 9), operation)
        self.assertGreater(run_out, 5)

    def test_a_bit_that_is_stuck_neither_saves_an_attempt_nor_keeps_anybody_out(self):
        run(self.vault.set_pin(PIN))
        self.flash.stuck = ((2048, 0x60),)  # the second attempt and the third
        vault = closed(self.flash)
        run(vault.start())
        for left in (9, 8, 7):
            with self.assertRaises(WrongPin) as caught:
                run(vault.unlock("000000"))
            self.assertEqual((caught.exception.left, vault.attempts_left()), (left, left))
            clock.now += 1000 * vault.seconds_to_wait()
        run(vault.unlock(PIN))
        self.assertEqual((vault.state, vault.attempts_left()), ("ready", 10))

    def test_a_setting_is_written_when_the_vault_was_opened(self):
        run(self.vault.set_pin(PIN))
        for rounds in range(8):
            vault = closed(self.flash)
            run(vault.start())

            async def write_meanwhile(vault=vault, rounds=rounds):
                opening = asyncio.create_task(vault.unlock(PIN))
                for _ in range(rounds):
                    await asyncio.sleep_ms(0)
                await vault.settled()
                vault.set_setting("mark", rounds)
                await opening

            run(write_meanwhile())
            self.assertEqual((vault.state, vault.setting("mark")), ("ready", rounds))
            vault = power_up(self.flash, PIN)
            self.assertEqual((vault.setting("mark"), vault.changed()), (rounds, False))

    def test_the_clocks_daily_mark_waits_until_the_vault_was_opened(self):
        run(self.vault.set_pin(PIN))
        self.vault.set_setting("mark", 1)
        rounds, over = 0, False
        while not over:
            vault = closed(NorFlash(self.flash.sectors, bytes(self.flash.memory)))
            run(vault.start())

            async def look_meanwhile(vault=vault, rounds=rounds):
                opening = asyncio.create_task(vault.unlock(PIN))
                for _ in range(rounds):
                    await asyncio.sleep_ms(0)
                over = vault.state == READY
                Clock(TodaysChip, vault).look()
                await opening
                Clock(TodaysChip, vault).look()
                return over

            over = run(look_meanwhile())
            today = utc.to_unix(*TODAY) // utc.DAY
            again = power_up(vault._flash, PIN)
            for each in (vault, again):
                marks = each.setting("mark"), each.setting(CLOCK_DAY)
                self.assertEqual(marks, (1, today), rounds)
            self.assertFalse(again.changed(), rounds)
            rounds += 1
        self.assertGreater(rounds, 4)

    def test_no_setting_is_lost_by_one_that_comes_while_the_vault_is_opened(self):
        for moved in (False, True):  # their sector is the first that is read, or the last
            for number in range(40 if moved else 0):
                self.vault.set_setting("text", "x" * 100 + str(number))
            self.vault.set_setting("mark", 1)
            if not moved:
                run(self.vault.set_pin(PIN))
            memory = bytes(self.flash.memory)
            refused = 0
            for rounds in range(12):
                flash = NorFlash(self.flash.sectors, bytearray(memory))
                vault = closed(flash)
                run(vault.start())
                refused += not self.written_meanwhile(vault, rounds)
                self.assertEqual((vault.state, vault.setting("mark")), ("ready", 1))
                vault.set_setting("text", "later")
                vault = power_up(flash, PIN)
                self.assertEqual((vault.setting("mark"), vault.setting("text")), (1, "later"))
                self.assertEqual((vault.changed(), vault.damaged()), (False, 0))
            self.assertTrue(refused > 1)

    def written_meanwhile(self, vault, rounds):
        """Write a setting some steps after an unlocking began; return whether it was taken."""

        async def write():
            opening = asyncio.create_task(vault.unlock(PIN))
            for _ in range(rounds):
                await asyncio.sleep_ms(0)
            try:
                vault.set_setting("lock", rounds)
                taken = True
            except Busy:
                taken = False
            await opening
            return taken

        taken = run(write())
        self.assertEqual(vault.setting("lock"), rounds if taken else None)
        return taken

    def test_an_unlocking_that_was_cut_short_lets_settings_be_written(self):
        """Where memory is so short that not even others get their turn."""
        run(self.vault.set_pin(PIN))
        vault = closed(self.flash)
        run(vault.start())
        sleep_ms, left = asyncio.sleep_ms, [0]

        def short(duration):
            left[0] -= vault._store.log.reading
            if left[0] == 0:
                raise MemoryError
            return sleep_ms(duration)

        for asyncio.sleep_ms, left[0], error in ((short, 2, MemoryError), (sleep_ms, 0, None)):
            if error:
                with self.assertRaises(error):
                    run(vault.unlock(PIN))
            run(asyncio.wait_for(vault.settled(), 5))
            vault.set_setting("mark", 3)
        self.assertEqual(vault.state, "locked")
        vault = power_up(self.flash, PIN)
        self.assertEqual((vault.setting("mark"), content(vault)[0]), (3, self.before))

    def test_a_code_that_is_made_while_everything_is_sealed_anew_raises_no_alarm(self):
        """Or it is refused for a moment."""
        memory = bytes(self.flash.memory)
        refused = made = 0
        for rounds in range(40):
            flash = NorFlash(self.flash.sectors, bytearray(memory))
            vault = power_up(flash)
            counter = 5

            async def make(vault=vault, rounds=rounds):
                sealing = asyncio.create_task(vault.set_pin(PIN))
                for _ in range(rounds):
                    await asyncio.sleep_ms(0)
                try:
                    vault.advance(1)
                    taken = True
                except Busy:
                    taken = False
                await sealing
                return taken

            taken = run(make())
            made, refused, counter = made + taken, refused + (not taken), counter + taken
            self.assertEqual(vault.get(1).counter, counter)
            vault = power_up(flash, PIN)
            self.assertEqual((vault.get(1).counter, vault.changed()), (counter, False))
        self.assertTrue(made > refused > 1)

    def test_records_that_are_read_half_again_do_not_count_for_all(self):
        """Else what is written then would have a number that an older record has, too."""
        log, short, seen = self.vault._store.log, Short(12, bytes(self.flash.memory)), []
        for _ in log.open(seen.append):
            pass
        newest, log._flash = log.newest, short
        short.left, short.more = 1, 10**6
        with self.assertRaises(MemoryError):
            for _ in log.open(seen.append):
                pass
        self.assertEqual((log.newest, log.reading), (newest, False))
        self.assertTrue(newest > 0 and len(log._active) > 0)

    def test_a_pin_for_a_vault_that_is_open_is_no_attempt(self):
        run(self.vault.unlock("0000"))
        self.assertEqual((self.vault.state, self.vault.attempts_left()), ("ready", 10))

    def test_a_wipe_ends_the_delay(self):
        run(self.vault.set_pin(PIN))
        self.vault.lock()
        for _ in range(8):
            with self.assertRaises(WrongPin):
                run(self.vault.unlock("0000"))
            delay = self.vault.seconds_to_wait()
            clock.now += 1000 * (delay if delay < 900 else 0)
        run(self.vault.wipe())
        self.assertEqual(self.vault.seconds_to_wait(), 0)
