"""A wipe that was requested: one question at the token, whose answer goes to all requests.

A computer whose program or cable failed may request the wipe again while the question is still
shown. That request is not refused, and the question does not change for the user, who may be
holding the button already.
"""

from otpcore.errors import Refused

_ASKED, _QUEUED = "hold", "queued"


class Wiping:
    """One wipe and its askers: objects with `tell(notice)`, such as a Request.

    `turn(asker, notice, first)` returns the context manager of an asker's dialog, and
    `give_up(asker)` ends it: see ui/dialogs/queue.py.
    """

    def __init__(self, turn, give_up):
        self._turn = turn
        self._give_up = give_up
        self._askers = []
        self._asked = None  # the asker whose question is shown
        self._notice = _QUEUED
        self._said = None  # the user's answer: True or False

    @property
    def over(self):
        """Whether the user has answered, or no asker is left."""
        return self._said is not None or not self._askers

    async def carry_out(self, asker, ask, erase):
        """Ask with `ask(tell)` and wipe with `erase()`, or wait for another asker's answer.

        Raises Refused if the user refuses, whosever question that was. If nobody answers, or the
        asker is given up, the next asker's question is shown. Of waiting askers only the newest
        stays.
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
