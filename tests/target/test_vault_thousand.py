# heap: 400K
"""A thousand accounts, with the heap of a board: what they cost.

Runs on MicroPython; the flash is a file, so that the heap is the vault's alone.
"""

import gc
import os
import unittest

from fileflash import FileFlash
from vaults import power_up, request, run

from otpcore import errors
from otpcore.account import Account
from tokenfw.vault.contents.index import Index

PATH = "/tmp/vault-thousand-%d" % hash(object())  # noqa: S108 (a test of ours alone)
PIN = "271828"


def realistic(number):
    """Return an account with names and a secret of the usual lengths."""
    issuer = ("GitHub", "Microsoft (Contoso)", "Amazon Web Services", "VPN")[number % 4]
    return Account(issuer, "first.last%d@example.com" % number, b"%020d" % number)


class ThousandTest(unittest.TestCase):
    def tearDown(self):
        self.flash.close()
        os.unlink(PATH)

    def operations(self):
        return self.flash.programs + self.flash.erases

    def test_a_thousand_accounts(self):
        self.flash = FileFlash(PATH, 128)
        vault = power_up(self.flash)
        costs = []
        for number in range(1000):
            if number % 100 == 0:
                costs.append(-self.operations())
            vault.add(request(number), realistic(number))
            if number % 100 == 99:
                costs[-1] += self.operations()
        # Two programs for each record and two for the anchor, two for each sector that is begun;
        # and a new key sector now and then.
        self.assertLess(max(costs), 420)
        self.assertLess(max(costs) - min(costs), 12)
        with self.assertRaises(errors.VaultFull):
            vault.add(request(1000), realistic(1000))
        del vault
        gc.collect()

        vault = power_up(self.flash)
        before = self.operations()
        vault.replace(request(1001), 500, realistic(5000))
        self.assertEqual(self.operations() - before, 5)
        vault.move(request(1002), 1000, 0)
        run(vault.set_pin(PIN))
        vault.lock()
        run(vault.unlock(PIN))
        self.check(vault)
        del vault
        gc.collect()
        self.check(power_up(self.flash, PIN))

    def check(self, vault):
        self.assertEqual((vault.count(), vault.ids()[0], vault.ids()[-1]), (1000, 1000, 999))
        self.assertEqual((vault.damaged(), vault.changed()), (0, False))
        for number in (1, 499, 501, 1000):
            self.assertEqual(vault.get(number).to_record(), realistic(number - 1).to_record())
        self.assertEqual(vault.get(500).to_record(), realistic(5000).to_record())
        self.assertEqual(vault.find("VPN", "first.last703@example.com"), 704)
        self.assertEqual(vault.done(request(1002)), (True, 1000))

    def test_the_index_is_small(self):
        self.flash = FileFlash(PATH, 1)
        gc.collect()
        before = gc.mem_alloc()
        index = Index()
        for number in range(1, 1001):
            index.append(number, 16 * number, number)
        gc.collect()
        self.assertLess(gc.mem_alloc() - before, 8 * 1000)
