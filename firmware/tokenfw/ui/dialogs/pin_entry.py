"""The screen on which a PIN is entered, with one button or two.

A cursor cycles through the choices, and a press takes one. The PIN never leaves the token.
"""

import asyncio
import time

from tokenfw.drivers import button
from tokenfw.ui.dialogs.consent import ANSWER
from tokenfw.ui.stack import Screen

DELETE, DONE, STOP = "<", "=", "x"
DIGITS = "0123456789"


class Entry(Screen):
    """The entry of a PIN of `minimum` to `maximum` digits: `digits` so far, and a cursor.

    `title` is the purpose, `note` what happened before, or "". A short press moves the cursor, a
    long one takes the choice at it; with a second button a short press of that takes it, and a
    long one finishes. A hold refuses. The Event `pressed` is set at each press. `done` is whether
    the PIN is complete, `refused` whether the user refuses to enter one, `two` whether there is
    a second button. `runs` is not 0 while a held button moves the cursor: see GroupEntry.
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
        """Whether the digits suffice for a PIN."""
        return len(self.digits) >= self._minimum

    def choices(self):
        """Return the characters that can be taken now, in the cursor's order."""
        choices = DIGITS if len(self.digits) < self._maximum else ""
        if self.enough:
            choices = DONE + choices
        return choices + DELETE if self.digits else choices

    def choice(self, away=0):
        """Return the choice at the cursor, or so many places away from it."""
        choices = self.choices()
        return choices[(self._at + away) % len(choices)]

    def turn(self, by):
        """Move the cursor by so many places."""
        self._at = (self._at + by) % len(self.choices())

    def take(self):
        """Take the choice at the cursor: a digit, DELETE or DONE."""
        choice = self.choice()
        if choice == DONE:
            self.done = True
            return
        self.digits = self.digits[:-1] if choice == DELETE else self.digits + choice
        self._at = 0

    def finish(self):
        """Finish, if there are enough digits; else take the choice at the cursor."""
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
