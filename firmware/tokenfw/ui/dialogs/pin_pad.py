"""The PIN pad: digits entered on the token, with one button or with two.

A cursor goes round the choices, and what it is at is taken. The PIN never leaves the token.
A pad that a computer asked for takes its first press as a question does: see consent.py.
After wrong PINs a gesture comes before it: see gesture.py.
"""

import asyncio
import time

from otpcore.errors import Cancelled, NotPressed, Refused
from tokenfw.drivers import button
from tokenfw.system import on_demand
from tokenfw.ui.dialogs.consent import ANSWER, Consent
from tokenfw.ui.dialogs.message import Message
from tokenfw.ui.dialogs.presence import attend
from tokenfw.ui.stack import Screen

DELETE, DONE = "<", "="
DIGITS = "0123456789"
TIMEOUT_MS = 60000  # without a press the entry is given up
_POLL_MS = 10


class Entry(Screen):
    """A PIN that is being entered: `digits` so far, and the choice that the cursor is at.

    `title` is what it is for, `note` what went before, or empty. A short press turns, a long
    one takes; the second button takes, and its long press is done. A hold enters none. The
    Event `pressed` is set at each of them; `done` says that the PIN is whole, `refused` that
    there will be none.
    """

    drawn_by = "tokenfw.ui.screens.pin"

    def __init__(self, words, title, minimum, maximum, note="", consent=None):
        Screen.__init__(self)
        self._words = words
        self.title = title
        self.note = note
        self.consent = consent
        self.digits = ""
        self.pressed = asyncio.Event()
        self.done = self.refused = False
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
        """Take what the cursor is at: a digit, back, or that the PIN is done."""
        choice = self.choice()
        if choice == DONE:
            self.done = True
            return
        self.digits = self.digits[:-1] if choice == DELETE else self.digits + choice
        self._at = 0

    def finish(self):
        """Be done, if there are digits enough; else take what the cursor is at."""
        if len(self.digits) >= self._minimum:
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


class PinPad:
    """Has PINs entered on the screens of `stack`, and says in a message what goes on between."""

    def __init__(self, stack, words):
        self._stack = stack
        self._words = words
        self._message = None  # the Message on the screen
        self._entry = None  # the Entry
        self._misses = 0  # of the gesture, in a row
        self._ended = None  # an exception that ends the dialog

    async def ask(self, title, minimum, maximum, note="", tell=None):
        """Return the digits that somebody enters; raise NotPressed, Refused or Cancelled.

        With `tell` a computer asks: presses count as consent.py says, and tell("pin") is
        awaited when they do. It is tell("seen") that waits for a first one.
        """
        stack, consent = self._stack, None
        if tell is not None:
            consent = Consent(stack.hands, time.ticks_ms(), True)
        self._unsay()
        self._entry = entry = Entry(self._words, title, minimum, maximum, note, consent)
        pressed = entry.pressed
        try:
            stack.push(entry)
            while not entry.done:
                if entry.refused:
                    self._refuse()
                if self._ended is not None:
                    raise self._ended
                pressed.clear()
                if consent is None or consent.open:
                    await asyncio.wait_for_ms(pressed.wait(), TIMEOUT_MS)
                elif not await attend(consent, pressed, stack.changed, tell, "pin", TIMEOUT_MS):
                    raise asyncio.TimeoutError
            stack.hands.finish()
            return entry.digits
        except asyncio.TimeoutError:
            raise NotPressed("nobody entered the PIN within %d s" % (TIMEOUT_MS // 1000))
        finally:
            self._entry = None
            stack.remove(entry)

    async def prove(self, title, left, tell):
        """Have the gesture made once; return after how many seconds it may be tried again.

        It is None when it was made. Raises as ask(); tell("prove") is awaited, if it is there.
        """
        module = on_demand.once("tokenfw.ui.dialogs.gesture")
        stack, hands, words = self._stack, self._stack.hands, self._words
        gesture = module.Gesture(hands.down)
        self._unsay()
        screen = Message(title, words.rows("prove", left, 0))
        stack.push(screen)
        try:
            if tell is not None:
                await tell("prove")
            since = time.ticks_ms()
            while not gesture.over:
                if self._ended is not None:
                    raise self._ended
                now = time.ticks_ms()
                if gesture.poll(now, hands.down):
                    since = now
                    key = "prove_now" if gesture.due(now) else "prove"
                    screen.lines = words.rows(key, left, gesture.made)
                    stack.changed.set()
                elif time.ticks_diff(now, since) >= TIMEOUT_MS:
                    seconds = TIMEOUT_MS // 1000
                    raise NotPressed("nobody held the button within %d s" % seconds)
                await asyncio.sleep_ms(_POLL_MS)
        finally:
            stack.remove(screen)
        hands.finish()
        self._misses = self._misses + 1 if gesture.missed else 0
        return module.wait_after(self._misses) if gesture.missed else None

    def say(self, title, *lines):
        """Show a message until the next entry, or clear()."""
        if self._message is None:
            self._message = Message(title, lines, refuse=self._refuse)
            self._stack.push(self._message)
        self._message.title, self._message.lines = title, lines
        self._stack.changed.set()

    def _unsay(self):
        if self._message is not None:
            self._stack.remove(self._message)
            self._message = None

    async def pause(self, duration_ms):
        """Let the message stand for so long; raise Refused or Cancelled."""
        await asyncio.sleep_ms(duration_ms)
        if self._ended is not None:
            raise self._ended

    def clear(self):
        """The dialog is over: show no message."""
        self._unsay()
        self._ended = None

    def _refuse(self):
        """Enter no PIN: the dialog ends now, or when it comes to its next entry or pause."""
        self._stack.hands.finish()
        self._ended = Refused("no PIN was entered at the token")

    def give_up(self):
        """The request whose dialog goes on was given up."""
        self._ended = Cancelled("the request was given up")
        if self._entry is not None:
            self._entry.pressed.set()
