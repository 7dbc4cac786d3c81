"""The button's driver. The panels' are in test_panels.py, the clock chips' in files of their own.

Runs on MicroPython.
"""

import unittest
from time import ticks_add

from tokenfw.drivers.button import DOWN, HOLD, LONG, SHORT, Button


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
