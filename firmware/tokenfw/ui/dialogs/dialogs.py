"""What is asked at the token, one dialog at a time; see turns, presence, pinpad, doorkeeper."""

import asyncio

from otpcore.errors import WireError
from tokenfw.system import on_demand
from tokenfw.ui.dialogs import presence
from tokenfw.ui.dialogs.turns import Person, Turn, Turns


class Asks:
    """What may be asked at the token: questions, PINs, and the dialogs made of them.

    `hands` are the Hands on the buttons.
    """

    def __init__(self, questions, pad, vault, words, hands):
        self.questions = questions
        self.pad = pad
        self.hands = hands
        self._vault = vault
        self._words = words
        self._turns = Turns()

    def turn(self, asker, notice="queued", first=False):
        """Return what `async with` makes the asker's dialog; see turns.Turns.take()."""
        return Turn(self._turns, asker, notice, first, self.pad.clear)

    def doorkeeper(self, asker):
        """A Doorkeeper for one dialog: it is in memory as long as that goes on."""
        module = on_demand.once("tokenfw.ui.dialogs.pin_dialogs")
        return module.Doorkeeper(self._vault, self, self._words, asker)

    def begin(self, title, lines, do):
        """Somebody at the token wants something that is asked about and held for: then `do()`."""
        self.hands.finish()  # they press for it
        asyncio.create_task(self._begin(title, lines, do))

    async def _begin(self, title, lines, do):
        try:
            async with self.turn(Person()):
                await self.questions.ask(title, lines, None, hold=True)
            do()
        except WireError:
            pass  # it stays as it is

    @property
    def standing(self):
        """The question, the gesture or the entry that stands, or None."""
        return self.questions.question or self.pad.gesture or self.pad.entry

    @property
    def busy(self):
        """Whether something is asked, or said, that must not be missed."""
        return self.questions.question is not None or self.pad.busy

    def give_up(self, asker):
        """An asker wants no answer any more: its dialog ends, or never begins."""
        asker.given_up = True
        if self._turns.holder is asker:
            self.questions.answer(presence.GIVEN_UP)
            self.pad.give_up()
        else:
            self._turns.withdraw(asker)
