"""The panels' drivers against what the data sheets say, byte for byte, on a recording bus.

SSD1306: Solomon Systech, rev. 1.1. SH1106: Sino Wealth, version 2.3. Runs on MicroPython.
"""

import unittest

from tokenfw.drivers.sh1106 import SH1106
from tokenfw.drivers.ssd1306 import SSD1306


class Bus:
    """Records writes. With `broken` nobody acknowledges, or after `left` more.

    `status` is what the panel answers when it is read, None if it acknowledges writes only.
    """

    def __init__(self):
        self.log = []
        self.broken = False
        self.left = None
        self.status = b"\x00"

    def writeto(self, address, data):
        if self.broken or self.left == 0:
            raise OSError(19)
        if self.left is not None:
            self.left -= 1
        self.log.append((address, bytes(data)))

    def readfrom_mem(self, address, register, size):
        if self.broken or self.status is None:
            raise OSError(19)
        if (register, size) != (0x00, 1):
            raise ValueError("a status byte is read after the control byte of commands")
        return self.status


class Panel:
    """What holds for both."""

    def message(self, page, first, data):
        """One write: page (B0h), column in two nibbles (00h, 10h), then data."""
        column = first + self.LEFT
        commands = bytes((0x80, 0xB0 + page, 0x80, column % 16, 0x80, 0x10 + column // 16))
        return 0x3C, commands + b"\x40" + bytes(data)

    def more(self, first, data):
        """One more write to the same page: it stays chosen."""
        address, message = self.message(0, first, data)
        return address, message[2:]

    def read(self, page, message):
        """Return page, column and data of a write; `page` is that of the one before."""
        if message[1] & 0xF0 == 0xB0:
            page, message = message[1] - 0xB0, message[2:]
        self.assertEqual((message[0], message[2], message[4]), (0x80, 0x80, 0x40))
        column = message[1] + 16 * (message[3] - 0x10)
        return page, column - self.LEFT, message[5:]

    def setUp(self):
        self.bus = Bus()
        self.panel = self.make()
        self.panel.start()
        self.setup = self.bus.log[:]
        self.bus.log.clear()

    def send(self):
        """Send all that changed and return what went over the bus."""
        self.bus.log.clear()
        for page in self.panel.changed_pages():
            self.panel.send_page(page)
        return self.bus.log[:]

    def test_nothing_is_sent_when_made(self):
        self.bus.log.clear()
        self.make()
        self.assertEqual(self.bus.log, [])

    def test_set_up_in_one_write_and_dark(self):
        self.assertEqual(len(self.setup), 1)
        address, commands = self.setup[0]
        self.assertEqual(address, 0x3C)
        self.assertEqual(commands, self.SETUP)

    def test_a_new_panel_holds_noise_so_all_of_it_is_sent(self):
        self.assertEqual(self.panel.changed_pages(), [0, 1, 2, 3, 4, 5, 6, 7])
        self.assertEqual(self.send(), [self.message(page, 0, bytes(128)) for page in range(8)])
        self.assertEqual(self.panel.changed_pages(), [])
        self.assertEqual(self.send(), [])

    def test_only_the_changed_columns_of_a_page_are_sent(self):
        self.send()
        self.panel.framebuf.pixel(100, 17, 1)
        self.panel.framebuf.pixel(103, 23, 1)
        self.assertEqual(self.panel.changed_pages(), [2])
        self.assertEqual(self.send(), [self.message(2, 100, b"\x02\x00\x00\x80")])
        self.panel.framebuf.pixel(103, 23, 0)
        self.assertEqual(self.send(), [self.message(2, 103, b"\x00")])
        self.assertEqual(self.send(), [])

    def test_first_and_last_column(self):
        self.send()
        self.panel.framebuf.pixel(0, 0, 1)
        self.panel.framebuf.pixel(127, 63, 1)
        first, last = self.message(0, 0, b"\x01"), self.message(7, 127, b"\x80")
        self.assertEqual(self.send(), [first, last])

    def test_stretches_far_apart_are_sent_by_themselves(self):
        self.send()
        self.panel.framebuf.pixel(5, 56, 1)
        self.panel.framebuf.pixel(120, 56, 1)
        self.assertEqual(self.send(), [self.message(7, 5, b"\x01"), self.more(120, b"\x01")])

    def test_a_gap_costs_no_more_than_a_write_of_its_own(self):
        first = 1 + len(self.message(0, 20, b"\x01")[1])  # the address
        more = 1 + len(self.more(21, b"")[1])
        for gap in range(1, 40):
            self.panel.framebuf.fill(0)
            self.send()
            self.panel.framebuf.pixel(20, 0, 1)
            self.panel.framebuf.pixel(21 + gap, 0, 1)
            cost = sum(1 + len(data) for _, data in self.send())
            self.assertEqual(cost, first + min(gap, more) + 1, gap)

    def test_the_panel_ends_up_with_the_picture(self):
        self.send()
        ram = bytearray(1024)
        state, page = 1, None
        for _ in range(50):
            for _ in range(20):
                state = state * 1103515245 + 12345 & 0x3FFFFFFF
                self.panel.framebuf.pixel(state >> 8 & 127, state >> 16 & 63, state >> 22 & 1)
            for _, message in self.send():
                page, first, data = self.read(page, message)
                ram[page * 128 + first : page * 128 + first + len(data)] = data
            self.assertEqual(ram, self.panel.buffer)

    def test_a_page_of_which_half_arrived_is_chosen_again(self):
        self.send()
        self.panel.framebuf.pixel(5, 8, 1)
        self.panel.framebuf.pixel(90, 8, 1)
        self.bus.left = 1
        self.assertRaises(OSError, self.panel.send_page, 1)
        self.bus.left = None
        self.assertEqual(self.send(), [self.message(1, 90, b"\x01")])

    def test_a_page_that_did_not_arrive_is_sent_again(self):
        self.bus.broken = True
        self.assertRaises(OSError, self.panel.send_page, 0)
        self.bus.broken = False
        self.assertEqual(len(self.send()), 8)
        self.panel.framebuf.pixel(9, 8, 1)
        self.bus.broken = True
        self.assertRaises(OSError, self.panel.send_page, 1)
        self.bus.broken = False
        self.assertEqual(self.send(), [self.message(1, 9, b"\x01")])

    def test_contrast_outlives_a_new_start(self):
        self.panel.contrast(0x10)
        self.assertEqual(self.bus.log, [(0x3C, b"\x00\x81\x10")])
        self.panel.start()
        self.assertIn(b"\x81\x10", self.bus.log[1][1])

    def test_flipped_both_directions_turn_and_all_is_sent_anew(self):
        self.panel.framebuf.pixel(3, 3, 1)
        before = self.send()
        self.bus.log.clear()
        self.panel.flip(True)
        self.assertEqual(self.bus.log, [(0x3C, b"\x00\xa0\xc0")])
        self.assertEqual(self.send(), before)
        self.panel.start()
        self.assertIn(b"\xa0\xc0", self.bus.log[-1][1])
        self.bus.log.clear()
        self.panel.flip(False)
        self.assertEqual(self.bus.log, [(0x3C, b"\x00\xa1\xc8")])

    def test_a_panel_that_is_off_although_it_was_switched_on_has_lost_its_power(self):
        self.assertFalse(self.panel.has_lost_power(), "it was not switched on")
        self.panel.power(True)
        self.assertFalse(self.panel.has_lost_power())
        self.bus.status = b"\x40"  # bit 6: display off (SSD1306 table 9-2; SH1106 read status)
        self.assertTrue(self.panel.has_lost_power())
        self.panel.power(False)
        self.assertFalse(self.panel.has_lost_power(), "it is to be off")

    def test_other_bits_of_the_status_say_nothing(self):
        self.panel.power(True)
        self.bus.status = b"\xbf"
        self.assertFalse(self.panel.has_lost_power())

    def test_a_panel_that_always_says_it_is_off_or_cannot_be_read_is_believed_to_be_on(self):
        for status in (b"\xff", None):
            self.bus.status = status
            self.panel.power(True)
            self.assertFalse(self.panel.has_lost_power())
        self.bus.status = b"\x00"  # another one
        self.panel.power(True)
        self.bus.broken = True
        self.assertRaises(OSError, self.panel.has_lost_power)

    def test_another_address(self):
        self.make(0x3D).start()
        self.assertEqual(self.bus.log[-1][0], 0x3D)


class SSD1306Test(Panel, unittest.TestCase):
    LEFT = 0
    # Section 10.1 and the application note: clock, multiplex ratio, offset, start line,
    # page addressing, COM pins, precharge, deselect level, no scrolling, contrast, RAM shown,
    # not inverted, upright.
    SETUP = (
        b"\x00\xae\xd5\x80\xa8\x3f\xd3\x00\x40\x20\x02\xda\x12\xd9\xf1\xdb\x20\x2e"
        b"\x81\xcf\xa4\xa6\xa1\xc8"
    )

    def make(self, address=0x3C):
        return SSD1306(self.bus, address)

    def test_a_panel_of_32_rows(self):
        self.panel = SSD1306(self.bus, 0x3C, 128, 32)
        self.panel.start()
        commands = self.bus.log[0][1]
        self.assertIn(b"\xa8\x1f", commands)
        self.assertIn(b"\xda\x02", commands)
        self.assertEqual(self.send(), [self.message(page, 0, bytes(128)) for page in range(4)])

    def test_power_switches_the_charge_pump_too(self):
        self.panel.power(True)
        self.panel.power(False)
        self.assertEqual(self.bus.log, [(0x3C, b"\x00\x8d\x14\xaf"), (0x3C, b"\x00\xae\x8d\x10")])


class SH1106Test(Panel, unittest.TestCase):
    LEFT = 2  # of 132 columns the panel shows the middle 128
    # The commands' power-on values: clock, multiplex ratio, offset, start line, DC-DC off
    # while it is set up, 8.0 V, alternative pads, periods, VCOM, contrast, RAM shown, not
    # inverted; upright.
    SETUP = (
        b"\x00\xae\xd5\x50\xa8\x3f\xd3\x00\x40\xad\x8a\x32\xda\x12\xd9\x22\xdb\x35"
        b"\x81\x80\xa4\xa6\xa1\xc8"
    )

    def make(self, address=0x3C):
        return SH1106(self.bus, address)

    def test_power_switches_the_converter_while_the_panel_is_off(self):
        self.panel.power(True)
        self.panel.power(False)
        self.assertEqual(self.bus.log, [(0x3C, b"\x00\xad\x8b\xaf"), (0x3C, b"\x00\xae\xad\x8a")])


if __name__ == "__main__":
    unittest.main()
