"""A PIN that is being entered, with one button or with two: a screen.

A cursor goes round the choices, and a press takes one. The PIN never leaves the token.
"""

import asyncio
import time

from tokenfw.drivers import button
from tokenfw.ui.dialogs.consent import ANSWER
from tokenfw.ui.stack import Screen

DELETE, DONE, STOP = "<", "=", "x"
DIGITS = "0123456789"


class Entry(Screen):
    """`digits` so far, and the choice that the cursor is at.

    `title` is what it is for, `note` what went before, or empty. A short press turns, a long
    one takes; the second button takes, and its long press is done. A hold enters none. The
    Event `pressed` is set at each of them; `done` says that the PIN is whole, `refused` that
    there will be none. `two` says that there is a second button, and `enough` that the digits
    are as many as a PIN has. While `runs` is not 0 a button is held that runs through the choices,
    where there is such: see GroupEntry.
    """

    drawn_by = "tokenfw.ui.screens.pin"
    two = False
    runs = 0

    def __init__(self, words, title, minimum, maximum, note=""):
        Screen.__init__(self)
        self._words = words
        self.title = title
        self.note = note
        self.digits = ""
        self.pressed = asyncio.Event()
        self.done = self.refused = False
        self._minimum = minimum
        self._maximum = maximum
        self._at = 0

    @property
    def enough(self):
        """Whether it could be done now."""
        return len(self.digits) >= self._minimum

    def choices(self):
        """Return the characters that can be taken now, in the cursor's order."""
        choices = DIGITS if len(self.digits) < self._maximum else ""
        if self.enough:
            choices = DONE + choices
        return choices + DELETE if self.digits else choices

    def choice(self, away=0):
        """Return what the cursor is at, or what is so many places away from it."""
        choices = self.choices()
        return choices[(self._at + away) % len(choices)]

    def turn(self, by):
        """Move the cursor."""
        self._at = (self._at + by) % len(self.choices())

    def take(self):
        """Take what the cursor is at: a digit, back, or that the PIN is done."""
        choice = self.choice()
        if choice == DONE:
            self.done = True
            return
        self.digits = self.digits[:-1] if choice == DELETE else self.digits + choice
        self._at = 0

    def finish(self):
        """Be done, if there are digits enough; else take what the cursor is at."""
        if self.enough:
            self.done = True
        else:
            self.take()

    def press(self, event, number):
        if event == button.HOLD:
            self.refused = True
        elif event == button.SHORT and number == 0:
            self.turn(1)
        elif event == button.LONG and number:
            self.finish()
        else:
            self.take()
        self.pressed.set()

    def paint(self, canvas, tick, second=None):
        state = ANSWER if self.consent is None else self.consent.state(time.ticks_ms())
        self.picture.draw(canvas, self._words, self, tick, state)
