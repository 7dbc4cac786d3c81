"""The PIN pad: digits entered on the token, with one button or with two.

A cursor goes round the choices, and what it is at is taken. While a PIN is entered
`entry` stands, and the screen shows it. What the screen has to say between two
entries stands in `message`. The PIN never leaves the token. A pad that a computer asked for
takes its first press as a question does: see consent.py. After wrong PINs a gesture comes
before it: see gesture.py.
"""

import asyncio
import time

from otpcore.errors import Cancelled, NotPressed, Refused
from tokenfw.system import on_demand
from tokenfw.ui.dialogs.consent import Consent
from tokenfw.ui.dialogs.presence import attend

DELETE, DONE = "<", "="
DIGITS = "0123456789"
TIMEOUT_MS = 60000  # without a press the entry is given up


class Entry:
    """A PIN that is being entered: `digits` so far, and the choice that the cursor is at.

    `title` is what it is for, `note` what went before, or empty. `consent` says which presses
    count, None that all do.
    """

    def __init__(self, title, minimum, maximum, note="", consent=None):
        self.title = title
        self.note = note
        self.consent = consent
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
    """`changed` is an asyncio.Event, set whenever the screen has something else to show.

    `hands` are the Hands on the buttons.
    """

    def __init__(self, changed, hands):
        self.entry = None
        self.gesture = None  # the Gesture that is wanted before the next entry
        self.message = None  # (title, lines)
        self._misses = 0  # of the gesture, in a row
        self._changed = changed
        self._hands = hands
        self._pressed = asyncio.Event()
        self._done = False  # the entry is
        self._ended = None  # an exception that ends the dialog

    async def ask(self, title, minimum, maximum, note="", tell=None):
        """Return the digits that somebody enters; raise NotPressed, Refused or Cancelled.

        With `tell` a computer asks: presses count as consent.py says, and tell("pin") is
        awaited when they do. It is tell("acknowledge") that waits for a first one.
        """
        consent = None if tell is None else Consent(self._hands, time.ticks_ms())
        self.message = None
        self._done = False
        self.entry = entry = Entry(title, minimum, maximum, note, consent)
        self._changed.set()
        try:
            while not self._done:
                if self._ended is not None:
                    raise self._ended
                self._pressed.clear()
                if consent is None or consent.open:
                    await asyncio.wait_for_ms(self._pressed.wait(), TIMEOUT_MS)
                elif not await attend(entry, self._pressed, self._changed, tell, "pin", TIMEOUT_MS):
                    raise asyncio.TimeoutError
            self._hands.finish()
            return entry.digits
        except asyncio.TimeoutError:
            raise NotPressed("pin", TIMEOUT_MS // 1000)
        finally:
            self.entry = None
            self._changed.set()

    async def prove(self, title, left, tell):
        """Have the gesture made once; return after how many seconds it may be tried again.

        It is None when it was made. Raises as ask(); tell("holds") is awaited, if it is there.
        """
        module = on_demand.once("tokenfw.ui.dialogs.gesture")
        self.message = None
        self.gesture = gesture = module.Gesture(title, left, self._hands.down)
        self._changed.set()
        try:
            if tell is not None:
                await tell("holds")
            while not gesture.over:
                if self._ended is not None:
                    raise self._ended
                self._pressed.clear()
                await asyncio.wait_for_ms(self._pressed.wait(), TIMEOUT_MS)
        except asyncio.TimeoutError:
            raise NotPressed("holds", TIMEOUT_MS // 1000)
        finally:
            self.gesture = None
            self._changed.set()
        self._hands.finish()
        self._misses = self._misses + 1 if gesture.missed else 0
        return module.wait_after(self._misses) if gesture.missed else None

    def sense(self, now_ms, down):
        """Take whether a button is down, for the gesture that is wanted."""
        if self.gesture.poll(now_ms, down):
            self._pressed.set()
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
        return not (self.entry is None and self.gesture is None and self.message is None)

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
        if self.busy:
            self._hands.finish()
            self._end(Refused("pin"))

    def give_up(self):
        """The request whose dialog goes on was given up."""
        self._end(Cancelled())

    def _end(self, error):
        self._ended = error
        self._pressed.set()
