"""What is asked at the token, one dialog at a time; see presence, pinpad and doorkeeper."""

import asyncio

from tokenfw import ondemand, presence


class Asks:
    """What may be asked at the token: questions, PINs, and the dialogs made of them."""

    def __init__(self, questions, pad, vault, words):
        self.questions = questions
        self.pad = pad
        self._vault = vault
        self._words = words
        self._turn = asyncio.Lock()  # one dialog at a time

    @property
    def doorkeeper(self):
        """A Doorkeeper for one dialog: it is in memory as long as that goes on."""
        module = ondemand.once("tokenfw.doorkeeper")
        return module.Doorkeeper(self._vault, self.pad, self.questions, self._words, self._turn)

    @property
    def standing(self):
        """The question or the entry that stands, or None."""
        return self.questions.question or self.pad.entry

    @property
    def busy(self):
        """Whether something is asked, or said, that must not be missed."""
        return self.questions.question is not None or self.pad.busy

    def give_up(self):
        """The request that asks was given up."""
        self.questions.answer(presence.GIVEN_UP)
        self.pad.give_up()
