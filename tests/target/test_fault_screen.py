"""The fault screen's pictures, on both sizes of panel. Runs on MicroPython."""

import asyncio
import unittest

import golden

from tokenfw.drivers.ssd1306 import SSD1306
from tokenfw.system.fault_screen import Screen
from tokenfw.ui.dialogs.consent import STAND_MS


class Bus:
    def writeto(self, address, data):
        pass

    def readfrom_mem(self, address, register, size):
        return bytes(size)


class Record:
    count = 3

    def __init__(self, text):
        self.text = text


class Board:
    def __init__(self, height):
        self.oled = SSD1306(Bus(), 0x3C, 128, height)

    def panel(self):
        return self.oled

    def buttons(self):
        return []


class FaultScreenTest(unittest.TestCase):
    HEIGHT, PREFIX = 64, ""

    def screen(self, text):
        self.board = Board(self.HEIGHT)
        return Screen(self.board, Record(text))

    def check(self, screen, name, tick=0):
        asyncio.run(screen.paint(tick))
        panel, name = self.board.oled, self.PREFIX + name
        golden.check(self, name, panel.framebuf, panel.width, panel.height)

    def test_what_failed_and_where_by_turns_where_there_is_little_room(self):
        screen = self.screen("ValueError clock.py:131")
        self.check(screen, "fault-place")
        self.check(screen, "fault-place-blinks", 1)
        self.check(screen, "fault-place-second", 6)

    def test_names_that_are_longer_than_a_row(self):
        screen = self.screen("NoVaultPartitionAtAll announcement.py:77")
        self.check(screen, "fault-long")
        self.check(screen, "fault-long-second", 6)

    def test_a_crash(self):
        self.check(self.screen("crashed"), "fault-crashed")

    def is_golden(self, name):
        panel = self.board.oled
        return golden.is_golden(self.PREFIX + name, panel.framebuf, panel.width, panel.height)

    def test_the_wipe(self):
        screen = self.screen("ValueError clock.py:131")

        async def ask():
            lines = ["All accounts", "will be erased"]
            task = asyncio.create_task(screen.questions.ask("Wipe token?", lines, None, True))
            await asyncio.sleep_ms(0)
            await screen.paint(0)
            first = self.is_golden("fault-wipe-first")
            await asyncio.sleep_ms(STAND_MS + 200)
            await screen.paint(0)
            task.cancel()
            return first

        self.assertTrue(asyncio.run(ask()))
        self.assertTrue(self.is_golden("fault-wipe"))
        screen.questions.question = None  # whether or not the loop still came to that
        screen.wiping = True
        self.check(screen, "fault-wiping")


class LowFaultScreenTest(FaultScreenTest):
    HEIGHT, PREFIX = 32, "low-"


if __name__ == "__main__":
    unittest.main()
