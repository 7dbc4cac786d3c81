"""Presence: a question that somebody at the token must answer with the button.

It stops mistakes and programs that only speak the protocol. One question at a
time; the screen shows it, the buttons answer it. What is pressed before a
question has stood for SETTLE_MS was not meant for it, and the computer is told of
it no sooner: who presses then is heard.
"""

import asyncio
import time

from otpcore.errors import Cancelled, NotPressed, Refused

TIMEOUT_MS = 30000
SETTLE_MS = 300  # nobody reads a question and presses sooner

YES, NO, GIVEN_UP = 1, 2, 3


class Question:
    """`title` and up to three `lines` for the screen; `hold` when yes takes a long hold."""

    def __init__(self, title, lines, hold):
        self.title = title
        self.lines = lines
        self.hold = hold
        self.answer = None
        self.asked = time.ticks_ms()

    def stands(self):
        """Tell whether it has stood long enough for a press to be its answer."""
        return time.ticks_diff(time.ticks_ms(), self.asked) >= SETTLE_MS


class Presence:
    """`changed` is an asyncio.Event, set whenever the screen has something else to show."""

    def __init__(self, changed):
        self.question = None
        self._changed = changed
        self._answered = asyncio.Event()

    async def ask(self, title, lines, tell, hold=False):
        """Return when somebody said yes; raise NotPressed, Refused or Cancelled.

        `tell` is awaited when the question has stood long enough to be answered.
        """
        question = Question(title, lines, hold)
        self._answered.clear()
        self.question = question
        self._changed.set()
        try:
            if not await self._answer_within(SETTLE_MS):
                await tell()
                if not await self._answer_within(TIMEOUT_MS - SETTLE_MS):
                    seconds = TIMEOUT_MS // 1000
                    raise NotPressed("nobody pressed the button within %d s" % seconds)
        finally:
            self.question = None
            self._changed.set()
        if question.answer == NO:
            raise Refused("it was refused at the token")
        if question.answer == GIVEN_UP:
            raise Cancelled("the request was given up")

    async def _answer_within(self, duration_ms):
        try:
            await asyncio.wait_for_ms(self._answered.wait(), duration_ms)
            return True
        except asyncio.TimeoutError:
            return False

    def answer(self, answer):
        """Answer the question that stands, if one does: YES, NO or GIVEN_UP."""
        if self.question is not None:
            self.question.answer = answer
            self._answered.set()
