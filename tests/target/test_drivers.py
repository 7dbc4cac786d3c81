"""The drivers against what the data sheets say, byte for byte, on a recording bus.

DS3231: Maxim 19-5170. The panels' are in test_panels.py. Runs on MicroPython.
"""

import unittest
from time import ticks_add

from tokenfw.drivers.button import DOWN, HOLD, LONG, SHORT, Button
from tokenfw.drivers.ds3231 import DS3231


class Bus:
    """Records writes; reads come from `registers`. With `broken` nobody acknowledges."""

    def __init__(self):
        self.registers = bytearray(19)
        self.log = []
        self.broken = False

    def _note(self, *entry):
        if self.broken:
            raise OSError(19)
        self.log.append(entry)

    def writeto(self, address, data):
        self._note(address, bytes(data))

    def writeto_mem(self, address, register, data):
        self._note("write", address, register, bytes(data))
        self.registers[register : register + len(data)] = data

    def readfrom_mem_into(self, address, register, buffer):
        self._note("read", address, register, len(buffer))
        buffer[:] = self.registers[register : register + len(buffer)]


class DS3231Test(unittest.TestCase):
    def setUp(self):
        self.bus = Bus()
        self.chip = DS3231(self.bus)

    def hold(self, *registers):
        self.bus.registers[:7] = bytes(registers)

    def test_nothing_is_sent_when_made(self):
        self.assertEqual(self.bus.log, [])

    def test_read_is_one_burst_of_the_time(self):
        self.hold(0x15, 0x20, 0x01, 0x02, 0x24, 0x11, 0x26)
        self.assertEqual(self.chip.read(), (2026, 11, 24, 1, 20, 15, False))
        self.assertEqual(self.bus.log, [("read", 0x68, 0x00, 7), ("read", 0x68, 0x0F, 1)])

    def test_oscillator_stop_flag(self):
        self.hold(0x00, 0x00, 0x00, 0x01, 0x01, 0x01, 0x00)
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
            self.hold(0x59, 0x59, register, 0x07, 0x31, 0x12, 0x99)
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
            self.hold(0, 0, register, 1, 0x29, 0x02, 0x24)
            self.assertEqual(self.chip.read()[:4], (2024, 2, 29, hour))

    def test_century_bit(self):
        self.hold(0, 0, 0, 1, 0x01, 0x81, 0x00)
        self.assertEqual(self.chip.read()[:3], (2100, 1, 1))

    def test_registers_that_hold_no_time(self):
        good = (0x15, 0x20, 0x01, 0x02, 0x24, 0x11, 0x26)
        bad = (
            (0, 0x60), (0, 0x1A), (0, 0x95), (1, 0x60), (1, 0x0F), (2, 0x24), (2, 0x2A),
            (2, 0x40), (2, 0x53), (4, 0x00), (4, 0x31), (4, 0x1B), (5, 0x00), (5, 0x13),
            (5, 0x1A), (6, 0xA0), (6, 0x0A),
        )  # fmt: skip
        for register, value in bad:
            self.hold(*good)
            self.bus.registers[register] = value
            self.assertRaises(ValueError, self.chip.read)
        self.hold(0, 0, 0, 1, 0x29, 0x02, 0x23)
        self.assertRaises(ValueError, self.chip.read)
        self.hold(0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF)
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


class ButtonTest(unittest.TestCase):
    def setUp(self):
        self.start(0)

    def start(self, now):
        self.now = now
        self.pressed = False
        self.button = Button(lambda: self.pressed)
        self.wait(100)

    def wait(self, milliseconds, step=5):
        """Poll for so long; return the events and when they came, in ms from now on."""
        events = []
        for passed in range(0, milliseconds, step):
            event = self.button.poll(ticks_add(self.now, passed))
            if event is not None:
                events.append((event, passed))
        self.now = ticks_add(self.now, milliseconds)
        return events

    def press(self, milliseconds):
        """Return the events of a press of that length and the time after it."""
        self.pressed = True
        events = self.wait(milliseconds)
        self.pressed = False
        return [event for event, _ in events + self.wait(100)]

    def test_an_idle_button_gives_nothing(self):
        self.assertEqual(self.wait(5000), [])

    def test_short(self):
        self.assertEqual(self.press(200), [DOWN, SHORT])
        self.assertEqual(self.press(200), [DOWN, SHORT])

    def test_down_comes_after_the_debounce_time(self):
        self.pressed = True
        self.assertEqual(self.wait(100), [(DOWN, 20)])

    def test_long_is_given_while_held(self):
        self.pressed = True
        self.assertEqual(self.wait(1000), [(DOWN, 20), (LONG, 800)])
        self.pressed = False
        self.assertEqual(self.wait(1000), [])

    def test_hold_is_given_while_held_and_once(self):
        self.pressed = True
        self.assertEqual(self.wait(20000), [(DOWN, 20), (LONG, 800), (HOLD, 3000)])
        self.pressed = False
        self.assertEqual(self.wait(1000), [])
        self.assertEqual(self.press(200), [DOWN, SHORT])

    def test_just_under_and_over_long(self):
        self.assertEqual(self.press(795), [DOWN, SHORT])
        self.assertEqual(self.press(805), [DOWN, LONG])

    def test_bounce_on_both_edges_counts_once(self):
        events = []
        for length in (5, 10, 5, 15, 5, 5):
            self.pressed = not self.pressed
            events += self.wait(length)
        self.pressed = True
        events += self.wait(300)
        for length in (5, 15, 5, 10, 5, 5):
            self.pressed = not self.pressed
            events += self.wait(length)
        self.pressed = False
        events += self.wait(300)
        self.assertEqual([event for event, _ in events], [DOWN, SHORT])

    def test_a_glitch_is_no_press(self):
        self.assertEqual(self.press(15), [])

    def test_a_glitch_while_held_is_no_release(self):
        self.pressed = True
        self.wait(400)
        self.pressed = False
        self.assertEqual(self.wait(15), [])
        self.pressed = True
        self.assertEqual(self.wait(3000), [(LONG, 385), (HOLD, 2585)])

    def test_held_at_start_gives_nothing_until_released(self):
        self.now = 0
        self.pressed = True
        self.button = Button(lambda: self.pressed)
        self.assertEqual(self.wait(5000), [])
        self.pressed = False
        self.assertEqual(self.wait(100), [])
        self.assertEqual(self.press(200), [DOWN, SHORT])

    def test_ticks_wrap_in_the_middle_of_a_hold(self):
        for before in (10, 500, 2000):
            self.start(ticks_add(0, -before - 100))
            self.pressed = True
            self.assertEqual(self.wait(4000), [(DOWN, 20), (LONG, 800), (HOLD, 3000)])

    def test_a_long_idle_time_does_not_matter(self):
        for _ in range(3):
            self.now = ticks_add(self.now, 400000000)
            self.assertEqual(self.press(200), [DOWN, SHORT])


if __name__ == "__main__":
    unittest.main()
