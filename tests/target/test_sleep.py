"""When a dark token may sleep, and what it recalls of it. Runs on MicroPython."""

import unittest

from tokenfw.power.sleep import Sleep, recall
from tokenfw.vault.states import LOCKED, NEWER, READY


class Vault:
    def __init__(self):
        self.state = READY
        self.wait = 0
        self.stranded = False

    def seconds_to_wait(self):
        return self.wait


class Clock:
    without_chip = setting = False


class Sleeping:
    """A board that a press wakes."""

    def sleep(self):
        return lambda: None


class Awake:
    """A board that nothing would wake."""

    asked = 0

    def sleep(self):
        Awake.asked += 1


class SleepTest(unittest.TestCase):
    def setUp(self):
        self.vault, self.clock, self.usb = Vault(), Clock(), False
        self.kept = b"F:\0"
        self.sleep = Sleep(Sleeping, self.memory, lambda: self.usb, True)

    def memory(self, data=None):
        if data is None:
            return self.kept
        self.kept = data
        return None

    def is_due(self):
        """Tell whether it may sleep, which what a computer wants does not change here."""
        usual = self.sleep.is_due(self.vault, self.clock)
        self.assertEqual(self.sleep.is_due(self.vault, self.clock, True), usual)
        return usual

    def test_only_with_nothing_to_lose(self):
        self.assertTrue(self.is_due())
        self.vault.state = LOCKED
        self.assertTrue(self.is_due())
        self.vault.wait = 30
        self.assertFalse(self.is_due())
        self.vault.wait = 0
        self.vault.state = NEWER
        self.assertFalse(self.is_due())
        self.vault.state = READY
        self.usb = True
        self.assertFalse(self.is_due())
        self.usb = False
        self.clock.without_chip = True
        self.assertFalse(self.is_due())
        self.clock.without_chip = False
        self.clock.setting = True  # the log in flash says that a set is under way
        self.assertFalse(self.is_due())

    def test_a_computer_that_asked_just_now_has_it_awake_unless_the_battery_is_empty(self):
        self.sleep.heard()
        self.assertFalse(self.sleep.is_due(self.vault, self.clock))
        self.assertTrue(self.sleep.is_due(self.vault, self.clock, True))

    def test_never_where_nothing_would_wake_it_and_the_board_is_asked_once(self):
        self.sleep = Sleep(Awake, self.memory, lambda: self.usb, True)
        for _ in range(3):
            self.assertFalse(self.is_due())
        self.assertEqual(Awake.asked, 1)
        self.sleep.begin(1, 1)
        self.assertEqual(self.kept, b"F:\0")

    def test_recall_undoes_the_note(self):
        for selected, wake_count in ((None, 0), (1, 255), (65535, 256 + 7)):
            self.sleep.begin(selected, wake_count)
            self.assertEqual(recall(self.memory), (selected or 0, wake_count & 255))
            self.assertEqual(self.kept, b"F:\0")
        self.assertEqual(recall(self.memory), ())
        self.assertEqual(self.kept, b"F:\0")
