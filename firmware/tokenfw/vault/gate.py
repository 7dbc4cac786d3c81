"""The gate: opens a vault at a start, or with a PIN; sets and changes the PIN.

The power may fail at any instant: the next start finishes or undoes what was
interrupted. An attempt is counted in flash before the PIN is tried; after failures
in a row the next attempt has to wait, and the tenth failure wipes the vault.
"""

import asyncio
import time

from otpcore import pins
from otpcore.mac import hmac
from otpcore.settings import OFF, RADIO, TRIED
from tokenfw.system import on_demand
from tokenfw.system.entropy import EntropyFault
from tokenfw.system.steps import finish, insist
from tokenfw.vault.access import PROOF, Access, reserve
from tokenfw.vault.flash.faults import FlashFault, OtherVersion
from tokenfw.vault.keys.attempts import LIMIT
from tokenfw.vault.keys.faults import ChipKeySilent
from tokenfw.vault.keys.sealing import BadSeal, same
from tokenfw.vault.keys.slot import VERSION
from tokenfw.vault.states import (
    DELAYS,
    FOREIGN,
    LOCKED,
    NEWER,
    NO_CHIP_KEY,
    OLDER,
    READY,
    TooSoon,
    WrongPin,
)


class Gate(Access):
    """An Access that is opened by start() or unlock()."""

    async def start(self, woken=False):
        """Open the vault, unlocked if it has no PIN; finish what a power cut interrupted.

        With `woken` the token comes from its sleep, before which any delay had passed. Work that
        can wait until the first picture is left to tidy_up().
        """
        try:
            found = await self._read()
        except OtherVersion as other:
            found = await self._migrate(other.args[0])
            if self.state in (NEWER, OLDER):
                return
        if not found:
            await insist(self._begin)
            return
        self.state = LOCKED
        if not self._slots.slot.pin:
            try:
                await self._enter_without_pin()
            except BadSeal:
                self.state = FOREIGN
            except ChipKeySilent:
                self.state = NO_CHIP_KEY
            return
        self._slots.tidy()
        if self.attempts_left() == 0:
            await self.wipe()
        elif not woken:  # the token does not sleep before a delay is over
            self._begin_delay()

    async def _migrate(self, version):
        """Migrate a vault of another version, and return whether there is a vault.

        If that is not possible it is left alone, and the state is NEWER or OLDER.
        """
        if version < VERSION:
            try:
                await on_demand.once("tokenfw.vault.migration").migrate(self._flash, version)
                return await self._read()
            except OtherVersion as other:
                version = other.args[0]
        self.state = OLDER if version < VERSION else NEWER
        return False

    async def _read(self):
        """Read key slots and records; return whether there is a vault. Raises OtherVersion."""
        if not self._slots.open():
            return False
        if self._slots.is_wiping():
            await self._format().erase(self._flash, self._slots)
            return False
        await finish(self._store.open())
        return True

    async def tidy_up(self):
        """Erase the remains of torn erases.

        A change of keys for which the start had too little memory is left to the next: requests
        are carried out by now, and must not meet it.
        """
        try:
            if self.state in (READY, LOCKED):
                await finish(self._store.erase_remains())
        except MemoryError:
            pass  # they wait for the next start

    # the PIN

    def pin_length(self):
        """Return how many digits the PIN has, 0 without one; None while locked."""
        return self._pin_length if self.has_pin() else 0

    def iterations(self):
        """Return the iterations of PBKDF2 for the PIN's key, 0 without a vault."""
        return self._slots.slot.iterations if self._slots.slot else 0

    def bound(self):
        """Return whether the vault is bound to a chip's key: see binding.py."""
        return self._slots.slot is not None and len(self._slots.slot.chip) > 0

    def chain(self):
        """Return how many HMACs of the chip the PIN's key takes, 0 if it is not bound."""
        return int.from_bytes(self._slots.slot.chip[:4], "big") if self.bound() else 0

    def attempts_left(self):
        """Return how many more wrong PINs in a row wipe the vault: 10 if there were none."""
        return max(0, LIMIT - self._slots.attempts.failures()) if self._slots.slot else LIMIT

    def seconds_to_wait(self):
        """Return the seconds left of the delay after a wrong PIN, or 0."""
        passed = time.ticks_diff(time.ticks_ms(), self._delayed) // 1000
        if passed < 0 or passed >= self._delay:
            self._delay = 0
        return self._delay - passed if self._delay else 0

    def hold_off(self, seconds):
        """Delay the next PIN by at least so many seconds."""
        if seconds > self.seconds_to_wait():
            self._delay, self._delayed = seconds, time.ticks_ms()

    def _begin_delay(self):
        self._delay = DELAYS[min(self._slots.attempts.unforgiven(), len(DELAYS) - 1)]
        self._delayed = time.ticks_ms()

    async def unlock(self, pin):
        """Try a PIN (text of digits); raise WrongPin or TooSoon.

        Raises FlashFault, before the PIN is tried, if the attempt cannot be counted; and
        ChipKeySilent if the chip's key does not answer: then there was no attempt, or a void
        one, whose PIN was not compared. The PIN of a stranded vault is checked without the chip.
        """
        if self.state != LOCKED and not self.stranded:
            self._require()
            return  # it is open, or was wiped meanwhile
        left = self.seconds_to_wait()
        if left:
            raise TooSoon(left)
        reserve()  # or lack of memory would cost an attempt
        if self.stranded:
            await self._try_without_chip(pin)
            return
        slot = self._slots.slot
        bound = self._open_chip(slot)
        self._slots.attempts.begin()
        try:
            pin_key = await self._derive(pin.encode(), slot, bound)
            wrong = not slot.opens(pin_key)
            if wrong and bound is not None:
                with self._full_speed():
                    await bound.repeat()
        except ChipKeySilent:
            await self._make_void()
            raise
        await self._count(wrong)
        try:
            await finish(self._store.open())
            await self._enter(pin_key)
            self._keep_proof(pin)
        finally:
            if self.state != READY:
                self._forget()

    async def _count(self, wrong):
        """Forgive the attempts if the last was right; else raise WrongPin, wiping at 0 left."""
        if wrong:
            left = self.attempts_left()
            if left == 0:
                await self.wipe()
            else:
                self._begin_delay()
            raise WrongPin(left)
        self._slots.attempts.forgive()
        self._delay = 0

    async def _try_without_chip(self, pin):
        self._slots.attempts.begin()
        await self._count(not same(self._proof, hmac("SHA256", self._key, PROOF + pin.encode())))

    async def _make_void(self):
        """Make the last attempt void: the chip failed, and the PIN was not compared.

        Beyond VOIDS it counts as a failure, so that disturbing the chip gives no free guesses.
        """
        self._slots.attempts.void()
        if self.attempts_left() == 0:
            await self.wipe()
        else:
            self._begin_delay()

    def require_chip(self):
        """Raise ChipKeySilent if the vault is bound to a chip's key that does not answer now."""
        if self._slots.slot is not None:
            self._open_chip(self._slots.slot)

    async def settled(self):
        """Wait until the vault's records are not being read: meanwhile no setting is written."""
        while self._store.log.reading:
            await asyncio.sleep_ms(20)

    def can_draw(self):
        """Return whether a PIN's key can be drawn now: if not, restart() first. See pin_change."""
        return on_demand.once("tokenfw.vault.keys.pin_change").can_draw(self, self._entropy)

    def restart(self):
        """Restart the chip to draw random numbers ahead; does not return."""
        on_demand.once("tokenfw.vault.keys.pin_change").restart(self, self._entropy)

    async def set_pin(self, pin, chip=None):
        """Set, change or (with an empty text) remove the PIN, and re-encrypt everything.

        `chip` is what the key is to be bound to, in the form of a key slot (binding.py): b"" for
        nothing, None for what it is bound to now. EntropyFault, ChipKeySilent, or an early
        MemoryError leaves everything but the setting `radio` unchanged. A later MemoryError leaves
        the new PIN set; the rest is re-encrypted by the next change, unlocking or start.
        """
        self._require()
        self.require_whole()
        if pin and not pins.MIN <= len(pin) <= pins.MAX:
            raise ValueError("a PIN has %d to %d digits" % (pins.MIN, pins.MAX))
        self._sealing = True
        self.era += 1
        try:
            await insist(self._finish_change)  # an earlier one
            await self._change_pin(pin, self._slots.slot.chip if chip is None else chip)
            await insist(self._finish_change)
        finally:
            self._sealing = False
            if self._lock_then:
                self._lock_then = False
                self.lock()

    async def _change_pin(self, pin, chip):
        """Write the key slot of the new PIN: from then on that is the PIN."""
        radio = self.setting(RADIO)
        try:
            change = on_demand.once("tokenfw.vault.keys.pin_change")
            key, salt, drawn = change.draw(self, self._entropy, self._key)
            pin_key, rounds, chip = await change.derive(
                pin, salt, self._full_speed, self._pin_key_ms, self.chip_keys, chip
            )
            del change
            reserve()
            self._unfinished = True
            self._slots.write(pin_key, len(pin), rounds, salt, key, self._key, chip)
        except MemoryError:  # twice, since naming it below would take memory
            self._radio = OFF if radio == TRIED else radio
            await insist(self._finish_change)
            raise
        except (EntropyFault, FlashFault, ChipKeySilent):
            self._radio = OFF if radio == TRIED else radio
            await insist(self._finish_change)
            raise
        self._key, self._pin_length = key, len(pin)
        self._keep_proof(pin)
        self._radio = drawn
        self._store.changed = False  # the present records are accepted as the right ones
