# heap: 3M
"""Memory is short while a sector is compacted: no record gets a copy that counts again later.

At each operation on flash, and then for every allocation that follows a takeover. The vault goes
on without a restart, and at each change that follows a start finds what it holds. Runs on
MicroPython.
"""

import unittest

import micropython
from norflash import NorFlash, PowerCut
from restores import backup_of, bodies, opened
from scenarios import SECTORS, about_to_compact, advance, mark
from short import Short
from vaults import content, power_up, run, totp

from tokenfw.vault.backup import staging


class AfterTakeover:
    """While it is entered the heap is locked from each takeover on, until a MemoryError."""

    def __init__(self, vault):
        self._sectors = vault._store.log.sectors()
        self.times = 0

    def __enter__(self):
        takes_over = self._sectors.taken_over

        def taken_over(sector):
            takes_over(sector)
            self.times += 1
            micropython.heap_lock()

        self._sectors.taken_over = taken_over
        return self

    def __exit__(self, kind, error, trace):  # by name: a tuple would take memory
        if self.times:
            micropython.heap_unlock()
        del self._sectors.taken_over


class CompactionTest(unittest.TestCase):
    def goes_on(self, flash, vault, change, where, times=40):
        """Change the vault until other sectors were compacted, too; check what starts find."""
        for number in range(times):
            try:
                change(vault)
            except MemoryError:
                self.fail("memory is not short any more")
            if number % 8 == 0 or number < 3:
                self.same(flash, vault, (where, number))

    def same(self, flash, vault, where):
        again = power_up(NorFlash(flash.sectors, flash.memory))
        self.assertEqual((again.damaged(), again.changed()), (0, False), where)
        found, known = content(again), content(vault)
        self.assertEqual(sorted(found[0]), sorted(known[0]), where)
        self.assertEqual(found[1:], known[1:], where)

    def test_at_each_operation(self):
        for change, other in ((advance, advance), (mark, mark), (advance, mark)):
            image, operation, over = about_to_compact(change), 0, False
            while not over:
                flash = Short(SECTORS, image)
                vault = power_up(flash)
                flash.left, flash.more = operation, 4
                try:
                    change(vault)
                except MemoryError:
                    pass
                over, flash.left = flash.left is not None and flash.left >= 0, None
                self.same(flash, vault, operation)
                self.goes_on(flash, vault, other, operation, 12)
                operation += 5
            self.assertGreater(operation, 25)

    def test_for_all_that_follows_a_takeover(self):
        for change in (advance, mark):
            flash = NorFlash(SECTORS, about_to_compact(change))
            vault = power_up(flash)
            memory = AfterTakeover(vault)
            with self.assertRaises(MemoryError), memory:
                change(vault)
            self.assertEqual(memory.times, 1)
            self.same(flash, vault, "at once")
            self.goes_on(flash, vault, change, "later", 120)

    def test_and_the_power_goes_at_any_operation_of_the_next_change(self):
        image, cut, over = about_to_compact(advance), 0, False
        while not over:
            flash = NorFlash(SECTORS, image)
            vault = power_up(flash)
            with self.assertRaises(MemoryError), AfterTakeover(vault):
                advance(vault)
            before = content(vault)
            cut += 1
            flash.cut_after(cut, cut % 2 > 0)
            try:
                advance(vault)
                over = True
            except PowerCut:
                pass
            flash.power_on()
            again = power_up(flash)
            self.assertEqual((again.damaged(), again.changed()), (0, False), cut)
            if over:
                self.assertNotEqual(content(again), before)
            elif content(again) != before:
                again.advance(6)
                vault = power_up(NorFlash(SECTORS, image))
                advance(vault)
                advance(vault)
                self.assertEqual(content(again), content(vault), cut)
            self.goes_on(flash, again, advance, cut, 12)
        self.assertGreater(cut, 6)

    def test_of_what_a_restore_has_staged(self):
        flash = NorFlash(SECTORS, about_to_compact(advance))
        vault = power_up(flash)
        count = vault.count()
        parts = backup_of(*[totp(number) for number in range(50, 58)])
        opening = opened(vault, parts, "merge")
        for number, part in enumerate(bodies(parts)):
            run(opening.take(number, part, None))
        staging.begin(vault._store, False, {})
        memory = AfterTakeover(vault)
        with self.assertRaises(MemoryError), memory:
            while not memory.times:
                advance(vault)
        self.assertEqual(power_up(NorFlash(SECTORS, flash.memory)).count(), count + 8)
        for _ in vault.backups().drop():
            pass
        self.assertEqual(vault.count(), count + 8)
        self.same(flash, vault, "finished")
        self.goes_on(flash, vault, advance, "later", 120)
