# heap: 6M
"""The power goes when one bit of a record's header is missing, or when one bit of it is removed.

Such a header is corrected when it is read: what was not committed must not count for that, nor come
back what was removed. Clean cuts, and cuts of the power-up, are in test_vault_cuts.py. Runs on
MicroPython. In more ways: test_vault_cuts_headers_more.py.
"""

import random
import unittest

import scenarios
from norflash import NorFlash

from tokenfw.vault.contents.record_types import RESTORED

HEADER = 16  # bytes


class AlmostTorn(NorFlash):
    """A torn program leaves all but one bit of a record's header as it was, or as it is to be.

    Of the body as much is programmed as chance draws; of anything else a torn program is as usual.
    """

    def _tear(self, data):
        if len(data) < HEADER or data[0] > RESTORED:
            return super()._tear(data)
        rest = data[HEADER:]
        body = (rest, b"\xff" * len(rest), super()._tear(data)[HEADER:])[random.randrange(3)]
        header = bytearray(data[:HEADER])
        if any(header):  # it is written: one bit is missing
            self._flip(header, 0)
        else:  # it is removed: one bit is, if it was set
            header = bytearray(b"\xff" * HEADER)
            self._flip(header, 1)
        return bytes(header) + body

    def _flip(self, header, value):
        bits = [bit for bit in range(128) if header[bit // 8] >> bit % 8 & 1 == value]
        bits = [bit for bit in bits if bit // 8 != 1 and (not value or self._is_set(bit))]
        if bits:
            bit = bits[random.randrange(len(bits))]
            header[bit // 8] ^= 1 << bit % 8

    def _is_set(self, bit):
        return self.memory[self._at + bit // 8] >> bit % 8 & 1

    def program(self, address, data):
        self._at = address
        super().program(address, data)


class HeaderTest(unittest.TestCase):
    def cut(self, group, rounds, nested=0, used=3):
        for scenario in group:
            scenario.kind = AlmostTorn
            scenario.run(rounds, nested, clean=False, used=used)

    def test_accounts_and_settings(self):
        self.cut(scenarios.accounts(), 1)

    def test_compaction(self):
        self.cut(scenarios.compactions(), 1)

    def test_restore(self):
        self.cut(scenarios.restores()[random.randrange(2) :][:1], 1, nested=1)  # merge, or replace
