"""The PIN pad: has PINs entered, and shows messages between them.

The first press on a pad that a computer asked for counts as on a question: see consent.py.
After wrong PINs a gesture precedes it: see gesture.py.
"""

import asyncio
import time

from otpcore.errors import Cancelled, NotPressed, Refused
from tokenfw.system import on_demand
from tokenfw.ui.dialogs.consent import Consent
from tokenfw.ui.dialogs.message import Message
from tokenfw.ui.dialogs.pin_entry import Entry
from tokenfw.ui.dialogs.presence import attend

TIMEOUT_MS = 60000  # without a press, after which an entry ends
_POLL_MS = 10
_RUN_MS = 400  # per choice: people release about 250 ms after they have seen theirs


class PinPad:
    """Has PINs and codes entered on the screens of `stack`, and shows messages between them."""

    def __init__(self, stack, words):
        self._stack = stack
        self._words = words
        self._message = None  # the Message on the screen, or None
        self._entry = None  # the Entry on the screen, or None
        self._misses = 0  # failed gestures in a row
        self._ended = None  # an exception that ends the dialog

    def ask(self, title, minimum, maximum, note="", tell=None):
        """Return the coroutine that has a PIN entered, and returns it: see have()."""
        return self.have(Entry(self._words, title, minimum, maximum, note), tell, "pin", TIMEOUT_MS)

    async def have(self, entry, tell, what, timeout_ms):
        """Return the digits that are entered on an Entry; raise NotPressed, Refused, Cancelled.

        `what`, "pin" or "code", is the reason of these errors. With `tell` a computer asks: presses
        count as consent.py says, and tell(what) is awaited once they do, tell("acknowledge") while
        a first press is needed to acknowledge the question. `timeout_ms` restarts at each press.
        """
        stack, pressed = self._stack, entry.pressed
        if tell is not None:
            entry.consent = Consent(stack.hands, time.ticks_ms(), True)
        consent = entry.consent
        self._unsay()
        self._entry = entry
        entry.two = stack.hands.two
        try:
            stack.push(entry)
            while not entry.done:
                if entry.refused:
                    stack.hands.finish()
                    self._ended = Refused("code") if what == "code" else Refused("pin")
                if self._ended is not None:
                    raise self._ended
                pressed.clear()
                if entry.runs:
                    await self._run(entry, timeout_ms)
                elif consent is None or consent.open:
                    await asyncio.wait_for_ms(pressed.wait(), timeout_ms)
                elif not await attend(consent, pressed, stack.changed, tell, what, timeout_ms):
                    raise asyncio.TimeoutError
            stack.hands.finish()
            return entry.digits
        except asyncio.TimeoutError:
            seconds = timeout_ms // 1000
            raise NotPressed("code", seconds) if what == "code" else NotPressed("pin", seconds)
        finally:
            self._entry = None
            stack.remove(entry)

    async def _run(self, entry, timeout_ms):
        """Move an Entry's cursor while a button is held; then take the choice at it."""
        hands, begun = self._stack.hands, time.ticks_ms()
        steps = 0
        while hands.down and self._ended is None:
            await asyncio.sleep_ms(_POLL_MS)
            held = time.ticks_diff(time.ticks_ms(), begun)
            if held >= timeout_ms:
                raise asyncio.TimeoutError
            if held >= (steps + 1) * _RUN_MS:
                steps += 1
                entry.run()
                self._stack.changed.set()
        entry.let_go()
        self._stack.changed.set()

    async def prove(self, title, left, tell):
        """Have one attempt at the gesture made; return None if it was completed.

        Otherwise return the delay of the next attempt in seconds. Raises the same as have();
        tell("holds") is awaited first, unless `tell` is None.
        """
        module = on_demand.once("tokenfw.ui.dialogs.gesture")
        stack, hands, words = self._stack, self._stack.hands, self._words
        gesture = module.Gesture(hands.down)
        self._unsay()
        screen = Message(title, words.rows("prove", left, 0))
        stack.push(screen)
        try:
            if tell is not None:
                await tell("holds")
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
                    raise NotPressed("holds", seconds)
                await asyncio.sleep_ms(_POLL_MS)
        finally:
            stack.remove(screen)
        hands.finish()
        self._misses = self._misses + 1 if gesture.missed else 0
        return module.wait_after(self._misses) if gesture.missed else None

    def say(self, title, *lines):
        """Show a message until the next entry, or clear()."""
        if self._message is None:
            self._message = Message(title, lines, pad=self)
            self._stack.push(self._message)
        self._message.title, self._message.lines = title, lines
        self._stack.changed.set()

    def _unsay(self):
        if self._message is not None:
            self._stack.remove(self._message)
            self._message = None

    async def pause(self, duration_ms):
        """Leave the message on the screen for so long; raise Refused or Cancelled."""
        await asyncio.sleep_ms(duration_ms)
        if self._ended is not None:
            raise self._ended

    def clear(self):
        """End the dialog: remove the message."""
        self._unsay()
        self._ended = None

    def refuse(self):
        """Refuse to enter a PIN: the dialog ends at its next entry or pause."""
        self._stack.hands.finish()
        self._ended = Refused("pin")

    def give_up(self):
        """End the dialog of a request that was given up: it raises Cancelled."""
        self._ended = Cancelled()
        if self._entry is not None:
            self._entry.pressed.set()
