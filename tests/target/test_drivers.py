"""The SSD1306's driver against its data sheet (Solomon Systech, rev. 1.1), byte for byte,
and the button's. Runs on MicroPython.
"""

import unittest
from time import ticks_add

from tokenfw.drivers.button import DOWN, HOLD, LONG, SHORT, Button
from tokenfw.drivers.ssd1306 import SSD1306


class Bus:
    """Records writes. With `broken` nobody acknowledges."""

    def __init__(self):
        self.log = []
        self.broken = False

    def writeto(self, address, data):
        if self.broken:
            raise OSError(19)
        self.log.append((address, bytes(data)))


def page_message(page, first, data):
    """Return the one write that the data sheet asks for: window (21h, 22h), then data."""
    last = first + len(data) - 1
    window = bytes((0x21, first, last, 0x22, page, page))
    commands = b"".join(b"\x80" + window[at : at + 1] for at in range(6))
    return 0x3C, commands + b"\x40" + bytes(data)


class SSD1306Test(unittest.TestCase):
    def setUp(self):
        self.bus = Bus()
        self.panel = SSD1306(self.bus)
        self.panel.start()
        self.setup = self.bus.log[:]
        self.bus.log.clear()

    def send(self):
        """Send all that changed and return what went over the bus."""
        self.bus.log.clear()
        for page in self.panel.changed_pages():
            self.panel.send_page(page)
        return self.bus.log[:]

    def test_set_up_in_one_write_and_dark(self):
        self.assertEqual(len(self.setup), 1)
        address, commands = self.setup[0]
        self.assertEqual(address, 0x3C)
        self.assertEqual(commands[0], 0x00)
        for part in (b"\xa8\x3f", b"\x20\x00", b"\xa1\xc8", b"\xda\x12", b"\xa4\xa6"):
            self.assertIn(part, commands)
        self.assertEqual(commands[1], 0xAE)
        self.assertFalse(b"\xaf" in commands)

    def test_a_panel_of_32_rows(self):
        panel = SSD1306(self.bus, 0x3D, 128, 32)
        self.assertEqual(self.bus.log, [])
        panel.start()
        address, commands = self.bus.log[0]
        self.assertEqual(address, 0x3D)
        self.assertIn(b"\xa8\x1f", commands)
        self.assertIn(b"\xda\x02", commands)
        self.assertEqual(panel.changed_pages(), [0, 1, 2, 3])

    def test_power_switches_the_charge_pump_too(self):
        self.panel.power(True)
        self.panel.power(False)
        self.assertEqual(self.bus.log, [(0x3C, b"\x00\x8d\x14\xaf"), (0x3C, b"\x00\xae\x8d\x10")])

    def test_contrast(self):
        self.panel.contrast(0x10)
        self.assertEqual(self.bus.log, [(0x3C, b"\x00\x81\x10")])

    def test_a_new_panel_holds_noise_so_all_of_it_is_sent(self):
        self.assertEqual(self.panel.changed_pages(), [0, 1, 2, 3, 4, 5, 6, 7])
        self.assertEqual(self.send(), [page_message(page, 0, bytes(128)) for page in range(8)])
        self.assertEqual(self.panel.changed_pages(), [])

    def test_only_the_changed_columns_of_a_page_are_sent(self):
        self.send()
        self.panel.framebuf.pixel(100, 17, 1)
        self.panel.framebuf.pixel(103, 23, 1)
        self.assertEqual(self.panel.changed_pages(), [2])
        self.assertEqual(self.send(), [page_message(2, 100, b"\x02\x00\x00\x80")])
        self.panel.framebuf.pixel(103, 23, 0)
        self.assertEqual(self.send(), [page_message(2, 103, b"\x00")])
        self.assertEqual(self.send(), [])

    def test_first_and_last_column(self):
        self.send()
        self.panel.framebuf.pixel(0, 0, 1)
        self.panel.framebuf.pixel(127, 63, 1)
        self.assertEqual(self.send(), [page_message(0, 0, b"\x01"), page_message(7, 127, b"\x80")])

    def test_stretches_far_apart_are_sent_by_themselves(self):
        self.send()
        self.panel.framebuf.pixel(5, 56, 1)
        self.panel.framebuf.pixel(120, 56, 1)
        self.assertEqual(self.send(), [page_message(7, 5, b"\x01"), page_message(7, 120, b"\x01")])

    def test_the_panel_ends_up_with_the_picture(self):
        self.send()
        ram = bytearray(1024)
        state = 1
        for _ in range(50):
            for _ in range(20):
                state = state * 1103515245 + 12345 & 0x3FFFFFFF
                self.panel.framebuf.pixel(state >> 8 & 127, state >> 16 & 63, state >> 22 & 1)
            for _, data in self.send():
                first, last, page = data[3], data[5], data[9]
                self.assertEqual(len(data), 13 + last - first + 1)
                ram[page * 128 + first : page * 128 + last + 1] = data[13:]
            self.assertEqual(ram, self.panel.buffer)

    def test_a_page_that_did_not_arrive_is_sent_again(self):
        self.bus.broken = True
        self.assertRaises(OSError, self.panel.send_page, 0)
        self.bus.broken = False
        self.assertEqual(len(self.send()), 8)
        self.panel.framebuf.pixel(9, 8, 1)
        self.bus.broken = True
        self.assertRaises(OSError, self.panel.send_page, 1)
        self.bus.broken = False
        self.assertEqual(self.send(), [page_message(1, 9, b"\x01")])


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
