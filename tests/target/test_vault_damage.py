# heap: 3M
"""What somebody with the flash in hand, or a failing one, can do to the vault unnoticed: nothing.

A flipped bit costs one record at most. A record that was moved, exchanged or put back
is noticed when the vault is opened or the record is used. Runs on MicroPython.
"""

import random
import unittest

from judging import SAID, WHOLE, chosen, tally
from norflash import NorFlash
from scenarios import PIN, image, several
from vaults import content, hotp, power_up, records, request, run, totp

from otpcore import errors

SECTOR = NorFlash.SECTOR
SECTORS = 6
SAMPLE = 150  # bits of each image: see judging.py for all of them


def bits_written(memory):
    """Return the numbers of the bits of all stretches in which something was written."""
    bits = []
    for start in range(0, len(memory), 16):
        if memory[start : start + 16] != b"\xff" * 16:
            bits += range(8 * start, 8 * (start + 16))
    return bits


class DamageTest(unittest.TestCase):
    def judge(self, memory, before, where, pins):
        """Check a vault in which one bit was flipped; return whether anything was lost."""
        vault = power_up(NorFlash(SECTORS, memory), *pins)
        self.assertEqual((vault.state, vault.pin_length()), ("ready", before[2]), where)
        found = {}
        for number in vault.ids():
            try:
                found[number] = vault.get(number).to_record()
            except errors.VaultDamaged:
                pass
        lost = [number for number, record in before[0] if number not in found]
        kept = [each for each in before[0] if each[0] in found]
        self.assertLess(len(lost), 2, where)
        self.assertEqual(found, dict(kept), where)
        settings = [(name, vault.setting(name)) for name, _ in before[1]]
        ordered = [n for n in vault.ids() if n in found] == [number for number, _ in kept]
        failed = bool(lost) + (settings != before[1]) + (not ordered)
        self.assertLess(failed, 2, where)
        if failed:
            self.assertTrue(vault.damaged() or vault.changed(), where)
        vault.add(request(99), totp(99))
        return failed

    def flip(self, name, start, pins):
        memory = bytearray(start)
        before = content(power_up(NorFlash(SECTORS, memory), *pins))
        bits = bits_written(memory)
        counts = {WHOLE: 0, SAID: 0}
        for number in chosen(len(bits), SAMPLE):
            bit = bits[number]
            memory[bit // 8] ^= 1 << bit % 8
            where = f"bit {bit % 8} of {bit // 8:#x}"
            counts[SAID if self.judge(memory, before, where, pins) else WHOLE] += 1
            memory[bit // 8] ^= 1 << bit % 8
        self.assertGreater(counts[SAID], 0)  # or else the test looked at nothing
        tally(name, counts, len(bits))

    def test_a_flipped_bit_costs_one_record_at_most(self):
        self.flip("a bit, what it costs", image(several, sectors=SECTORS), ())

    def test_a_flipped_bit_with_a_pin(self):
        self.flip("a bit, what it costs, PIN", image(several, PIN, sectors=SECTORS), (PIN,))

    def test_a_flipped_bit_in_the_header_of_a_record_is_healed(self):
        start = bytearray(image(several, PIN, sectors=SECTORS))
        before = content(power_up(NorFlash(SECTORS, start), PIN))
        for record in records(NorFlash(SECTORS, start)):
            for bit in range(random.randrange(19), 128, 19):  # all: attacks/flash/bits.py
                flash = NorFlash(SECTORS, start)
                flash.memory[record.address + bit // 8] ^= 1 << bit % 8
                for _ in range(2):
                    vault = power_up(flash, PIN)
                    self.assertEqual(content(vault), before, (record.kind, bit))
                    self.assertEqual((vault.damaged(), vault.changed()), (0, False))
                vault.add(request(99), totp(99))
                if vault.position(record.id) >= 0:
                    vault.remove(request(98), record.id)
                again = power_up(flash, PIN)
                self.assertEqual(content(again)[0], content(vault)[0])
                self.assertEqual((again.damaged(), again.changed()), (0, False))

    def test_a_flipped_bit_in_the_key_sector_is_healed(self):
        start = bytearray(image(several, PIN, sectors=SECTORS))
        before = content(power_up(NorFlash(SECTORS, start), PIN))
        sector = 0 if start[:3] == b"OTK" else SECTOR
        for copy in (0, 1024):
            for byte in range(sector + copy, sector + copy + 140, 5):
                flash = NorFlash(SECTORS, start)
                flash.memory[byte] ^= 0x10
                self.assertEqual(content(power_up(flash, PIN)), before)
                for other in (0, SECTOR):  # now the other copy may go
                    if flash.memory[other] != 0xFF:
                        flash.memory[other + 1024 - copy + 60] ^= 0x10
                self.assertEqual(content(power_up(flash, PIN)), before)


class TamperTest(unittest.TestCase):
    def setUp(self):
        self.flash = NorFlash(SECTORS)
        self.vault = power_up(self.flash)
        for number in range(1, 6):
            self.vault.add(request(number), totp(10 + number))
        self.vault.add(request(6), hotp(6, 41))

    def where(self, number, kind=1):
        (record,) = [e for e in records(self.flash) if (e.kind, e.id) == (kind, number)]
        return record.address, record.address + record.length

    def bytes_of(self, number, kind=1):
        start, end = self.where(number, kind)
        return start, bytes(self.flash.memory[start:end])

    def put(self, start, data):
        self.flash.memory[start : start + len(data)] = data

    def noticed(self, *numbers):
        """Check that reading these is refused, and that all others are as they were."""
        vault = power_up(self.flash)
        for number in self.vault.ids():
            if number in numbers:
                with self.assertRaises(errors.WireError):
                    vault.get(number)
            else:
                self.assertEqual(vault.get(number).to_record(), self.vault.get(number).to_record())
        self.assertTrue(vault.damaged() or vault.changed())
        return vault

    def test_two_records_exchanged(self):
        (start, one), (other, two) = self.bytes_of(2), self.bytes_of(3)
        self.assertEqual(len(one), len(two))
        self.put(start, two)
        self.put(other, one)
        del self.vault  # its addresses lead elsewhere now
        vault = power_up(self.flash)
        for number in (2, 3):
            with self.assertRaises(errors.VaultDamaged):
                vault.get(number)
        self.assertEqual(
            [vault.get(number).issuer for number in (1, 4)], ["Issuer 11", "Issuer 14"]
        )
        self.assertEqual(vault.damaged(), 2)

    def test_two_bodies_exchanged(self):
        (start, one), (other, two) = self.bytes_of(2), self.bytes_of(3)
        self.put(start + 16, two[16:])
        self.put(other + 16, one[16:])
        vault = power_up(self.flash)
        for number in (2, 3):
            with self.assertRaises(errors.VaultDamaged):
                vault.get(number)

    def test_a_record_moved(self):
        start, data = self.bytes_of(2)
        end = self.where(6)[1]
        self.put(end, data)
        self.put(start, bytes(len(data)))
        vault = power_up(self.flash)
        with self.assertRaises(errors.VaultDamaged):
            vault.get(2)
        self.assertTrue(vault.damaged())

    def test_a_record_doubled(self):
        data = self.bytes_of(2)[1]
        self.put(self.where(6)[1], data)
        vault = power_up(self.flash)
        self.assertEqual(vault.ids(), self.vault.ids())
        try:
            self.assertEqual(vault.get(2).issuer, "Issuer 12")
        except errors.VaultDamaged:
            pass

    def test_a_record_that_vanished(self):
        start, data = self.bytes_of(4)
        self.put(start, bytes(len(data)))
        self.assertTrue(power_up(self.flash).changed())
        self.noticed(4)

    def test_a_removed_record_put_back(self):
        start, data = self.bytes_of(4)
        self.vault.remove(request(20), 4)
        self.put(start, data)
        vault = power_up(self.flash)
        self.assertEqual(vault.ids(), [1, 2, 3, 5, 6])
        self.assertEqual(bytes(self.flash.memory[start : start + len(data)]), bytes(len(data)))

    def test_a_removed_record_put_back_without_its_removal(self):
        start, data = self.bytes_of(4)
        self.vault.remove(request(20), 4)
        self.vault.add(request(21), totp(21))
        removal, removed = self.bytes_of(4, 2)
        self.put(start, data)
        self.put(removal, bytes(len(removed)))
        self.assertTrue(power_up(self.flash).changed())

    def test_an_old_counter_put_back(self):
        start, data = self.bytes_of(6)
        self.vault.advance(6)
        self.put(start, data)
        vault = power_up(self.flash)
        self.assertEqual(vault.get(6).counter, 42)
        self.assertEqual(bytes(self.flash.memory[start : start + len(data)]), bytes(len(data)))

    def test_an_old_counter_put_back_in_the_place_of_the_new_one(self):
        start, data = self.bytes_of(6)
        self.vault.advance(6)
        newer, size = self.where(6)
        self.vault.add(request(22), totp(22))
        self.put(start, data)
        self.put(newer, bytes(size - newer))
        self.assertTrue(power_up(self.flash).changed())

    def test_an_old_counter_over_the_new_one(self):
        data = self.bytes_of(6)[1]
        self.vault.advance(6)
        newer = self.where(6)[0]
        self.put(newer, data)
        vault = power_up(self.flash)
        with self.assertRaises(errors.VaultDamaged):
            vault.get(6)
        self.assertTrue(vault.damaged())

    def test_a_record_from_before_compaction(self):
        old = {number: self.bytes_of(number) for number in range(1, 7)}
        turns = 0
        while self.where(1)[0] == old[1][0]:
            self.vault.advance(6)
            turns += 1
            self.assertLess(turns, 3000)
        counter = self.vault.get(6).counter
        for number in range(1, 7):
            start = self.where(number)[0]
            data = old[number][1]
            memory = bytes(self.flash.memory)
            self.put(start, data)
            vault = power_up(self.flash)
            with self.assertRaises(errors.WireError):
                vault.get(number)
            self.assertTrue(vault.damaged() or vault.changed())
            self.put(0, memory)
        self.assertEqual(power_up(self.flash).get(6).counter, counter)

    def test_a_damaged_record_can_be_removed_and_replaced(self):
        for number in (2, 3):
            start, end = self.where(number)
            self.flash.memory[end - 1] ^= 1
        vault = power_up(self.flash)
        for number in (2, 3):
            with self.assertRaises(errors.VaultDamaged):
                vault.get(number)
        self.assertEqual(vault.damaged(), 2)
        vault.replace(request(30), 2, totp(30))
        vault.remove(request(31), 3)
        self.assertEqual(vault.damaged(), 0)
        vault = power_up(self.flash)
        self.assertEqual((vault.ids(), vault.damaged()), ([1, 2, 4, 5, 6], 0))
        self.assertFalse(vault.changed())

    def test_a_damaged_record_outlives_a_new_pin_as_damaged(self):
        self.flash.memory[self.where(3)[1] - 1] ^= 1
        vault = power_up(self.flash)
        run(vault.set_pin(PIN))
        for each in (vault, power_up(self.flash, PIN)):
            with self.assertRaises(errors.VaultDamaged):
                each.get(3)
            self.assertEqual(each.get(4).issuer, "Issuer 14")
            self.assertEqual(each.damaged(), 1)
