"""Presence: a question that somebody at the token must answer with the button.

It stops mistakes and programs that only speak the protocol. One question at a
time. Which presses count is in consent.py; the
computer is told of the question when the next press does.
"""

import asyncio
import time

from otpcore.errors import Cancelled, NotPressed, Refused
from tokenfw.drivers import button
from tokenfw.ui.dialogs.consent import ANSWER, SAY_SEEN, Consent
from tokenfw.ui.stack import Screen

TIMEOUT_MS = 30000
_LOOK_MS = 50  # so often is looked at whether a press counts now

YES, NO, GIVEN_UP = 1, 2, 3


class Question(Screen):
    """`title` and up to three `lines` for the screen; `hold` when yes takes a long hold.

    `answer` is YES, NO or GIVEN_UP once the Event `answered` is set. A short press says yes and
    a long one no; with `hold` a hold of three seconds says yes, and a short press no. The second
    button says no, but for a hold.
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
    """Asks on the screens of `stack`, see stack.Stack; of that it takes what ask() does.

    `question` is the Question that stands, or None.
    """

    def __init__(self, stack, words):
        self._stack = stack
        self._words = words
        self.question = None

    async def ask(self, title, lines, tell, hold=False):
        """Return when somebody said yes; raise NotPressed, Refused or Cancelled.

        `tell(notice)`, if it is not None, is awaited with "press" or "hold" when that would
        be an answer, and with "acknowledge" when a press first has to say that it was seen.
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
        """Answer the question that stands, if one does: YES, NO or GIVEN_UP."""
        if self.question is not None:
            self.question.give(answer)


async def attend(consent, happened, changed, tell, notice, timeout_ms):
    """Wait for the Event `happened`; return whether it was set within `timeout_ms`.

    Meanwhile `consent` says what presses mean; when that is another, `changed` is set, and the
    computer told: see Presence.ask().
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
