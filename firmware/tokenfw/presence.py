"""Presence: a question that somebody at the token must answer with the button.

It stops mistakes and programs that only speak the protocol. One question at a
time; the screen shows it, the buttons answer it.
"""

import asyncio

from otpcore.errors import Cancelled, NotPressed, Refused

TIMEOUT_MS = 30000

YES, NO, GIVEN_UP = 1, 2, 3


class Question:
    """`title` and up to three `lines` for the screen; `hold` when yes takes a long hold."""

    def __init__(self, title, lines, hold):
        self.title = title
        self.lines = lines
        self.hold = hold
        self.answer = None


class Presence:
    """`changed` is an asyncio.Event, set whenever the screen has something else to show."""

    def __init__(self, changed):
        self.question = None
        self._changed = changed
        self._answered = asyncio.Event()

    async def ask(self, title, lines, hold=False):
        """Return when somebody said yes; raise NotPressed, Refused or Cancelled."""
        question = Question(title, lines, hold)
        self._answered.clear()
        self.question = question
        self._changed.set()
        try:
            await asyncio.wait_for_ms(self._answered.wait(), TIMEOUT_MS)
        except asyncio.TimeoutError:
            raise NotPressed("nobody pressed the button within %d s" % (TIMEOUT_MS // 1000))
        finally:
            self.question = None
            self._changed.set()
        if question.answer == NO:
            raise Refused("it was refused at the token")
        if question.answer == GIVEN_UP:
            raise Cancelled("the request was given up")

    def answer(self, answer):
        """Answer the question that stands, if one does: YES, NO or GIVEN_UP."""
        if self.question is not None:
            self.question.answer = answer
            self._answered.set()
