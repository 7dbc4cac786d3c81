# heap: 3M
"""Vaults of other versions: a newer one is left alone, an older one migrated. On MicroPython."""

import binascii
import struct
import unittest

from norflash import NorFlash, PowerCut
from powercuts import Scenario
from scenarios import PIN, image, several
from vaults import closed, content, power_up, request, run, totp

from otpcore import errors
from tokenfw.system import on_demand
from tokenfw.vault import migration
from tokenfw.vault.keys import kdf
from tokenfw.vault.keys.keyslots import KeySlots
from tokenfw.vault.keys.sealing import KEY
from tokenfw.vault.keys.slot import SALT

SECTOR = NorFlash.SECTOR
SECTORS = 8
NEWER, OLDER = (errors.NewerVault, "newer"), (errors.VaultDamaged, "older")


def crc(data):
    return binascii.crc32(data).to_bytes(4, "big")


def with_block(memory, change):
    """Return an image whose blocks of keys `change` made of those that are there."""
    memory = bytearray(memory)
    (start,) = [at for at in (0, SECTOR) if memory[at : at + 3] == b"OTK"]
    block = change(bytes(memory[start : start + 512]))
    for at in (start, start + 1024):
        memory[at : at + len(block)] = block
    return bytes(memory)


def head(version, kind, size, block):
    """Return the head of a block, and what it says besides from another."""
    start = b"OTK" + bytes([version])
    start += crc(start) + block[8:17] + struct.pack(">BH", kind, size) + block[20:36]
    return start + crc(start)


class OtherTest(unittest.TestCase):
    def left_alone(self, memory, expected):
        """Check that nothing is changed, nor can be, until it is wiped."""
        error, state = expected
        flash = NorFlash(SECTORS, memory)
        vault = power_up(flash)
        self.assertEqual(vault.state, state)
        for action in (
            vault.count,
            lambda: vault.add(request(1), totp(1)),
            lambda: vault.set_setting("mark", 1),
            lambda: run(vault.unlock(PIN)),
            lambda: run(vault.set_pin(PIN)),
        ):
            with self.assertRaises(error):
                action()
        self.assertEqual(bytes(flash.memory), memory)
        run(vault.wipe())
        self.assertEqual((vault.state, power_up(flash).ids()), ("ready", []))

    def test_a_kind_of_derivation_that_is_not_known(self):
        for pin in ("", PIN):
            for kind, size in ((0, 4), (2, 4), (2, 80), (255, 0), (1, 5), (1, 0), (1, 372)):
                memory = with_block(image(several, pin), lambda b: head(1, kind, size, b))  # noqa: B023
                self.left_alone(memory, NEWER)

    def test_a_version_that_is_newer(self):
        for version in (2, 3, 255):
            memory = with_block(image(several, PIN), lambda b: head(version, 1, 4, b))  # noqa: B023
            self.left_alone(memory, NEWER)

    def test_a_version_without_a_migration(self):
        self.left_alone(with_block(image(several, PIN), lambda b: head(0, 1, 4, b)), OLDER)

    def test_a_wipe_of_what_cannot_be_opened_leaves_no_key_wherever_the_power_goes(self):
        memory = with_block(image(several, PIN), lambda b: head(2, 1, 4, b))
        key = bytes(memory[SECTOR + 44 : SECTOR + 140])
        self.assertEqual(NorFlash(SECTORS, memory).read(SECTOR, 3), b"OTK")
        for operation in range(3, 12):  # after the key sectors
            flash = NorFlash(SECTORS, memory)
            vault = power_up(flash)
            flash.cut_after(operation)
            try:
                run(vault.wipe())
            except PowerCut:
                pass
            self.assertEqual(bytes(flash.memory).find(key), -1)

    def test_parameters_out_of_range_are_damage(self):
        """And neither a wrong PIN nor a hang."""
        for rounds in (0, kdf.ITERATIONS_MAX + 1, 0xFFFFFFFF):

            def change(block, rounds=rounds):
                block = block[:40] + rounds.to_bytes(4, "big") + block[44:140]
                return block + crc(block)

            memory = with_block(image(several, PIN), change)
            self.left_alone(memory, (errors.VaultDamaged, "foreign"))


def before_the_first(memory):
    """Return what a made-up version 0 would have been: its key in the clear, and two sectors more.

    Its key sector: magic, version and CRC-32 as always; salt, key, CRC-32.
    The two last sectors are drafts of it, which go.
    """
    flash = NorFlash(SECTORS, memory)
    slots = KeySlots(flash)
    slots.open()
    salt = slots.slot.salt
    data = b"OTK\0" + crc(b"OTK\0") + salt + slots.slot.unwrap(run(kdf.derive(b"", salt, 1)))
    flash.erase(0)
    flash.erase(1)
    flash.program(0, data + crc(data))
    for sector in (SECTORS - 2, SECTORS - 1):
        flash.program(sector * SECTOR, b"draft")
    return bytes(flash.memory)


def from_the_first(flash):
    """The migration to version 1."""
    for sector in (SECTORS - 2, SECTORS - 1):
        flash.erase(sector)
        yield
    data = flash.read(8, SALT + KEY)
    salt, key = data[:SALT], data[SALT:]
    slots = KeySlots(flash)
    slots._sector = 0  # which is left alone
    slots.write(run_now(kdf.derive(b"", salt, 1)), 0, 1, salt, key)
    yield


def run_now(coroutine):
    """Return what a coroutine returns that waits for nothing."""
    try:
        coroutine.send(None)
    except StopIteration as stop:
        return stop.value


class MigrationTest(unittest.TestCase):
    def setUp(self):
        self.once = on_demand.once
        self.runs = 0
        migration.MIGRATIONS[0] = self.migrate
        on_demand.once = lambda name: (
            migration if name == "tokenfw.vault.migration" else self.once(name)
        )

    def tearDown(self):
        on_demand.once = self.once
        migration.MIGRATIONS.clear()

    def migrate(self, flash):
        self.runs += 1
        return from_the_first(flash)

    def test_an_older_vault_becomes_one_of_this_version_once(self):
        memory = image(several)
        expected = content(power_up(NorFlash(SECTORS, memory)))
        flash = NorFlash(SECTORS, before_the_first(memory))
        for _ in range(3):
            vault = power_up(flash)
            self.assertEqual(content(vault), expected)
            self.assertEqual((vault.damaged(), vault.changed()), (0, False))
        self.assertEqual(self.runs, 1)
        self.assertEqual(bytes(flash.memory).find(b"OTK\0"), -1)
        run(vault.set_pin(PIN))
        self.assertEqual(content(power_up(flash, PIN))[0], expected[0])

    def test_the_power_goes(self):
        memory = before_the_first(image(several))
        scenario = Scenario("migration", memory, [lambda v: v.start()], (), closed)
        self.assertGreater(scenario.run(), 8)
        self.assertGreater(self.runs, scenario.cuts)
        self.assertEqual(len(scenario.contents[0][0]), 5)

    def test_it_does_not_touch_what_it_cannot_take(self):
        migration.MIGRATIONS.clear()
        memory = before_the_first(image(several))
        flash = NorFlash(SECTORS, memory)
        self.assertEqual(power_up(flash).state, "older")
        self.assertEqual(bytes(flash.memory), memory)
