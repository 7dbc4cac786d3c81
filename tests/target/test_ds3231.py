"""The drivers of DS3231 and DS3231M against the data sheets, byte for byte, on a recording bus.

Maxim 19-5170 and 19-5312. Runs on MicroPython.
"""

import unittest

from registerbus import RegisterBus

from tokenfw.drivers.ds3231 import DS3231

ABOUT = ("DS3231", 0x68, 400000, 2000, 100)


class DS3231Test(unittest.TestCase):
    def setUp(self):
        self.bus = RegisterBus(0x68, 0x13)
        self.chip = DS3231(self.bus, ABOUT, 400000)

    def test_nothing_is_sent_when_made(self):
        self.assertEqual(self.bus.log, [])

    def test_read_is_one_burst_of_the_time(self):
        self.bus.hold(0, 0x15, 0x20, 0x01, 0x02, 0x24, 0x11, 0x26)
        self.assertEqual(self.chip.read(), (2026, 11, 24, 1, 20, 15, False))
        self.assertEqual(self.bus.log, [("read", 0x68, 0x00, 7), ("read", 0x68, 0x0F, 1)])

    def test_oscillator_stop_flag(self):
        self.bus.hold(0, 0x00, 0x00, 0x00, 0x01, 0x01, 0x01, 0x00)
        self.bus.registers[0x0F] = 0x88  # as the chip powers up
        self.assertEqual(self.chip.read(), (2000, 1, 1, 0, 0, 0, True))

    def test_twelve_hour_mode(self):
        for register, hour in (
            (0x52, 0),
            (0x41, 1),
            (0x51, 11),
            (0x72, 12),
            (0x61, 13),
            (0x71, 23),
        ):
            self.bus.hold(0, 0x59, 0x59, register, 0x07, 0x31, 0x12, 0x99)
            self.assertEqual(self.chip.read()[:6], (2099, 12, 31, hour, 59, 59))

    def test_all_hours_of_the_other_mode(self):
        for register, hour in (
            (0x00, 0),
            (0x09, 9),
            (0x10, 10),
            (0x19, 19),
            (0x20, 20),
            (0x23, 23),
        ):
            self.bus.hold(0, 0, 0, register, 1, 0x29, 0x02, 0x24)
            self.assertEqual(self.chip.read()[:4], (2024, 2, 29, hour))

    def test_century_bit(self):
        self.bus.hold(0, 0, 0, 0, 1, 0x01, 0x81, 0x00)
        self.assertEqual(self.chip.read()[:3], (2100, 1, 1))

    def test_registers_that_hold_no_time(self):
        good = (0x15, 0x20, 0x01, 0x02, 0x24, 0x11, 0x26)
        bad = (
            (0, 0x60), (0, 0x1A), (0, 0x95), (1, 0x60), (1, 0x0F), (2, 0x24), (2, 0x2A),
            (2, 0x40), (2, 0x53), (4, 0x00), (4, 0x31), (4, 0x1B), (5, 0x00), (5, 0x13),
            (5, 0x1A), (6, 0xA0), (6, 0x0A),
        )  # fmt: skip
        for register, value in bad:
            self.bus.hold(0, *good)
            self.bus.registers[register] = value
            self.assertRaises(ValueError, self.chip.read)
        self.bus.hold(0, 0, 0, 0, 1, 0x29, 0x02, 0x23)
        self.assertRaises(ValueError, self.chip.read)
        self.bus.hold(0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF)
        self.assertRaises(ValueError, self.chip.read)

    def test_set_is_one_burst_and_then_clears_the_flag(self):
        self.bus.registers[0x0F] = 0x8B
        self.chip.prepare(2026, 11, 24, 1, 20, 15)
        self.chip.start()
        writes = [entry for entry in self.bus.log if entry[0] == "write"]
        time = bytes((0x15, 0x20, 0x01, 0x02, 0x24, 0x11, 0x26))  # a Tuesday
        self.assertEqual(writes, [("write", 0x68, 0x00, time), ("write", 0x68, 0x0F, b"\x0b")])
        self.assertEqual(self.bus.log[0], writes[0])
        self.assertEqual(self.chip.read(), (2026, 11, 24, 1, 20, 15, False))

    def test_set_has_the_oscillator_run_on_battery(self):
        self.bus.registers[0x0E] = 0x9C  # EOSC set, BBSQW off, RS2 RS1 INTCN as after power-up
        self.chip.prepare(2026, 11, 24, 1, 20, 15)
        self.chip.start()
        self.assertEqual(self.bus.registers[0x0E], 0x1C)

    def test_weekdays(self):
        for date, weekday in (
            ((2000, 1, 1), 6), ((2000, 2, 29), 2), ((2000, 3, 1), 3), ((2023, 3, 1), 3),
            ((2024, 2, 29), 4), ((2024, 12, 31), 2), ((2038, 1, 19), 2), ((2099, 12, 31), 4),
        ):  # fmt: skip
            self.chip.prepare(*date, 23, 59, 59)
            self.chip.start()
            self.assertEqual(self.bus.registers[3], weekday)

    def test_set_refuses_what_the_chip_cannot_hold(self):
        for wrong in (
            (1999, 12, 31, 23, 59, 59), (2100, 1, 1, 0, 0, 0), (2026, 2, 29, 0, 0, 0),
            (2026, 0, 1, 0, 0, 0), (2026, 13, 1, 0, 0, 0), (2026, 4, 31, 0, 0, 0),
            (2026, 1, 0, 0, 0, 0), (2026, 1, 1, 24, 0, 0), (2026, 1, 1, 0, 60, 0),
            (2026, 1, 1, 0, 0, 60), (2026, 1, 1, 0, 0, -1),
        ):  # fmt: skip
            self.assertRaises(ValueError, self.chip.prepare, *wrong)
        self.assertEqual(self.bus.log, [])

    def test_bus_errors_stay_what_they_are(self):
        self.bus.broken = True
        self.assertRaises(OSError, self.chip.read)
        self.chip.prepare(2026, 1, 1, 0, 0, 0)
        self.assertRaises(OSError, self.chip.start)

    def test_the_second_starts_27_bits_after_the_burst_does(self):
        for chip in (self.chip, DS3231(self.bus, ABOUT, 100000)):
            # address, register and seconds, each with its acknowledge
            self.assertTrue(-1 <= chip.START_US + 27e6 / (400000 if chip is self.chip else 1e5) < 1)

    def test_aging_is_read_as_twos_complement(self):
        for register, steps in ((0, 0), (1, 1), (0x7F, 127), (0xFF, -1), (0x80, -128)):
            self.bus.hold(0x10, register)
            self.assertEqual(self.chip.aging(), steps)

    def test_aging_is_set_and_a_conversion_asked_for(self):
        for steps, register in ((30, 0x1E), (127, 0x7F), (-1, 0xFF), (-128, 0x80), (0, 0)):
            self.bus.hold(0x0E, 0x1C, 0x88)
            self.bus.log.clear()
            self.chip.set_aging(steps)
            aging = (0x10, bytes([register]))
            self.assertEqual(self.bus.writes(), [aging, (0x0E, b"\x3c")])
            self.assertEqual(self.chip.aging(), steps)

    def test_no_conversion_is_asked_for_while_one_is_under_way(self):
        self.bus.hold(0x0E, 0x1C, 0x8C)  # BSY
        self.chip.set_aging(-3)
        self.assertEqual(self.bus.writes(), [(0x10, b"\xfd")])

    def test_aging_has_eight_bits(self):
        for wrong in (-129, 128):
            self.assertRaises(ValueError, self.chip.set_aging, wrong)
        self.assertEqual(self.bus.log, [])

    def test_it_is_as_exact_as_it_is_made(self):
        chip = DS3231(self.bus, ("DS3231M", 0x68, 400000, 5000, 120), 400000)
        self.assertEqual((chip.NAME, chip.ACCURACY, chip.AGING_STEP), ("DS3231M", 5000, 120))


class FoundTest(unittest.TestCase):
    def setUp(self):
        self.bus = RegisterBus(0x68, 0x13)
        self.bus.hold(0, 0x15, 0x20, 0x01, 0x02, 0x24, 0x11, 0x26)
        self.bus.hold(0x0E, 0x1C, 0x88, 0x00, 0x19, 0x40)

    def test_a_ds3231_is_found_and_nothing_written(self):
        self.assertTrue(DS3231.found(self.bus, 0x68))
        self.assertEqual(self.bus.writes(), [])

    def test_new_from_the_factory(self):
        self.bus.hold(0, 0, 0, 0, 1, 1, 1, 0)
        self.assertTrue(DS3231.found(self.bus, 0x68))

    def test_though_a_second_ends_in_the_middle(self):
        def tick():
            self.bus.registers[0] = 0x16

        self.bus.between = tick
        self.assertTrue(DS3231.found(self.bus, 0x68))

    def test_a_ds1307_is_none(self):
        bus = RegisterBus(0x68, 0x40)
        for memory in (0, 0xFF, 0x15):
            bus.hold(0, 0x15, 0x20, 0x01, 0x02, 0x24, 0x11, 0x26, 0x03)
            bus.hold(8, *[memory] * 56)
            self.assertFalse(DS3231.found(bus, 0x68))

    def test_memory_that_holds_the_same_everywhere_is_none(self):
        for value in (0, 0xFF):
            self.bus.hold(0, *[value] * 0x13)
            self.assertFalse(DS3231.found(self.bus, 0x68))

    def test_nobody(self):
        self.assertRaises(OSError, DS3231.found, RegisterBus(0x51, 16), 0x68)


if __name__ == "__main__":
    unittest.main()
