"""Presence: a question that somebody at the token must answer with the button.

It stops mistakes and programs that only speak the protocol. One question at a
time; the screen shows it, the buttons answer it. Which presses count is in consent.py; the
computer is told of the question when the next press does.
"""

import asyncio
import time

from otpcore.errors import Cancelled, NotPressed, Refused
from tokenfw.ui.dialogs.consent import ANSWER, SAY_SEEN, Consent

TIMEOUT_MS = 30000
_LOOK_MS = 50  # so often is looked at whether a press counts now

YES, NO, GIVEN_UP = 1, 2, 3


class Question:
    """`title` and up to three `lines` for the screen; `hold` when yes takes a long hold."""

    def __init__(self, title, lines, hold, hands):
        self.title = title
        self.lines = lines
        self.hold = hold
        self.answer = None
        self.asked = time.ticks_ms()
        self.consent = Consent(hands, self.asked)


class Presence:
    """`changed` is an asyncio.Event, set whenever the screen has something else to show.

    `hands` are the Hands on the buttons.
    """

    def __init__(self, changed, hands):
        self.question = None
        self._changed = changed
        self._hands = hands
        self._answered = asyncio.Event()

    async def ask(self, title, lines, tell, hold=False):
        """Return when somebody said yes; raise NotPressed, Refused or Cancelled.

        `tell(notice)`, if it is not None, is awaited with "press" or "hold" when that would
        be an answer, and with "acknowledge" when a press first has to say that it was seen.
        """
        question = Question(title, lines, hold, self._hands)
        self._answered.clear()
        self.question = question
        try:
            notice = "hold" if hold else "press"
            attention = attend(question, self._answered, self._changed, tell, notice, TIMEOUT_MS)
            if not await attention:
                raise NotPressed("button", TIMEOUT_MS // 1000)
        finally:
            self.question = None
            self._changed.set()
        if question.answer == NO:
            raise Refused
        if question.answer == GIVEN_UP:
            raise Cancelled

    def answer(self, answer):
        """Answer the question that stands, if one does: YES, NO or GIVEN_UP."""
        if self.question is not None:
            self.question.answer = answer
            self._answered.set()


async def attend(asked, happened, changed, tell, notice, timeout_ms):
    """Wait for the Event `happened`; return whether it was set within `timeout_ms`.

    Meanwhile `asked.consent` says what presses mean; when that is another, `changed` is set,
    and the computer told: see Presence.ask().
    """
    begun = time.ticks_ms()
    before, told = None, []
    while True:
        now = time.ticks_ms()
        left = timeout_ms - time.ticks_diff(now, begun)
        if left <= 0:
            return False
        state = asked.consent.state(now)
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
