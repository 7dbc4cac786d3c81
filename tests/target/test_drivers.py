"""The button's driver. The panels' are in test_panels.py, the clock chips' in files of their own.

Runs on MicroPython.
"""

import unittest
from time import ticks_add

from tokenfw.drivers.button import DOUBLE, DOWN, HOLD, LONG, SHORT, Button


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


class DoubleTest(ButtonTest):
    """The same with `doubles` set: only a SHORT comes later; and what two presses are."""

    def start(self, now):
        ButtonTest.start(self, now)
        self.button.doubles = True

    def press(self, milliseconds, after=400):
        self.pressed = True
        events = self.wait(milliseconds)
        self.pressed = False
        return [event for event, _ in events + self.wait(after)]

    def test_bounce_on_both_edges_counts_once(self):
        events = []
        for length in (5, 10, 5, 15, 300, 5, 15, 5, 10, 600):
            self.pressed = not self.pressed
            events += self.wait(length)
        self.assertEqual([event for event, _ in events], [DOWN, SHORT])

    def test_two_presses(self):
        self.assertEqual(self.press(80, 150) + self.press(80), [DOWN, DOUBLE])
        self.assertEqual(self.press(80), [DOWN, SHORT])

    def test_a_slow_second_press_is_one_of_its_own(self):
        self.assertEqual(self.press(80, 260) + self.press(80), [DOWN, SHORT, DOWN, SHORT])

    def test_a_short_is_given_when_no_second_press_can_come_any_more(self):
        self.press(80, 0)
        (event,) = self.wait(600)
        self.assertEqual(event[0], SHORT)
        self.assertTrue(250 <= event[1] <= 280)

    def test_a_second_press_that_is_held_gives_no_more(self):
        events = self.press(80, 100)
        self.pressed = True
        events += [event for event, _ in self.wait(5000)]
        self.assertEqual(events, [DOWN, DOUBLE])

    def test_a_long_press_is_no_first_one(self):
        self.assertEqual(self.press(900, 100) + self.press(80), [DOWN, LONG, DOWN, SHORT])

    def test_three_presses_are_two_and_one(self):
        events = self.press(60, 100) + self.press(60, 100) + self.press(60)
        self.assertEqual(events, [DOWN, DOUBLE, DOWN, SHORT])

    def test_a_glitch_is_no_second_press(self):
        events = self.press(80, 100)
        self.pressed = True
        events += [event for event, _ in self.wait(15)]
        self.pressed = False
        events += [event for event, _ in self.wait(500)]
        self.assertEqual(events, [DOWN, SHORT])

    def test_where_doubles_stop_to_count_the_first_press_is_given_at_once(self):
        events = self.press(80, 50)
        self.button.doubles = False
        self.assertEqual(events + self.press(80), [DOWN, SHORT, DOWN, SHORT])

    def test_nothing_is_lost_when_nobody_polls_for_a_while(self):
        """A second press that began in time, and was seen late; one that began late."""
        events = self.press(80, 100)
        self.pressed = True
        self.now = ticks_add(self.now, 100)
        events += [event for event, _ in self.wait(100)]
        self.assertEqual(events, [DOWN, DOUBLE])
        self.pressed = False
        self.wait(400)
        events = self.press(80, 100)
        self.now = ticks_add(self.now, 400)
        self.assertEqual(events + self.press(80), [DOWN, SHORT, DOWN, SHORT])


if __name__ == "__main__":
    unittest.main()
