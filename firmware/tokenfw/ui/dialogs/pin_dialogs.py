"""The dialogs at the token that open its vault, and set its PIN."""

import asyncio

from otpcore import pins
from otpcore.errors import EntropyFailed, Locked, Refused, VaultDamaged
from tokenfw.system import on_demand
from tokenfw.system.entropy import EntropyFault
from tokenfw.vault.flash.faults import FlashFault
from tokenfw.vault.keys.faults import ChipKeySilent
from tokenfw.vault.states import LOCKED, WrongPin

_READ_MS = 2500  # how long a message is shown that needs no answer
_WAIT_MAX = 60  # seconds: a dialog does not wait for a longer delay
_PROVE_FROM = 7  # attempts left, from which the pad opens only after a gesture


class PinDialogs:
    """The dialogs about the PIN. `dialogs` is the Dialogs, `words` the Words.

    `asker` is the Request or the Person that wants the dialog: see queue.py. Each screen of a
    dialog has its purpose as the title.
    """

    def __init__(self, vault, dialogs, words, asker):
        self._vault = vault
        self._pad = dialogs.pad
        self._questions = dialogs.questions
        self._words = words
        self._asker = asker
        self._turn = dialogs.turn
        self._tell = asker.tell  # None once the computer knows that the user is at the token
        self._purpose = ""

    async def open(self):
        """Ask for the PIN if the vault is locked. Raises NotPressed, Refused, Cancelled, Locked."""
        async with self._turn(self._asker, "pin"):
            if self._vault.state == LOCKED:
                await self._ask_pin(self._words("unlock"))

    async def change_pin(self):
        """Set or change the PIN; raises the same as open()."""
        async with self._turn(self._asker):
            purposes = self._words.rows("set_pin")
            if self._vault.has_pin():
                purposes = self._words.rows("change_pin")
            await self._prepare(purposes[0])
            if self._vault.has_pin():
                await self._ask_present(purposes.pop(0))
            await self._seal(await self._ask_new(*purposes))

    async def clear_pin(self):
        """Remove the PIN, after a hold; raises the same as open()."""
        async with self._turn(self._asker):
            title, *lines = self._words.rows("clear_pin")
            await self._questions.ask(title, lines, self._tell, hold=True)
            await self._ask_present(self._words("remove_pin"))
            await self._seal("")

    async def bind(self, chip):
        """Bind the vault to the chip (`chip`: see binding.pack()), or unbind it (b"") after a hold.

        Raises the same as open(). A stranded vault is unbound without its chip: since a restart
        to draw a key would lose it, its new key is drawn without the radio.
        """
        async with self._turn(self._asker):
            stranded = not chip and self._vault.is_stranded()
            key = "bind" if chip else "stranded" if stranded else "unbind"
            title, *lines = self._words.rows(key)
            if not stranded:
                await self._require_chip()
                await self._prepare(title)
            await self._questions.ask(title, lines, self._tell, hold=True)
            pin = await self._ask_present(title, stranded) if self._vault.has_pin() else ""
            await self._seal(pin, chip, "bound" if chip else "unbound")

    async def _prepare(self, purpose):
        """If a strong key takes a restart, restart before anything is asked: see key_restart.py."""
        restarting = on_demand.once("tokenfw.ui.dialogs.key_restart")
        await restarting.prepare(self._vault, self._pad, self._words, self._tell, purpose)

    def prove(self, purpose):
        """Return a coroutine that asks for the PIN within a dialog; it raises as open() does."""
        return self._ask_present(purpose)

    async def _ask_present(self, purpose, stranded=False):
        """Ask for the present PIN, even if the vault is open; return it.

        A `stranded` vault stays open meanwhile; any other is locked, if its chip answers.
        """
        self._purpose = purpose
        if not stranded:
            await self._require_chip()  # without its chip it would lock for good
            self._vault.lock()
            if self._vault.stranded:  # the chip failed in between
                await self._say_silent()
        return await self._ask_pin(purpose)

    async def _require_chip(self):
        try:
            self._vault.require_chip()
        except ChipKeySilent:
            await self._say_silent()

    async def _say_silent(self):
        """Show that the chip's key does not answer, and raise VaultDamaged."""
        self._pad.say(*self._words.rows("no_chip_key"))
        await asyncio.sleep_ms(_READ_MS)
        raise VaultDamaged("chip_key")

    async def _ask_pin(self, purpose):
        """Return the PIN with which the vault was unlocked."""
        self._purpose, note = purpose, ""
        if not self._vault.stranded:
            await self._require_chip()
        while True:
            await self._wait()
            left = self._vault.attempts_left()
            if left <= _PROVE_FROM:
                wait = await self._pad.prove(purpose, left, self._tell)
                if wait is not None:
                    self._vault.hold_off(wait)
                    continue
            pin = await self._enter(purpose, note)
            self._say("unlocking")
            try:
                await self._vault.unlock(pin)
                return pin
            except ChipKeySilent:
                await self._say_silent()
            except WrongPin as wrong:
                if not wrong.left:
                    self._pad.say(*self._words.rows("wiped"))
                    await asyncio.sleep_ms(2 * _READ_MS)
                    raise Locked("wiped")
                note = self._words("pin_wrong") % wrong.left
            except FlashFault:
                raise VaultDamaged("flash")

    async def _enter(self, purpose, note=""):
        tell, self._tell = self._tell, None
        return await self._pad.ask(purpose, pins.MIN, pins.MAX, note, tell)

    async def _wait(self):
        """Show the delay after a wrong PIN until it is over; raise Locked if it is too long."""
        left = self._vault.seconds_to_wait()
        while left:
            self._say("wait", self._vault.attempts_left(), left)
            if left > _WAIT_MAX:
                await self._pad.pause(_READ_MS)
                raise Locked("delay", left)
            await self._pad.pause(500)
            left = self._vault.seconds_to_wait()

    async def _ask_new(self, once, twice):
        """Return a new PIN that was entered twice; `once` and `twice` are the entries' titles."""
        before = self._vault.pin_length()
        for _ in range(3):
            self._purpose = once
            pin = await self._enter(once)
            weakness = pins.weakness(pin, before)
            if weakness:
                lines = self._words.rows("pin_weak", self._words("weak_" + weakness))
                await self._questions.ask(once, lines, None, hold=True)
            if await self._enter(twice) == pin:
                return pin
            self._say("pin_unlike")
            await self._pad.pause(_READ_MS)
        raise Refused("pins_differ")

    async def _seal(self, pin, chip=None, done=None):
        """Set a PIN, or none (""); `chip` is as for set_pin(), `done` the key of a last message."""
        self._say("sealing")
        on_demand.tidy()  # unload the pad: the vault needs much memory, and the radio more
        try:
            await self._vault.set_pin(pin, chip)
        except EntropyFault:
            self._say("pin_random")
            await asyncio.sleep_ms(_READ_MS)
            raise EntropyFailed
        except ChipKeySilent:
            await self._say_silent()
        except FlashFault:
            raise VaultDamaged("flash")
        self._pad.say(*self._words.rows(done or ("pin_set" if pin else "pin_cleared")))
        await asyncio.sleep_ms(_READ_MS)

    def _say(self, key, *values):
        """Show a message under the dialog's purpose."""
        self._pad.say(self._purpose, *self._words.rows(key, *values))
