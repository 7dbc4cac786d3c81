"""The driver of DS1307 and DS1338 against the data sheets, byte for byte, on a recording bus.

Maxim's data sheets, table "Timekeeper Registers" and section "Control Register". Runs on
MicroPython.
"""

import unittest

from registerbus import RegisterBus

from tokenfw.drivers.ds1307 import DS1307

ABOUT = ("DS1307", 0x68, 100000, 35000, 0)
TUESDAY = (0x15, 0x20, 0x01, 0x02, 0x24, 0x11, 0x26)  # 24 November 2026, 01:20:15


class DS1307Test(unittest.TestCase):
    def setUp(self):
        self.bus = RegisterBus(0x68, 0x40)
        self.bus.hold(8, *range(0x80, 0x80 + 56))
        self.chip = DS1307(self.bus, ABOUT, 100000)

    def set(self, *moment):
        """Set the chip and return what was written."""
        self.bus.log.clear()
        self.chip.prepare(*moment)
        self.chip.start()
        return self.bus.writes()

    def test_nothing_is_sent_when_made(self):
        self.assertEqual(self.bus.log, [])

    def test_read_is_one_burst(self):
        self.bus.hold(0, *TUESDAY)
        self.assertEqual(self.chip.read(), (2026, 11, 24, 1, 20, 15, False))
        self.assertEqual(self.bus.log, [("read", 0x68, 0x00, 8)])

    def test_a_halted_clock(self):
        self.bus.hold(0, 0x80, 0x00, 0x00, 0x01, 0x01, 0x01, 0x00, 0x03)  # as it powers up
        self.assertEqual(self.chip.read(), (2000, 1, 1, 0, 0, 0, True))
        self.bus.hold(0, 0xD9)
        self.assertEqual(self.chip.read()[5:], (59, True))

    def test_the_oscillator_had_stopped(self):
        self.bus.hold(0, *TUESDAY)
        self.bus.hold(7, 0xB3)  # OUT, OSF, SQWE, RS1, RS0
        self.assertEqual(self.chip.read(), (2026, 11, 24, 1, 20, 15, True))
        self.bus.hold(7, 0x93)
        self.assertEqual(self.chip.read(), (2026, 11, 24, 1, 20, 15, False))

    def test_hours_in_either_mode(self):
        hours = (
            (0x52, 0), (0x41, 1), (0x51, 11), (0x72, 12), (0x61, 13), (0x71, 23),
            (0x00, 0), (0x09, 9), (0x10, 10), (0x19, 19), (0x20, 20), (0x23, 23),
        )  # fmt: skip
        for register, hour in hours:
            self.bus.hold(0, 0x59, 0x59, register, 0x07, 0x31, 0x12, 0x99)
            self.assertEqual(self.chip.read()[:6], (2099, 12, 31, hour, 59, 59))

    def test_registers_that_hold_no_time(self):
        bad = (
            (0, 0x60), (0, 0x1A), (1, 0x60), (1, 0x95), (2, 0x24), (2, 0x2A), (2, 0x40),
            (2, 0x53), (4, 0x00), (4, 0x31), (5, 0x00), (5, 0x13), (6, 0xA0), (6, 0x0A),
        )  # fmt: skip
        for register, value in bad:
            self.bus.hold(0, *TUESDAY)
            self.bus.hold(register, value)
            self.assertRaises(ValueError, self.chip.read)
        self.bus.hold(0, 0, 0, 0, 1, 0x29, 0x02, 0x23)
        self.assertRaises(ValueError, self.chip.read)

    def test_set_is_one_burst(self):
        self.bus.hold(7, 0x13)
        self.assertEqual(self.set(2026, 11, 24, 1, 20, 15), [(0x00, bytes(TUESDAY))])
        self.assertEqual(self.bus.registers[7], 0x13)
        self.assertEqual(self.bus.registers[8:], bytes(range(0x80, 0x80 + 56)))

    def test_a_halted_clock_starts_before_it_is_set_at_a_time_that_nobody_takes_for_one(self):
        """It may take its oscillator a second; meanwhile no bit says that the time is wrong."""
        self.bus.hold(0, 0x80, 0x20, 0x01, 0x02, 0x24, 0x11, 0x26)
        self.chip.prepare(2026, 11, 24, 1, 20, 15)
        self.assertEqual(self.chip.read(), (2000, 1, 1, 0, 0, 0, False))
        self.chip.start()
        self.assertEqual(self.chip.read(), (2026, 11, 24, 1, 20, 15, False))

    def test_set_clears_the_flag_of_the_ds1338_and_nothing_else(self):
        self.bus.hold(7, 0xB3)
        writes = self.set(2026, 11, 24, 1, 20, 15)
        self.assertEqual(writes, [(0x00, bytes(TUESDAY)), (0x07, b"\x93")])
        self.assertEqual(self.chip.read()[6], False)

    def test_weekdays(self):
        for date, weekday in (
            ((2000, 1, 1), 6), ((2000, 2, 29), 2), ((2024, 2, 29), 4), ((2038, 1, 19), 2),
            ((2099, 12, 31), 4),
        ):  # fmt: skip
            self.set(*date, 23, 59, 59)
            self.assertEqual(self.bus.registers[3], weekday)

    def test_set_refuses_what_the_chip_cannot_hold(self):
        for wrong in (
            (1999, 12, 31, 23, 59, 59), (2100, 1, 1, 0, 0, 0), (2026, 2, 29, 0, 0, 0),
            (2026, 13, 1, 0, 0, 0), (2026, 4, 31, 0, 0, 0), (2026, 1, 1, 24, 0, 0),
            (2026, 1, 1, 0, 60, 0), (2026, 1, 1, 0, 0, 60),
        ):  # fmt: skip
            self.assertRaises(ValueError, self.chip.prepare, *wrong)
        self.assertEqual(self.bus.log, [])

    def test_bus_errors_stay_what_they_are(self):
        self.chip.prepare(2026, 1, 1, 0, 0, 0)
        self.bus.broken = True
        self.assertRaises(OSError, self.chip.read)
        self.assertRaises(OSError, self.chip.prepare, 2026, 1, 1, 0, 0, 0)
        self.assertRaises(OSError, self.chip.start)

    def test_the_buses_they_take(self):
        """100 kHz and 400 kHz; the second starts with the 27th bit."""
        self.assertEqual(self.chip.START_US, -270)
        self.assertEqual(DS1307(self.bus, ABOUT, 400000).START_US, -68)


class FoundTest(unittest.TestCase):
    def setUp(self):
        self.bus = RegisterBus(0x68, 0x40)

    def test_found_whatever_its_memory_holds_and_nothing_written(self):
        for memory in ([0] * 56, [0xFF] * 56, range(56)):
            self.bus.hold(0, *TUESDAY)
            self.bus.hold(8, *memory)
            self.assertTrue(DS1307.found(self.bus, 0x68))
        self.assertEqual(self.bus.writes(), [])

    def test_new_from_the_factory(self):
        self.bus.hold(0, 0x80, 0, 0, 1, 1, 1, 0, 3)
        self.assertTrue(DS1307.found(self.bus, 0x68))

    def test_though_a_second_ends_in_the_middle(self):
        def tick():
            self.bus.registers[0] = 0x16

        self.bus.hold(0, *TUESDAY)
        self.bus.between = tick
        self.assertTrue(DS1307.found(self.bus, 0x68))

    def test_a_ds3231_is_none(self):
        bus = RegisterBus(0x68, 0x13)
        bus.hold(0, *TUESDAY)
        bus.hold(0x0E, 0x1C, 0x88, 0, 0x19)
        self.assertFalse(DS1307.found(bus, 0x68))

    def test_something_else_at_that_address_is_none(self):
        """A motion sensor, say, with 128 registers; or empty memory."""
        bus = RegisterBus(0x68, 0x80)
        bus.hold(0, *range(1, 0x80))
        self.assertFalse(DS1307.found(bus, 0x68))
        self.bus.hold(0, *[0xFF] * 0x40)
        self.assertFalse(DS1307.found(self.bus, 0x68))

    def test_nobody(self):
        self.assertRaises(OSError, DS1307.found, RegisterBus(0x51, 16), 0x68)


if __name__ == "__main__":
    unittest.main()
