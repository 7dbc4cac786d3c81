"""The PIN pad: digits entered on the token, with one button or with two.

A cursor goes round the choices, and what it is at is taken. While a PIN is entered
`entry` stands, and the screen shows it. What the screen has to say between two
entries stands in `message`. The PIN never leaves the token.
"""

import asyncio
import time

from otpcore.errors import Cancelled, NotPressed, Refused

DELETE, DONE = "<", "="
DIGITS = "0123456789"
TIMEOUT_MS = 60000  # without a press the entry is given up


class Entry:
    """A PIN that is being entered: `digits` so far, and the choice that the cursor is at."""

    def __init__(self, title, minimum, maximum):
        self.title = title
        self.digits = ""
        self.asked = time.ticks_ms()
        self._minimum = minimum
        self._maximum = maximum
        self._at = 0

    def choices(self):
        """Return the characters that can be taken now, in the cursor's order."""
        choices = DIGITS if len(self.digits) < self._maximum else ""
        if len(self.digits) >= self._minimum:
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
        """Take what the cursor is at; return whether the PIN is done."""
        choice = self.choice()
        if choice == DONE:
            return True
        self.digits = self.digits[:-1] if choice == DELETE else self.digits + choice
        self._at = 0
        return False

    def is_long_enough(self):
        """Tell whether the digits so far may be the PIN."""
        return len(self.digits) >= self._minimum


class PinPad:
    """`changed` is an asyncio.Event, set whenever the screen has something else to show."""

    def __init__(self, changed):
        self.entry = None
        self.message = None  # (title, lines)
        self._changed = changed
        self._pressed = asyncio.Event()
        self._done = False  # the entry is
        self._ended = None  # an exception that ends the dialog

    async def ask(self, title, minimum, maximum):
        """Return the digits that somebody enters; raise NotPressed, Refused or Cancelled."""
        self.message = None
        self._done = False
        self.entry = Entry(title, minimum, maximum)
        self._changed.set()
        try:
            while not self._done:
                if self._ended is not None:
                    raise self._ended
                self._pressed.clear()
                await asyncio.wait_for_ms(self._pressed.wait(), TIMEOUT_MS)
            return self.entry.digits
        except asyncio.TimeoutError:
            raise NotPressed("nobody entered the PIN within %d s" % (TIMEOUT_MS // 1000))
        finally:
            self.entry = None
            self._changed.set()

    def say(self, title, *lines):
        """Show a message until the next entry, or clear()."""
        self.message = (title, list(lines))
        self._changed.set()

    async def pause(self, duration_ms):
        """Let the message stand for so long; raise Refused or Cancelled."""
        await asyncio.sleep_ms(duration_ms)
        if self._ended is not None:
            raise self._ended

    def clear(self):
        """The dialog is over: show no message."""
        self.message = self._ended = None
        self._changed.set()

    @property
    def busy(self):
        """Whether the pad has the screen."""
        return self.entry is not None or self.message is not None

    # what the buttons do

    def turn(self, by):
        """Move the cursor on, or back."""
        self.entry.turn(by)
        self._pressed.set()

    def take(self):
        """Take what the cursor is at."""
        if self.entry.take():
            self._done = True
        self._pressed.set()

    def finish(self):
        """Be done, if there are digits enough; else take what the cursor is at."""
        if self.entry.is_long_enough():
            self._done = True
            self._pressed.set()
        else:
            self.take()

    def refuse(self):
        """Enter no PIN: the dialog ends now, or when it comes to its next entry or pause."""
        self._end(Refused("no PIN was entered at the token"))

    def give_up(self):
        """The request that asked for it was given up."""
        self._end(Cancelled("the request was given up"))

    def _end(self, error):
        if self.busy:
            self._ended = error
            self._pressed.set()
