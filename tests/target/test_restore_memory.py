# heap: 3M
"""Memory is short at each operation on flash of a restore: all accounts count, or none, at once.

The token goes on without a restart: what it holds in memory must be what is in flash. At one
purpose every second operation, at the other one those between; all of them:
test_restore_memory_more.py. Runs on MicroPython.
"""

import asyncio
import unittest

from norflash import NorFlash
from restores import backup_of, staged
from scenarios import PIN, image, several
from short import Short
from vaults import content, hotp, power_up, request, run, totp

from otpcore.errors import WireError
from tokenfw.system import steps

SECTORS = 8


class NoPause:
    """Replaces asyncio in the vault's steps, so that no test waits for memory."""

    def sleep_ms(self, ms):
        return asyncio.sleep_ms(0)


class MemoryTest(unittest.TestCase):
    # By purpose the first operation; and how many more fail, with the step to the next one.
    FIRST = (("merge", 0), ("replace", 1))
    STEPS = ((0, 2), (5, 5), (12, 7))

    def setUp(self):
        steps.asyncio = NoPause()
        self.parts = backup_of(totp(1), hotp(6, 50), totp(90), totp(91))

    def tearDown(self):
        steps.asyncio = asyncio

    def test_at_each_operation_of_its_end(self):
        for purpose, first in self.FIRST:
            for more, step in self.STEPS:
                self.every(purpose, first, more, step)

    def every(self, purpose, operation, more, step):
        start, ends = image(several, PIN), set()
        before = names(power_up(NorFlash(SECTORS, start), PIN))
        while True:
            flash = Short(SECTORS, start)
            vault, restore = staged(flash, PIN, self.parts, purpose)
            operation += step
            flash.left, flash.more = operation, more
            where = purpose, more, operation
            try:
                run(restore.finish(0))
            except (MemoryError, WireError):
                pass
            over, flash.left = flash.left is not None and flash.left >= 0, None
            list(vault.backups().drop())  # as transfer.cancel does
            found = names(vault)
            ends.add("Issuer 91" in found)
            self.assertTrue(found == before or "Issuer 91" in found, where)
            self.assertEqual((vault.damaged(), vault.changed()), (0, False), where)
            number = vault.add(request(77), totp(77))
            vault.remove(request(78), number)
            again = power_up(NorFlash(SECTORS, flash.memory), PIN)
            self.assertEqual(sorted(content(again)[0]), sorted(content(vault)[0]), where)
            self.assertEqual(again.damaged(), 0, where)
            self.assertFalse(again.changed(), where)
            if over:
                break
        self.assertEqual(ends, {True, False})
        self.assertGreater(operation, 50)


def names(vault):
    return sorted([vault.get(number).issuer for number in vault.ids()])
