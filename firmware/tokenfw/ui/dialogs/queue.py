"""The queue for the screen: one dialog has its turn, the others wait.

An `asker` is a Request, or a Person at the token: it has `given_up`, and `tell(notice)` or None.
A computer can end or withdraw the dialog of its own request, but no other.
"""

import asyncio

from otpcore.errors import Cancelled


class Person:
    """The asker of a dialog that began at the token: no computer is told of it, or can end it."""

    given_up = False
    tell = None


class DialogQueue:
    """The queue of askers. `holder` is the asker whose dialog is on the screen, or None."""

    def __init__(self):
        self.holder = None
        self._queue = []  # (asker, Event): the next one first

    async def take(self, asker, notice, first):
        """Return when it is this asker's turn; raise Cancelled if it is given up before.

        If it has to wait, tell(notice) is awaited; with `first` it goes before the others.
        """
        if asker.given_up:
            raise Cancelled
        if self.holder is None:
            self.holder = asker
            return
        called = asyncio.Event()
        self._queue.insert(0 if first else len(self._queue), (asker, called))
        if asker.tell is not None:
            await asker.tell(notice)
        await called.wait()
        if self.holder is asker and asker.given_up:  # in between
            self.release()
        if self.holder is not asker:
            raise Cancelled

    def release(self):
        """End the turn: the next asker's begins."""
        self.holder = None
        if self._queue:
            self.holder, called = self._queue.pop(0)
            called.set()

    def withdraw(self, asker):
        """Take an asker out of the queue, if it is there."""
        for waiting in self._queue:
            if waiting[0] is asker:
                self._queue.remove(waiting)
                waiting[1].set()
                return


class Turn:
    """One dialog: `async with` waits for its turn; `end()` is called at its end."""

    def __init__(self, queue, asker, notice, first, end):
        self._queue = queue
        self._asker = asker
        self._notice = notice
        self._first = first
        self._end = end

    async def __aenter__(self):
        await self._queue.take(self._asker, self._notice, self._first)

    async def __aexit__(self, *_):
        self._end()
        self._queue.release()
