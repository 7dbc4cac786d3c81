"""A wipe that is asked for: one question at the token, and its answer is for all who ask.

A computer whose first request was lost with its program, or with the cable, asks again while
that question still stands. It is not refused for it, and nothing changes under the fingers of
who holds the button.
"""

from otpcore.errors import Refused

_ASKED, _QUEUED = "hold", "queued"


class Wiping:
    """`turn(asker, notice, first)` is a dialog of an asker, `give_up(asker)` ends it."""

    def __init__(self, turn, give_up):
        self._turn = turn
        self._give_up = give_up
        self._askers = []
        self._asked = None  # the asker whose question stands
        self._notice = _QUEUED
        self._said = None  # what somebody answered: True or False

    @property
    def over(self):
        """Whether somebody answered, or nobody asks any more."""
        return self._said is not None or not self._askers

    async def carry_out(self, asker, ask, erase):
        """Have `ask(tell)` ask and `erase()` erase, or wait for the answer to another asker.

        Raises Refused where somebody said no, to whomever. When nobody answers, and when an
        asker is given up, the next one is asked anew. Of those that wait only the newest stays.
        """
        for elder in self._askers:
            if elder is not self._asked:
                self._give_up(elder)
        self._askers.append(asker)
        try:
            async with self._turn(asker, self._notice, True):
                if self._said is None:
                    self._asked = asker
                    await self._ask(ask, erase)
            if not self._said:
                raise Refused
        finally:
            self._askers.remove(asker)
            if self._asked is asker:
                self._asked = None

    async def _ask(self, ask, erase):
        try:
            await ask(self._tell)
        except Refused:
            self._said = False
            return
        finally:
            self._notice = _QUEUED
        await erase()
        self._said = True

    async def _tell(self, notice):
        self._notice = notice
        for asker in self._askers:
            await asker.tell(notice)
