# heap: 4M
"""Vaults whose sectors had both headers in front, and whose keys no anchor: real images.

See images/make_v2.py for how they were made; the power was cut in some. Runs on MicroPython.
"""

import binascii
import json
import unittest

import deflate
from norflash import NorFlash
from powercuts import Scenario
from vaults import closed, content, power_up, request, run, totp

SECTOR = NorFlash.SECTOR
SIZE = 8 * SECTOR
IMAGES = "tests/data/images/"


def images():
    """Yield (name, image, PIN, accounts, settings) as that version said them."""
    with open(IMAGES + "vault-v2.json") as file:
        said = json.load(file)
    with open(IMAGES + "vault-v2.bin.gz", "rb") as file:
        data = deflate.DeflateIO(file, deflate.GZIP)
        for name, pin, listed, settings in said:
            memory = bytearray(SIZE)
            at = 0
            while at < SIZE:
                piece = data.read(SIZE - at)
                memory[at : at + len(piece)] = piece
                at += len(piece)
            listed = [(number, binascii.unhexlify(record)) for number, record in listed]
            yield name, memory, pin, listed, [tuple(each) for each in settings]


def versions(memory):
    """Return the versions of the sectors in use."""
    starts = [bytes(memory[start : start + 4]) for start in range(0, SIZE, SECTOR)]
    return {start[3] for start in starts if start[:3] in (b"OTK", b"OTR")}


class UpgradeTest(unittest.TestCase):
    def check(self, flash, name, pin, listed, settings):
        vault = power_up(flash, pin)
        found = content(vault)
        self.assertEqual(found, (listed, settings, len(pin)), name)
        self.assertEqual((vault.damaged(), vault.changed()), (0, False), name)
        return vault

    def test_everything_is_there_and_goes_on(self):
        count = 0
        for name, memory, pin, listed, settings in images():
            flash = NorFlash(8, memory)
            vault = self.check(flash, name, pin, listed, settings)
            self.check(flash, name, pin, listed, settings)
            number = vault.add(request(200), totp(200))
            listed.append((number, totp(200).to_record()))
            self.check(flash, name, pin, listed, settings)
            count += 1
        self.assertEqual(count, 20)

    def test_with_time_all_of_it_is_of_this_version(self):
        for name, memory, pin, listed, settings in images():
            if name not in ("several", "mixed, PIN"):
                continue
            self.assertEqual(versions(memory), {2})
            flash = NorFlash(8, memory)
            vault = power_up(flash, pin)
            number = vault.add(request(200), totp(200))
            turns = 0
            while versions(flash.memory) != {3}:
                vault.replace(request(201), number, totp(200, 1 + turns % 2))
                vault.set_setting("lock", settings[0][1])
                turns += 1
                self.assertLess(turns, 3000)
            vault.remove(request(202), number)
            self.check(flash, name, pin, listed, settings)

    def test_a_change_of_the_pin_that_was_cut_ends_and_another_follows(self):
        for name, memory, pin, listed, settings in images():
            if "PIN change" in name:
                flash = NorFlash(8, memory)
                run(power_up(flash, pin).set_pin("31415"))
                self.check(flash, name, "31415", listed, settings)
                self.assertIn(3, versions(flash.memory))

    def test_the_power_goes_at_the_first_start(self):
        for name, memory, pin, listed, _ in images():
            if pin == "" and name in ("empty", "several", "takeover, cut 13"):
                scenario = Scenario(name, bytes(memory), [lambda v: v.start()], (), closed)
                self.assertGreater(scenario.run(), 4)
                self.assertEqual(scenario.contents[0][0], listed)
