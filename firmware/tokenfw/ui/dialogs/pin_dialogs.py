"""The dialogs at the token that open its vault, and set its PIN."""

import asyncio

from otpcore import pins
from otpcore.errors import EntropyFailed, Locked, Refused, VaultDamaged
from tokenfw.system import on_demand
from tokenfw.system.entropy import EntropyFault
from tokenfw.vault.states import LOCKED, ChipKeySilent, FlashFault, WrongPin

_READ_MS = 2500  # how long a message stays that nobody has to answer
_WAIT_MAX = 60  # seconds of a delay that a dialog waits for
_PROVE_FROM = 7  # attempts left: then the pad opens after a gesture only


class PinDialogs:
    """`dialogs` are the Dialogs, `words` Words; `asker` is who wants the dialog, see turns.

    Each screen of a dialog has its purpose for a title.
    """

    def __init__(self, vault, dialogs, words, asker):
        self._vault = vault
        self._pad = dialogs.pad
        self._questions = dialogs.questions
        self._words = words
        self._asker = asker
        self._turn = dialogs.turn
        self._tell = asker.tell  # None when the computer was told that somebody is at the token
        self._purpose = ""

    async def open(self):
        """Return when the vault is not locked. NotPressed, Refused, Cancelled, Locked."""
        async with self._turn(self._asker, "pin"):
            if self._vault.state == LOCKED:
                await self._ask_pin(self._words("unlock"))

    async def change_pin(self):
        """Set or change the PIN; raises as open()."""
        async with self._turn(self._asker):
            purposes = self._words.rows("set_pin")
            if self._vault.has_pin():
                purposes = self._words.rows("change_pin")
            await self._prepare(purposes[0])
            if self._vault.has_pin():
                await self._ask_present(purposes.pop(0))
            await self._seal(await self._ask_new(*purposes))

    async def clear_pin(self):
        """Remove the PIN, after a hold; raises as open()."""
        async with self._turn(self._asker):
            title, *lines = self._words.rows("clear_pin")
            await self._questions.ask(title, lines, self._tell, hold=True)
            await self._ask_present(self._words("remove_pin"))
            await self._seal("")

    async def bind(self, chip):
        """Have the vault bound to the chip (binding.pack), or freed (b""), if that is held for.

        Raises as open(). A vault whose chip fails while it is open is freed without it: a restart
        to draw a key would lose it, so that one is drawn without the radio.
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
        """Have a strong key drawn ahead, where that takes a restart: before anything is asked."""
        restarting = on_demand.once("tokenfw.ui.dialogs.restarting")
        await restarting.prepare(self._vault, self._pad, self._words, self._tell, purpose)

    def prove(self, purpose):
        """Return the coroutine that asks for the PIN anew, in a dialog that goes on; as open()."""
        return self._ask_present(purpose)

    async def _ask_present(self, purpose, stranded=False):
        """Ask for the PIN that there is, even when the vault is open; return it.

        One that is `stranded` stays open meanwhile; any other has to have its chip.
        """
        self._purpose = purpose
        if not stranded:
            await self._require_chip()  # or it would lock for good
            self._vault.lock()
            if self._vault.stranded:  # between the two
                await self._say_silent()
        return await self._ask_pin(purpose)

    async def _require_chip(self):
        try:
            self._vault.require_chip()
        except ChipKeySilent:
            await self._say_silent()

    async def _say_silent(self):
        """Say that the chip's key does not answer; raises that."""
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
        """Show the delay after a wrong PIN, until it is over; raise Locked if it is a long one."""
        left = self._vault.seconds_to_wait()
        while left:
            self._say("wait", self._vault.attempts_left(), left)
            if left > _WAIT_MAX:
                await self._pad.pause(_READ_MS)
                raise Locked("delay", left)
            await self._pad.pause(500)
            left = self._vault.seconds_to_wait()

    async def _ask_new(self, once, twice):
        """Return a new PIN that was entered twice; the texts are the purposes of both entries."""
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
        """Seal all under a PIN, or none; `chip` as set_pin() has it, `done` what is said then."""
        self._say("sealing")
        on_demand.tidy()  # what had it entered: the vault wants much memory, and the radio more
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
