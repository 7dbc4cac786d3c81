# heap: 3M
"""The vault of the version before this one, a real image of it, becomes a sealed one.

See images/make_v1.py for how the image was made. Runs on MicroPython.
"""

import binascii
import json
import struct
import unittest

import deflate
from norflash import NorFlash
from powercuts import Scenario
from vaults import closed, content, hotp, power_up, request, run, totp

from otpcore import errors

SECTOR = NorFlash.SECTOR
IMAGES = "tests/data/images/"


def image():
    with open(IMAGES + "vault-v1.bin.gz", "rb") as file:
        return deflate.DeflateIO(file, deflate.GZIP).read()


def said():
    """Return (accounts, settings) as the older version said them."""
    with open(IMAGES + "vault-v1.json") as file:
        known = json.load(file)
    accounts = [(number, binascii.unhexlify(record)) for number, record in known["accounts"]]
    return accounts, known["settings"]


class Older:
    """Writes what the older version wrote, from its description in migration.py."""

    def __init__(self, flash):
        self.flash = flash
        self.sector = -1
        self.sequence = 0

    def begin(self, sector):
        self.sector, self.end = sector, 16
        header = struct.pack(">4sBBHI", b"OTPL", 1, 0xFF, 0xFFFF, sector + 1)
        self.flash.program(sector * SECTOR, header + binascii.crc32(header).to_bytes(4, "big"))

    def add(self, kind, payload, sequence=None):
        if sequence is None:
            self.sequence += 1
            sequence = self.sequence
        if self.sector < 0 or self.end + len(payload) + 12 > SECTOR:
            self.begin(self.sector + 1)
        record = struct.pack(">HBBI", len(payload), kind, 0xFF, sequence) + payload
        record += binascii.crc32(record).to_bytes(4, "big")
        self.flash.program(self.sector * SECTOR + self.end, record)
        self.end += len(record)
        return self.sector * SECTOR + self.end - len(record)

    def account(self, number, account, sequence=None):
        head = struct.pack(">H8s", number, request(number))
        return self.add(1, head + account.to_record(), sequence)


class MigrationTest(unittest.TestCase):
    def test_everything_is_there(self):
        flash = NorFlash(12, image())
        accounts, settings = said()
        self.assertEqual(len(accounts), 9)
        for _ in range(2):
            vault = power_up(flash)
            self.assertEqual(content(vault)[0], accounts)
            self.assertEqual({name: vault.setting(name) for name in settings}, settings)
            self.assertEqual((vault.damaged(), vault.changed()), (0, False))
        self.assertEqual(vault.get(9).counter, 360)
        self.assertEqual(vault.done(b"old00014"), (True, 5))
        self.assertEqual(vault.add(request(1), totp(1)), 12)

    def test_nothing_is_left_unsealed(self):
        flash = NorFlash(12, image())
        vault = power_up(flash)
        for number in vault.ids():
            self.assertEqual(bytes(flash.memory).find(vault.get(number).secret), -1)
        self.assertEqual(bytes(flash.memory).find(b"OTPL"), -1)
        programs = flash.programs
        power_up(flash)
        self.assertEqual(flash.programs, programs)

    def test_afterwards_a_pin_can_be_set(self):
        flash = NorFlash(12, image())
        run(power_up(flash).set_pin("271828"))
        self.assertEqual(content(power_up(flash, "271828"))[0], said()[0])

    def test_the_power_goes(self):
        scenario = Scenario("migration", image(), [lambda v: v.start()], (), closed)
        self.assertGreater(scenario.run(), 25)
        self.assertEqual(scenario.contents[0][0], said()[0])

    def test_the_power_goes_in_a_small_flash(self):
        flash = NorFlash(10)
        older = Older(flash)
        for number in range(1, 36):
            older.account(number, totp(number, 64))
        older.account(36, hotp(36, 9))
        older.add(3, request(0) + struct.pack(">36H", *range(36, 0, -1)))
        older.add(4, b'{"lock":5}')
        self.assertGreater(older.sector, 0)
        scenario = Scenario("small", bytes(flash.memory), [lambda v: v.start()], (), closed)
        self.assertGreater(scenario.run(), 60)
        listed, settings, _ = scenario.contents[0]
        self.assertEqual([number for number, _ in listed], list(range(36, 0, -1)))
        self.assertEqual(settings[0], ("lock", 5))

    def test_what_a_power_cut_left_in_the_older_version(self):
        flash = NorFlash(10)  # with 8, two cuts in a row leave copies that fill it
        older = Older(flash)
        older.account(1, totp(1))
        older.account(2, totp(2))
        older.account(3, hotp(3, 6))
        older.account(4, totp(4))
        older.begin(1)
        older.account(3, hotp(3, 7))  # the older counter was not killed yet
        older.add(2, struct.pack(">H8s", 2, request(5)))  # nor what was removed
        more = [(number, totp(number)) for number in range(10, 14)]
        for number, account in more:
            older.account(number, account)
        older.begin(2)
        older.account(1, totp(1), 1)  # and one was being copied
        flash.program(2 * SECTOR + older.end, b"\0\x40\x01\xff")
        scenario = Scenario("left", bytes(flash.memory), [lambda v: v.start()], (), closed)
        scenario.run(1, 2)
        accounts = [(1, totp(1)), (3, hotp(3, 7)), (4, totp(4))] + more
        listed = [(number, account.to_record()) for number, account in accounts]
        self.assertEqual(scenario.contents[0][0], listed)

    def test_a_sector_without_its_header(self):
        flash = NorFlash(8)
        older = Older(flash)
        older.account(1, totp(1))
        older.begin(3)
        older.account(2, totp(2))
        flash.program(0, b"\0\0")
        scenario = Scenario("header", bytes(flash.memory), [lambda v: v.start()], (), closed)
        scenario.run(1, 2)
        self.assertEqual([number for number, _ in scenario.contents[0][0]], [1, 2])

    def test_a_wipe_goes_on(self):
        flash = NorFlash(8)
        older = Older(flash)
        older.account(1, totp(1))
        older.begin(1)
        older.account(2, totp(2))
        older.add(5, b"")
        older.begin(3)
        older.account(4, totp(4))
        scenario = Scenario("wipe", bytes(flash.memory), [lambda v: v.start()], (), closed)
        scenario.run(1, 2)
        self.assertEqual(scenario.contents[0][0], [])

    def test_what_does_not_fit_is_left_alone(self):
        flash = NorFlash(8)
        older = Older(flash)
        for number in range(1, 200):
            if older.sector == 6:
                break
            older.account(number, totp(number, 100))
        before = bytes(flash.memory)
        vault = closed(flash)
        run(vault.start())
        self.assertEqual(vault.state, "older")
        with self.assertRaises(errors.VaultFull):
            vault.ids()
        self.assertEqual(bytes(flash.memory), before)
        run(vault.wipe())
        self.assertEqual((vault.state, power_up(flash).ids()), ("ready", []))

    def test_behind_a_pin_there_is_no_migration(self):
        """What somebody puts into the flash of a vault with a PIN is not taken for accounts."""
        flash = NorFlash(8)
        vault = power_up(flash)
        vault.add(request(1), totp(1))
        run(vault.set_pin("271828"))
        planted = NorFlash(8)
        Older(planted).account(7, totp(7))
        flash.memory[6 * SECTOR : 7 * SECTOR] = planted.memory[:SECTOR]
        self.assertEqual(power_up(flash, "271828").ids(), [1])
