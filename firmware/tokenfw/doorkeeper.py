"""The doorkeeper: the dialogs at the token that open its vault, and set its PIN."""

import asyncio

from otpcore import pins
from otpcore.errors import EntropyFailed, Locked, Refused, VaultDamaged
from tokenfw.entropy import EntropyFault
from tokenfw.vault.keyslots import FlashFault
from tokenfw.vault.states import LOCKED, WrongPin

_READ_MS = 2500  # how long a message stays that nobody has to answer
_WAIT_MAX = 60  # seconds of a delay that a dialog waits for


class Doorkeeper:
    """`pad` is the PinPad, `questions` the Presence, `words` Words, `turn` the Lock of all."""

    def __init__(self, vault, pad, questions, words, turn):
        self._vault = vault
        self._pad = pad
        self._questions = questions
        self._words = words
        self._turn = turn

    async def open(self):
        """Return when the vault is not locked. NotPressed, Refused, Cancelled, Locked."""
        async with self._turn:
            try:
                if self._vault.state == LOCKED:
                    await self._ask_pin(self._words("pin"))
            finally:
                self._pad.clear()

    async def change_pin(self):
        """Have a PIN set or changed; raises as open()."""
        async with self._turn:
            try:
                await self._ask_present()
                pin = await self._ask_new()
                await self._seal(pin)
            finally:
                self._pad.clear()

    async def clear_pin(self):
        """Have the PIN taken away; raises as open()."""
        async with self._turn:
            try:
                await self._ask_present()
                await self._seal("")
            finally:
                self._pad.clear()

    async def wipe(self):
        """Erase everything. A dialog that runs is given up first: its PIN is nobody's any more."""
        self._pad.give_up()
        async with self._turn:
            await self._vault.wipe()

    async def _ask_present(self):
        """Ask for the PIN that there is, if there is one, even when the vault is open."""
        if self._vault.pin_length():
            self._vault.lock()
            await self._ask_pin(self._words("pin_now"))

    async def _ask_pin(self, title):
        while True:
            await self._wait()
            pin = await self._pad.ask(title, pins.MIN, pins.MAX)
            self._say("unlocking")
            try:
                await self._vault.unlock(pin)
                return
            except WrongPin as wrong:
                if not wrong.left:
                    self._say("wiped")
                    await asyncio.sleep_ms(2 * _READ_MS)
                    raise Locked("too many wrong PINs: the token wiped itself")
                title = self._words("pin_wrong") % wrong.left
            except FlashFault:
                raise VaultDamaged("the token's flash does not take what is written to it")

    async def _wait(self):
        """Show the delay after a wrong PIN, until it is over; raise Locked if it is a long one."""
        left = self._vault.seconds_to_wait()
        while left:
            self._say("wait", self._vault.attempts_left(), left)
            if left > _WAIT_MAX:
                await self._pad.pause(_READ_MS)
                raise Locked("the token takes its next PIN in %d s: one was wrong" % left)
            await self._pad.pause(500)
            left = self._vault.seconds_to_wait()

    async def _ask_new(self):
        for _ in range(3):
            pin = await self._pad.ask(self._words("pin_new"), pins.MIN, pins.MAX)
            weakness = pins.weakness(pin)
            if weakness:
                title, *lines = self._words.rows("pin_weak", self._words(weakness))
                await self._questions.ask(title, lines, _nothing)
            if await self._pad.ask(self._words("pin_again"), pins.MIN, pins.MAX) == pin:
                return pin
            self._say("pin_unlike")
            await self._pad.pause(_READ_MS)
        raise Refused("the new PIN was not entered twice alike")

    async def _seal(self, pin):
        self._say("sealing")
        try:
            await self._vault.set_pin(pin)
        except EntropyFault:
            self._say("pin_random")
            await asyncio.sleep_ms(_READ_MS)
            raise EntropyFailed("the token's random generator fails its health check")
        except FlashFault:
            raise VaultDamaged("the token's flash does not take what is written to it")
        self._say("pin_set" if pin else "pin_cleared")
        await asyncio.sleep_ms(_READ_MS)

    def _say(self, key, *values):
        self._pad.say(*self._words.rows(key, *values))


async def _nothing():
    """The computer was told already that somebody is at the token."""
