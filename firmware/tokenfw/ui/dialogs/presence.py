"""Presence: a question that the user must answer with the button.

It stops mistakes, and programs that only speak the protocol. One question is asked at a time.
consent.py decides which presses count; the computer gets a notice once the next press would.
"""

import asyncio
import time

from otpcore.errors import Cancelled, NotPressed, Refused
from tokenfw.drivers import button
from tokenfw.ui.dialogs.consent import ANSWER, SAY_SEEN, Consent
from tokenfw.ui.stack import Screen

TIMEOUT_MS = 30000
_LOOK_MS = 50  # how often to check whether a press would count now

YES, NO, GIVEN_UP = 1, 2, 3


class Question(Screen):
    """A question: a `title` and up to three `lines`; `hold` is whether yes is a long hold.

    `answer` is YES, NO or GIVEN_UP once the Event `answered` is set. A short press means yes and
    a long one no; with `hold` a hold of three seconds means yes, and a short press no. Any press
    of the second button means no, except for such a hold.
    """

    drawn_by = "tokenfw.ui.screens.prompt"

    def __init__(self, words, title, lines, hold, consent):
        Screen.__init__(self)
        self._words = words
        self.title = title
        self.lines = lines
        self.hold = hold
        self.consent = consent
        self.answer = None
        self.answered = asyncio.Event()

    def give(self, answer):
        """Answer it."""
        self.answer = answer
        self.answered.set()

    def press(self, event, number):
        yes, no = (button.HOLD, button.SHORT) if self.hold else (button.SHORT, button.LONG)
        if event == yes and (number == 0 or self.hold):
            self.give(YES)
        elif event == no or (event == button.SHORT and number):
            self.give(NO)

    def paint(self, canvas, tick, second=None):
        state = self.consent.state(time.ticks_ms())
        self.picture.draw(canvas, self._words, self.title, self.lines, self.hold, tick, state)


class Presence:
    """Asks questions on `stack`, of which it needs only what ask() uses: see stack.Stack.

    `question` is the Question on the screen, or None.
    """

    def __init__(self, stack, words):
        self._stack = stack
        self._words = words
        self.question = None

    async def ask(self, title, lines, tell, hold=False):
        """Return once the answer is yes; raise NotPressed, Refused or Cancelled.

        `tell(notice)`, if it is not None, is awaited with "press" or "hold" once that would be
        an answer, and with "acknowledge" while a first press is needed to acknowledge the question.
        """
        stack, notice = self._stack, "hold" if hold else "press"
        consent = Consent(stack.hands, time.ticks_ms())
        self.question = question = Question(self._words, title, lines, hold, consent)
        try:
            stack.push(question)
            attention = attend(consent, question.answered, stack.changed, tell, notice, TIMEOUT_MS)
            if not await attention:
                raise NotPressed("button", TIMEOUT_MS // 1000)
        finally:
            self.question = None
            stack.remove(question)
        if question.answer == NO:
            raise Refused
        if question.answer == GIVEN_UP:
            raise Cancelled

    def answer(self, answer):
        """Answer the question on the screen, if any, with YES, NO or GIVEN_UP."""
        if self.question is not None:
            self.question.give(answer)


async def attend(consent, happened, changed, tell, notice, timeout_ms):
    """Wait for the Event `happened`; return whether it was set within `timeout_ms`.

    Meanwhile, whenever the state of `consent` changes, `changed` is set, and the computer gets a
    notice by `tell`: see Presence.ask().
    """
    begun = time.ticks_ms()
    before, told = None, []
    while True:
        now = time.ticks_ms()
        left = timeout_ms - time.ticks_diff(now, begun)
        if left <= 0:
            return False
        state = consent.state(now)
        if state != before:
            before = state
            changed.set()
            said = {ANSWER: notice, SAY_SEEN: "acknowledge"}.get(state)
            if said is not None and tell is not None and said not in told:
                told.append(said)
                await tell(said)
        try:
            await asyncio.wait_for_ms(happened.wait(), min(left, _LOOK_MS))
            return True
        except asyncio.TimeoutError:
            pass
