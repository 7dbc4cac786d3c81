# heap: 3M
"""A flipped bit in what a restore has staged: nothing is restored, or one account is lost and said.

Never the whole vault: it opens with its PIN at every later start. Runs on MicroPython.
"""

import random
import unittest

import impatient  # noqa: F401
from norflash import NorFlash, PowerCut, digest
from restores import backup_of, interrupted, staged
from scenarios import PIN, image, several
from vaults import content, hotp, power_up, records, request, run, totp

from otpcore.account import Account
from otpcore.errors import VaultDamaged
from tokenfw.vault.backup import staging
from tokenfw.vault.contents import index
from tokenfw.vault.contents.record_types import RESTORE, RESTORED, STAGED

SECTORS = 8


_committed = {}  # what committed() returns, whose flash each time is a copy


class RestoreDamageTest(unittest.TestCase):
    def setUp(self):
        accounts = totp(1), hotp(6, 50), totp(90), totp(91)
        self.parts = backup_of(*accounts, settings={"favourites": [4]})

    def staged(self, pin, purpose):
        """Return (flash, vault, Restore) of a backup that was sent as a whole."""
        flash = NorFlash(SECTORS, image(several, pin))
        return (flash,) + staged(flash, PIN, self.parts, purpose)

    def committed(self, pin, purpose):
        """Return (flash with a committed restore that was interrupted, names before, and after)."""
        key = pin, purpose
        if key not in _committed:
            start = image(several, pin)
            memory = bytes(interrupted(start, PIN, self.parts, purpose).memory)
            _committed[key] = memory, start
        images = [NorFlash(SECTORS, each) for each in _committed[key]]
        after, before = [names(power_up(each, PIN)) for each in images]
        return NorFlash(SECTORS, _committed[key][0]), before, after

    def damage(self, flash, record):
        """Return a copy of a flash with one bit of a record's body flipped."""
        copy = NorFlash(SECTORS, flash.memory)
        copy.memory[record.address + record.length - 5] ^= 0x10
        return copy

    def lasts(self, flash, pin, expected):
        """Check what a start finds, now and after another account has come."""
        vault = power_up(flash, PIN)
        self.assertEqual((vault.state, vault.has_pin()), ("ready", pin is not None))
        self.assertEqual(names(vault), expected)
        self.assertTrue(vault.changed())
        vault.add(request(77), totp(77))
        vault = power_up(flash, PIN)
        self.assertEqual(names(vault), sorted(expected + ["Issuer 77"]))
        self.assertTrue(vault.changed())

    def test_before_it_is_committed_nothing_is_restored(self):
        for pin in (None, PIN):
            for purpose in ("merge", "replace"):
                flash, vault, restore = self.staged(pin, purpose)
                before = content(vault)
                record = [each for each in records(flash) if each.kind == STAGED][-1]
                flash.memory[record.address + record.length - 5] ^= 0x10
                with self.assertRaises(VaultDamaged):
                    run(restore.finish(0))
                for _ in vault.backups().drop():
                    pass
                for each in (vault, power_up(flash, PIN)):
                    self.assertEqual(content(each), before)
                    self.assertEqual((each.damaged(), each.changed()), (0, False))

    def test_after_that_one_account_is_lost_and_every_start_says_so(self):
        for pin in (None, PIN):
            for purpose in ("merge", "replace"):
                flash, _, after = self.committed(pin, purpose)
                damaged = [each for each in records(flash) if each.kind == STAGED]
                self.assertGreater(len(damaged), 1)
                lost = []
                for record in damaged:
                    copy = self.damage(flash, record)
                    found = names(power_up(NorFlash(SECTORS, copy.memory), PIN))
                    lost += [each for each in after if each not in found]
                    self.assertLess(len(after) - len(found), 2)
                    self.lasts(copy, pin, found)
                self.assertEqual(len(lost), len(set(lost)))
                self.assertTrue("Issuer 91" in lost)

    def test_without_the_record_that_commits_it_nothing_is_lost(self):
        for pin in (None, PIN):
            for purpose in ("merge", "replace"):
                flash, before, after = self.committed(pin, purpose)
                (record,) = [each for each in records(flash) if each.kind == RESTORE]
                copy = self.damage(flash, record)
                found = names(power_up(NorFlash(SECTORS, copy.memory), PIN))
                self.assertTrue(set(found) >= set(before) | set(after), (found, before, after))
                self.lasts(copy, pin, found)

    def test_without_it_a_power_cut_loses_nothing_either(self):
        for purpose in ("merge", "replace"):
            flash, _, _ = self.committed(PIN, purpose)
            (record,) = [each for each in records(flash) if each.kind == RESTORE]
            damaged = self.damage(flash, record)
            whole = names(power_up(NorFlash(SECTORS, damaged.memory), PIN))
            cut = 0
            while True:
                copy = NorFlash(SECTORS, damaged.memory)
                cut += 1
                copy.cut_after(cut)
                try:
                    power_up(copy, PIN)
                    break
                except PowerCut:
                    copy.power_on()
                self.lasts(copy, PIN, whole)
            self.assertGreater(cut, 10)

    def test_without_it_lack_of_memory_does_not_keep_the_vault_shut(self):
        flash, _, _ = self.committed(None, "merge")
        (record,) = [each for each in records(flash) if each.kind == RESTORE]
        damaged = self.damage(flash, record)
        whole = names(power_up(NorFlash(SECTORS, damaged.memory)))
        usual, index.Index.reserve = index.Index.reserve, short(index.Index.reserve)
        try:
            vault = power_up(damaged)
        finally:
            index.Index.reserve = usual
        self.assertEqual((vault.state, names(vault)), ("ready", whole))
        self.lasts(damaged, None, whole)

    def test_a_flipped_bit_in_a_header_loses_nothing(self):
        """The header of the record that commits it above all: without it all would be dropped."""
        for purpose in ("merge", "replace"):
            flash, _, after = self.committed(PIN, purpose)
            seen = set()  # images after the first start: the next one is the same for each
            for record in records(flash):
                if record.kind not in (STAGED, RESTORE):
                    continue
                stride = 5 if record.kind == RESTORE else 17  # all of them: attacks/flash/bits.py
                for bit in range(random.randrange(stride), 128, stride):
                    copy = NorFlash(SECTORS, flash.memory)
                    copy.memory[record.address + bit // 8] ^= 1 << bit % 8
                    vault = power_up(copy, PIN)
                    self.assertEqual((vault.state, names(vault)), ("ready", after), (record, bit))
                    if digest(copy.memory) not in seen:
                        seen.add(digest(copy.memory))
                        again = power_up(copy, PIN)
                        self.assertEqual(names(again), after)
                        self.assertEqual((again.changed(), again.damaged()), (False, 0))

    def test_without_a_header_that_commits_it_every_start_says_that_something_is_lost(self):
        """Also where the power went before the anchor knew of that record."""
        for purpose in ("merge", "replace"):
            flash, before, _ = self.committed(None, purpose)
            (record,) = [each for each in records(flash) if each.kind == RESTORE]
            for size in (2, 4, 16, record.length):
                copy = NorFlash(SECTORS, flash.memory)
                for at in range(record.address, record.address + size):
                    copy.memory[at] = at % 251 & 0x7E | 1
                for _ in range(3):
                    vault = power_up(copy)
                    self.assertEqual((vault.state, names(vault)), ("ready", before))
                    self.assertTrue(vault.damaged() or vault.changed(), (purpose, size))

    def test_a_header_destroyed_while_it_is_finished_loses_no_account(self):
        """Nor does it once the sector that had it is compacted; and no start after it is silent."""
        for purpose in ("merge", "replace"):
            start = image(several, None)
            before = names(power_up(NorFlash(SECTORS, start)))
            after, reached, cut, over = None, set(), 0, False
            while not over:
                flash = NorFlash(SECTORS, start)
                vault, restore = staged(flash, PIN, self.parts, purpose)
                cut += 5
                flash.cut_after(cut)
                try:
                    run(restore.finish(0))
                    over = True
                except PowerCut:
                    flash.power_on()
                here = [each for each in records(flash) if each.kind == RESTORE]
                if not here or any(each.kind == RESTORED for each in records(flash)):
                    continue
                after = after or names(power_up(NorFlash(SECTORS, flash.memory)))
                newest = max([each.sequence for each in records(flash)])
                for at in range(here[0].address, here[0].address + 16):
                    flash.memory[at] = at % 251 & 0x7E | 1
                begun = newest > here[0].sequence
                vault = power_up(flash)
                found = names(vault)
                reached.add(begun)
                if begun:
                    self.assertTrue(set(found) >= set(after), (purpose, cut, found, after))
                else:  # as if it had not been committed
                    self.assertEqual(found, before)
                self.assertTrue(vault.changed() or vault.damaged())
                if cut % 2:  # of every second one, as it takes long
                    self.compacted(flash, vault)
                again = power_up(flash)
                self.assertEqual(names(again), found)
                self.assertTrue(again.changed() or not begun)
            self.assertEqual(reached, {True, False})

    def test_a_new_pin_before_it_is_finished_loses_none_either(self):
        """Memory was short at the start that found the header destroyed."""
        start, tried, finish = image(several, None), 0, staging.finish
        for cut in range(10, 50, 6):
            flash = NorFlash(SECTORS, start)
            _, restore = staged(flash, PIN, self.parts, "replace")
            flash.cut_after(cut)
            with self.assertRaises(PowerCut):
                run(restore.finish(0))
            flash.power_on()
            (here,) = [each for each in records(flash) if each.kind in (RESTORE, RESTORED)]
            if here.kind == RESTORED or here.sequence == max(e.sequence for e in records(flash)):
                continue
            for at in range(here.address, here.address + 16):
                flash.memory[at] = at % 251 & 0x7E | 1
            whole = names(power_up(NorFlash(SECTORS, flash.memory)))
            staging.finish = lacks_memory
            try:
                vault = power_up(flash)
            finally:
                staging.finish = finish
            run(vault.set_pin(PIN))
            vault = power_up(flash, PIN)
            self.assertTrue(set(names(vault)) >= set(whole), cut)
            self.assertFalse(vault.restoring)
            tried += 1
        self.assertGreater(tried, 4)

    def compacted(self, flash, vault):
        """Use a vault until each of its sectors was compacted: few long records fill one."""
        (door,) = [each for each in vault.ids() if vault.get(each).type == "hotp"]
        issuer = vault.get(door).issuer
        vault.replace(request(78), door, Account(issuer, "%064d" % 0, b"%0128d" % 0, "hotp"))
        for _ in range(4 * SECTORS):
            vault.advance(door)
        while vault.damaged():
            vault.advance(door)

    def test_a_committed_restore_is_finished_not_dropped(self):
        flash, vault, _ = self.staged(None, "replace")
        staging.begin(vault._store, True, {})
        steps = staging.finish(vault._store, vault.change_settings)
        next(steps)  # an error came after the first one of them
        for _ in vault.backups().drop():
            pass
        self.assertEqual(names(power_up(flash)), ["Door 6", "Issuer 1", "Issuer 90", "Issuer 91"])
        self.assertFalse(power_up(flash).changed())


def short(reserve):
    """Return what replaces an Index's reserve(): memory lacks once, for a restored account."""
    raised = []

    def once(index):
        if not raised and index._columns == 3 and len(index) > 3:  # no scan
            raised.append(True)
            raise MemoryError
        reserve(index)

    return once


def lacks_memory(*_):
    raise MemoryError


def names(vault):
    return sorted([vault.get(number).issuer for number in vault.ids()])
