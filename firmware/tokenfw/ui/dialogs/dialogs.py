"""The dialogs at the token, one at a time; see queue, presence, pin_pad, pin_dialogs."""

import asyncio
import time

from micropython import const

from otpcore.errors import Cancelled, WireError
from tokenfw.system import on_demand
from tokenfw.ui.dialogs import presence
from tokenfw.ui.dialogs.pin_pad import PinPad
from tokenfw.ui.dialogs.queue import DialogQueue, Person, Turn

_LOOK_MS = const(100)  # how often to check whether an asker was given up


class Dialogs:
    """The dialogs: `questions` (Presence), PINs on the `pad` (PinPad), and combinations."""

    def __init__(self, stack, vault, words):
        self._stack = stack
        self._vault = vault
        self._words = words
        self.questions = presence.Presence(stack, words)
        self.pad = PinPad(stack, words)
        self._queue = DialogQueue()

    def turn(self, asker, notice="queued", first=False):
        """Return the Turn, for `async with`, of an asker's dialog; see queue.DialogQueue.take()."""
        return Turn(self._queue, asker, notice, first, self.pad.clear)

    def pin_dialogs(self, asker):
        """Return PinDialogs for one dialog, which are in memory only as long as that lasts."""
        module = on_demand.once("tokenfw.ui.dialogs.pin_dialogs")
        return module.PinDialogs(self._vault, self, self._words, asker)

    def unlock(self):
        """Begin the dialogs that the user is due: the PIN, unbinding, or a reminder of a backup."""
        asyncio.create_task(self._unlock())

    async def _unlock(self):
        try:
            await self.pin_dialogs(Person()).open()
            if self._vault.stranded:
                await self.pin_dialogs(Person()).bind(b"")
            elif self._vault.unseen:
                await self._after(on_demand.once("tokenfw.ui.dialogs.follow_up").remind)
        except WireError:
            pass  # not entered: the token goes dark after a while

    def mend(self, account_id):
        """Begin the user's dialog about an HOTP counter that may be behind."""
        self._stack.hands.finish()  # the presses were for this dialog
        asyncio.create_task(self._mend(account_id))

    async def _mend(self, account_id):
        module = on_demand.once("tokenfw.ui.dialogs.follow_up")
        try:
            await self._after(lambda *parts: module.mend(account_id, *parts))
        except WireError:
            pass  # the counter stays as it is

    async def _after(self, ask):
        async with self.turn(Person()):
            await ask(self.questions, self._vault, self._words)

    def begin(self, title, lines, do):
        """Begin the user's dialog about something that needs a hold; then call `do()`."""
        self._stack.hands.finish()  # the presses were for this dialog
        asyncio.create_task(self._begin(title, lines, do))

    async def _begin(self, title, lines, do):
        try:
            async with self.turn(Person()):
                await self.questions.ask(title, lines, None, hold=True)
            do()
        except WireError:
            pass  # refused: nothing is done

    async def show(self, screen, asker, duration_ms):
        """Show a screen until its Event `over` is set, for at most `duration_ms`.

        For a question that follows, presses on it count as meant for something else. Raises
        Cancelled if the asker is given up.
        """
        self._stack.push(screen)
        try:
            begun = time.ticks_ms()
            while not asker.given_up and time.ticks_diff(time.ticks_ms(), begun) < duration_ms:
                try:
                    await asyncio.wait_for_ms(screen.over.wait(), _LOOK_MS)
                    break
                except asyncio.TimeoutError:
                    pass
        finally:
            self._stack.remove(screen)
        if asker.given_up:
            raise Cancelled

    def give_up(self, asker):
        """End an asker's dialog, or keep it from beginning: the asker does not want an answer."""
        asker.given_up = True
        if self._queue.holder is asker:
            self.questions.answer(presence.GIVEN_UP)
            self.pad.give_up()
        else:
            self._queue.withdraw(asker)
