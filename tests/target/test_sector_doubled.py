# heap: 3M
"""An old sector that somebody put back twice: what is stored afterwards stays. On MicroPython.

Both have the same sequence, by which a newer sector names the one that it replaced.
"""

import struct
import unittest

from norflash import NorFlash
from vaults import power_up, request, run, totp

SECTOR = NorFlash.SECTOR
SECTORS = range(2, 8)  # of the log


def header(memory, sector):
    """Return (sequence, epoch, source) of a sector of the log, zeros if it is not in use."""
    data = memory[sector * SECTOR : sector * SECTOR + 16]
    return struct.unpack(">III", data[4:16]) if data[:3] == b"OTR" else (0, 0, 0)


def part(memory, sector, count=1):
    return memory[sector * SECTOR : (sector + count) * SECTOR]


class DoubledTest(unittest.TestCase):
    def test_what_is_stored_afterwards_stays(self):
        flash = NorFlash(8)
        vault = power_up(flash)
        vault.add(request(1), totp(1))
        old = bytes(flash.memory)
        run(vault.set_pin("271828"))  # everything is sealed anew, in other sectors
        replaced = {header(flash.memory, each)[2] for each in SECTORS}
        tried = 0
        for sector in SECTORS:
            sequence = header(old, sector)[0]
            if not sequence or sequence not in replaced:
                continue
            free = [each for each in SECTORS if not header(flash.memory, each)[0]]
            for one in free:
                for other in free:
                    if one == other:
                        continue
                    again = NorFlash(8, bytes(flash.memory))
                    again.memory[: 2 * SECTOR] = part(old, 0, 2)  # with its key
                    for each in (one, other):
                        again.memory[each * SECTOR : (each + 1) * SECTOR] = part(old, sector)
                    tried += 1
                    self.goes_on(again)
        self.assertTrue(tried > 1, tried)

    def test_what_is_stored_before_one_of_the_two_is_replaced_stays(self):
        """Such as when sectors are compacted."""
        flash = NorFlash(8)
        vault = power_up(flash)
        vault.add(request(1), totp(1))
        sealed = [each for each in SECTORS if header(flash.memory, each)[1] == 1][-1]
        free = [each for each in SECTORS if not header(flash.memory, each)[0]][-1]
        flash.memory[free * SECTOR : (free + 1) * SECTOR] = part(flash.memory, sealed)
        for one in (sealed, free):
            again = NorFlash(8, bytes(flash.memory))
            vault = power_up(again)
            added = vault.add(request(2), totp(2))
            vault._store.log._replace(one)
            self.assertEqual(vault.get(added).secret, totp(2).secret)
            for _ in range(2):
                vault = power_up(again)
                self.assertEqual(vault.get(added).secret, totp(2).secret, one)

    def goes_on(self, flash):
        """Add accounts, and see whether each start finds them."""
        vault, added = power_up(flash), {}
        self.assertTrue(vault.changed())
        for number in range(500, 530):  # of two sectors
            added[vault.add(request(number), totp(number))] = totp(number)
            vault = power_up(flash)
            for account_id, account in added.items():
                self.assertEqual(vault.get(account_id).secret, account.secret, number)
