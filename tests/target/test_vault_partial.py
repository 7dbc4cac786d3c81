# heap: 6M
"""A vault with more accounts than memory holds: what fits is shown, and nothing is lost."""

import unittest

from norflash import NorFlash, PowerCut
from restores import backup_of, interrupted
from vaults import power_up, request, run

from otpcore import errors
from otpcore.account import Account
from tokenfw.system import on_demand

ACCOUNTS = 100
PIN = "271828"
SURVEY = "tokenfw.vault.contents.scan"


class Short:
    """Stands for `gc` of a board whose memory is used up; `again` times later there is some."""

    def __init__(self, looks, again):
        self._looks = looks
        self._again = again

    def collect(self):
        pass

    def threshold(self, amount):
        pass

    def mem_free(self):
        self._looks -= 1
        return 1 << 20 if self._looks >= 0 or self._looks < -self._again else 0


def account(number):
    return Account("Example", "someone%03d" % number, b"%020d" % number)


class PartialTest(unittest.TestCase):
    def setUp(self):
        self.flash = NorFlash(32)
        vault = power_up(self.flash)
        for number in range(ACCOUNTS):
            vault.add(request(number), account(number))
        self.names = {number: vault.get(number).name for number in vault.ids()}
        self.once = on_demand.once

    def tearDown(self):
        on_demand.once = self.once

    def short(self, looks=1, again=2, pin=""):
        """Power up with memory for some of the accounts."""

        def once(name):
            module = self.once(name)
            if name == SURVEY:
                module.gc = Short(looks, again)
            return module

        usual = self.once(SURVEY).gc
        on_demand.once = once
        try:
            return power_up(self.flash, pin)
        finally:
            on_demand.once = self.once
            self.once(SURVEY).gc = usual  # where it is the same module the next time

    def test_what_fits_is_there_and_right(self):
        vault = self.short()
        self.assertTrue(vault.partial())
        self.assertTrue(32 <= vault.count() < ACCOUNTS)
        for number in vault.ids():
            self.assertEqual(vault.get(number).name, self.names[number])
        self.assertFalse(vault.changed(), "nobody took the others away")
        self.assertEqual(vault.damaged(), 0)

    def test_memory_that_comes_back_in_the_middle_changes_nothing(self):
        """Of an account that was left out a later record may be a stale one."""
        self.assertEqual(self.short(1, 2).count(), self.short(1, 99).count())

    def test_nothing_is_added_or_changed_until_all_of_them_fit(self):
        vault = self.short()
        first = vault.ids()[0]
        before = bytes(self.flash.memory)
        for change in (
            lambda: vault.add(request(999), account(999)),
            lambda: vault.replace(request(999), first, account(999)),
            lambda: vault.move(request(999), first, 3),
            lambda: run(vault.set_pin("271828")),
        ):
            with self.assertRaises(errors.VaultFull):
                change()
        self.assertEqual(bytes(self.flash.memory), before)

    def test_all_are_back_when_memory_is(self):
        self.short()
        vault = power_up(self.flash)
        self.assertFalse(vault.partial())
        self.assertEqual({n: vault.get(n).name for n in vault.ids()}, self.names)
        self.assertFalse(vault.changed())

    def test_a_change_of_the_pin_that_was_cut_ends_with_some_of_them_and_loses_none(self):
        """When there is memory for some, all are sealed anew: those that are left out, too."""
        image = bytes(self.flash.memory)
        partial = 0
        for operation in (12, 30, 50, 70, 90):
            self.flash = NorFlash(32, image)
            vault = power_up(self.flash)
            self.flash.cut_after(operation)
            with self.assertRaises(PowerCut):
                run(vault.set_pin(PIN))
            self.flash.power_on()
            vault = self.short(pin=PIN)
            partial += vault.partial()
            self.assertFalse(vault.changed())
            vault = power_up(self.flash, PIN)
            self.assertEqual((vault.changed(), vault.damaged()), (False, 0))
            self.assertEqual({n: vault.get(n).name for n in vault.ids()}, self.names)
        self.assertGreater(partial, 2)

    def test_what_is_removed_meanwhile_is_gone_and_nothing_else(self):
        vault = self.short()
        gone = vault.ids()[:5]
        for number in gone:
            vault.remove(request(500 + number), number)
        self.assertTrue(vault.partial(), "until the next start")
        vault = power_up(self.flash)
        self.assertFalse(vault.partial())
        left = {number: name for number, name in self.names.items() if number not in gone}
        self.assertEqual({n: vault.get(n).name for n in vault.ids()}, left)
        self.assertFalse(vault.changed())

    def test_a_restore_that_was_cut_is_finished_once_all_of_them_fit(self):
        """Before that it would leave some of those that it replaces, and set a counter back."""
        door = Account("Example", "someone099", b"a door's secret", "hotp", counter=5)
        vault = power_up(self.flash)
        vault.replace(request(700), 100, door)
        image = bytes(self.flash.memory)
        door.counter = 9
        parts = backup_of(door, Account("Example", "new", b"a new secret"), sectors=32)
        for purpose, kept in (("merge", dict(self.names)), ("replace", {})):
            self.flash = interrupted(image, "", parts, purpose)
            vault = self.short()
            self.assertTrue(vault.partial())
            list(vault.backups().drop())  # as transfer.cancel does
            vault = power_up(self.flash)
            self.assertFalse(vault.partial() or vault.changed() or vault.damaged())
            names = sorted([vault.get(number).name for number in vault.ids()])
            expected = sorted(set(list(kept.values()) + ["someone099", "new"]))
            self.assertEqual(names, expected, purpose)
            number = vault.find("Example", "someone099")
            self.assertEqual(vault.get(number).counter, 9)

    def test_compaction_keeps_those_that_were_left_out(self):
        vault = self.short()
        shown = vault.ids()
        for turn in range(400):  # more than the flash has room for
            vault.set_setting("brightness", turn % 4 + 1)
        for number in shown[:20]:
            vault.remove(request(600 + number), number)
        run(vault.tidy_up())
        vault = power_up(self.flash)
        left = {n: name for n, name in self.names.items() if n not in shown[:20]}
        self.assertEqual({n: vault.get(n).name for n in vault.ids()}, left)
