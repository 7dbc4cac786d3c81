"""The driver of the PCF8563 against its data sheet, byte for byte, on a recording bus.

NXP, rev. 11: registers in section 8.2 to 8.4, STOP in 8.10. Runs on MicroPython.
"""

import unittest

from registerbus import RegisterBus

from tokenfw.drivers.pcf8563 import PCF8563

ABOUT = ("PCF8563", 0x51, 400000, 35000, 0)
TUESDAY = (0x15, 0x20, 0x01, 0x24, 0x02, 0x11, 0x26)  # 24 November 2026, 01:20:15


class PCF8563Test(unittest.TestCase):
    def setUp(self):
        self.bus = RegisterBus(0x51, 16)
        self.chip = PCF8563(self.bus, ABOUT, 400000)

    def set(self, *moment):
        """Set the chip and return what was written."""
        self.bus.log.clear()
        self.chip.prepare(*moment)
        self.chip.start()
        return self.bus.writes()

    def test_nothing_is_sent_when_made(self):
        self.assertEqual(self.bus.log, [])

    def test_read_is_one_burst(self):
        self.bus.hold(2, *TUESDAY)
        self.assertEqual(self.chip.read(), (2026, 11, 24, 1, 20, 15, False))
        self.assertEqual(self.bus.log, [("read", 0x51, 0x00, 9)])

    def test_voltage_low(self):
        self.bus.hold(2, 0x80, 0, 0, 1, 6, 1, 0)
        self.assertEqual(self.chip.read(), (2000, 1, 1, 0, 0, 0, True))

    def test_a_stopped_clock_and_the_test_mode(self):
        self.bus.hold(2, *TUESDAY)
        for control, lost in ((0x20, True), (0x80, True), (0x08, False), (0x5F, False)):
            self.bus.hold(0, control)
            self.assertEqual(self.chip.read(), (2026, 11, 24, 1, 20, 15, lost))

    def test_bits_that_do_not_exist_may_be_1(self):
        self.bus.hold(0, 0x5F, 0xFF, 0x15, 0xA0, 0xC1, 0xE4, 0xFA, 0x71, 0x26)
        self.assertEqual(self.chip.read(), (2026, 11, 24, 1, 20, 15, False))

    def test_century_bit(self):
        self.bus.hold(2, 0, 0, 0, 0x01, 5, 0x81, 0x00)
        self.assertEqual(self.chip.read()[:3], (2100, 1, 1))

    def test_hours(self):
        for register, hour in ((0x00, 0), (0x09, 9), (0x10, 10), (0x19, 19), (0x23, 23)):
            self.bus.hold(2, 0x59, 0x59, register, 0x29, 4, 0x02, 0x24)
            self.assertEqual(self.chip.read()[:6], (2024, 2, 29, hour, 59, 59))

    def test_registers_that_hold_no_time(self):
        bad = (
            (2, 0x60), (2, 0x1A), (3, 0x60), (3, 0x0F), (4, 0x24), (4, 0x2A), (5, 0x00),
            (5, 0x31), (5, 0x1B), (7, 0x00), (7, 0x13), (7, 0x1A), (8, 0xA0), (8, 0x0A),
        )  # fmt: skip
        for register, value in bad:
            self.bus.hold(2, *TUESDAY)
            self.bus.hold(register, value)
            self.assertRaises(ValueError, self.chip.read)
        self.bus.hold(2, 0, 0, 0, 0x29, 3, 0x02, 0x23)
        self.assertRaises(ValueError, self.chip.read)

    def test_set_stops_writes_in_one_burst_and_releases(self):
        self.bus.hold(0, 0x08, 0x00, 0x80)
        self.chip.prepare(2026, 11, 24, 1, 20, 15)
        self.assertEqual(self.bus.writes(), [(0x00, b"\x20"), (0x02, bytes(TUESDAY))])
        self.assertEqual(self.chip.read(), (2026, 11, 24, 1, 20, 15, True))
        self.bus.log.clear()
        self.chip.start()
        self.assertEqual(self.bus.log, [("write", 0x51, 0x00, b"\x00")])
        self.assertEqual(self.chip.read(), (2026, 11, 24, 1, 20, 15, False))

    def test_alarms_and_timer_are_left_alone(self):
        self.bus.hold(9, 0x80, 0x80, 0x80, 0x80, 0x83, 0x03, 0x42)
        self.set(2026, 11, 24, 1, 20, 15)
        self.assertEqual(self.bus.registers[9:], b"\x80\x80\x80\x80\x83\x03\x42")

    def test_weekdays_begin_with_sunday(self):
        for date, weekday in (
            ((2000, 1, 1), 6), ((2000, 1, 2), 0), ((2024, 2, 29), 4), ((2026, 11, 29), 0),
            ((2099, 12, 31), 4),
        ):  # fmt: skip
            self.set(*date, 23, 59, 59)
            self.assertEqual(self.bus.registers[6], weekday)

    def test_set_refuses_what_the_chip_cannot_hold(self):
        for wrong in (
            (1999, 12, 31, 23, 59, 59), (2100, 1, 1, 0, 0, 0), (2026, 2, 29, 0, 0, 0),
            (2026, 13, 1, 0, 0, 0), (2026, 4, 31, 0, 0, 0), (2026, 1, 1, 24, 0, 0),
            (2026, 1, 1, 0, 60, 0), (2026, 1, 1, 0, 0, 60),
        ):  # fmt: skip
            self.assertRaises(ValueError, self.chip.prepare, *wrong)
        self.assertEqual(self.bus.log, [])

    def test_bus_errors_stay_what_they_are(self):
        self.bus.broken = True
        self.assertRaises(OSError, self.chip.read)
        self.assertRaises(OSError, self.chip.prepare, 2026, 1, 1, 0, 0, 0)
        self.assertRaises(OSError, self.chip.start)

    def test_released_so_that_the_first_second_ends_in_time(self):
        """It ends 0.507813 to 0.507935 s after the release, which is the write's 27th bit."""
        for frequency in (100000, 400000):
            chip = PCF8563(self.bus, ABOUT, frequency)
            released = chip.START_US + 27e6 / frequency
            self.assertTrue(released + 507812 < 1e6 < released + 507936)


class FoundTest(unittest.TestCase):
    def setUp(self):
        self.bus = RegisterBus(0x51, 16)

    def test_found_and_nothing_written(self):
        self.bus.hold(2, *TUESDAY)
        self.assertTrue(PCF8563.found(self.bus, 0x51))
        self.assertEqual(self.bus.writes(), [])

    def test_new_from_the_factory(self):
        self.bus.hold(0, 0x08, 0, 0x80)
        self.bus.hold(0x0D, 0x80, 0x03)
        self.assertTrue(PCF8563.found(self.bus, 0x51))

    def test_though_a_second_ends_and_the_timer_runs(self):
        def tick():
            self.bus.registers[2] = 0x16
            self.bus.registers[15] += 1

        self.bus.hold(2, *TUESDAY)
        self.bus.between = tick
        self.assertTrue(PCF8563.found(self.bus, 0x51))

    def test_a_memory_chip_at_that_address_is_none(self):
        """An EEPROM has 256 bytes and more; erased it is the same everywhere."""
        bus = RegisterBus(0x51, 256)
        bus.hold(0, *range(256))
        self.assertFalse(PCF8563.found(bus, 0x51))
        for value in (0, 0xFF):
            bus.hold(0, *[value] * 256)
            self.assertFalse(PCF8563.found(bus, 0x51))

    def test_nobody(self):
        self.assertRaises(OSError, PCF8563.found, RegisterBus(0x68, 0x13), 0x51)


if __name__ == "__main__":
    unittest.main()
