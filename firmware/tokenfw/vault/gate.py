"""The gate: how a vault begins, is opened, locked, sealed under a PIN, and wiped.

At any instant the power may go: the next start finishes or undoes what was
interrupted. An attempt at the PIN is in flash before the PIN is looked at; failures
in a row make the next one wait, and the tenth wipes. Without a PIN the vault is
sealed all the same, under a key that anybody can compute.
"""

import asyncio
import gc
import time

from micropython import const

from otpcore import errors, pins
from tokenfw.system import on_demand
from tokenfw.system.entropy import EntropyFault
from tokenfw.vault import kdf
from tokenfw.vault.attempts import LIMIT
from tokenfw.vault.keyslots import KeySlots
from tokenfw.vault.log import LogFull
from tokenfw.vault.sealing import BadSeal
from tokenfw.vault.slot import VERSION
from tokenfw.vault.states import (
    DELAYS,
    FOREIGN,
    LOCKED,
    NEWER,
    NO_ENTROPY,
    OLDER,
    READY,
    FlashFault,
    OtherVersion,
    TooSoon,
    WrongPin,
)
from tokenfw.vault.steps import finish, insist
from tokenfw.vault.store import Store

PIN_KEY_MS = 2000  # how long the PIN's key takes, about
_RESERVE = const(8)  # KB: more than anything here wants that must not stop half-way


class Gate:
    """The way into the store on `flash`.

    `entropy` draws keys; `full_speed()` is a context manager for what computes long;
    `pin_key_ms` is how long the PIN's key may take (ms).
    """

    def __init__(self, flash, entropy, full_speed, pin_key_ms=PIN_KEY_MS):
        self._flash = flash
        self._entropy = entropy
        self._full_speed = full_speed
        self._pin_key_ms = pin_key_ms
        self._slots = KeySlots(flash)
        self._store = Store(flash, self._slots)
        self._key = None
        self._pin_length = None  # while the key is known
        self._delay = 0  # seconds, since
        self._delayed = 0  # ticks_ms
        self._opening = False  # whether the log is being read
        self._sealing = False  # whether everything is being sealed anew
        self._lock_then = False
        self._unfinished = False  # whether there may be something of another vault key
        self._radio = False  # or what the setting `radio` has to become
        self.era = 0  # another one after each lock, wipe and change of the PIN
        self.state = FOREIGN

    async def start(self, woken=False):
        """Open the vault: unlocked where there is no PIN. Finish what a power cut interrupted.

        A token that was `woken` had been open before it slept: nothing was interrupted. Else
        what can wait until there is a picture is left to tidy_up().
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
            return
        self._slots.tidy()
        if self.attempts_left() == 0:
            await self.wipe()
        elif not woken:  # a delay is over before the token sleeps
            self._begin_delay()

    async def _migrate(self, version):
        """Do what start() does first, with a vault of another version.

        With the state NEWER or OLDER it is left alone.
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
        """Read what is there, and return whether there is a vault. Raises OtherVersion."""
        if not self._slots.open():
            return False
        if self._slots.is_wiping():
            await self._format().erase(self._flash, self._slots)
            return False
        await finish(self._store.open())
        return True

    async def tidy_up(self):
        """Erase what torn erases left, sector by sector; finish what memory was too small for."""
        try:
            if self.state in (READY, LOCKED):
                await finish(self._store.erase_remains())
            if self.state == READY and self._unfinished and not self._sealing:
                await self._finish_change()
        except MemoryError:
            pass  # what is left to do waits for the next start, or change of the PIN

    def _format(self):
        return on_demand.once("tokenfw.vault.format")

    async def _begin(self):
        """Make a vault where there is none, if nothing can be lost by it."""
        in_the_way = await self._format().begin(self._flash, self._slots, self._entropy)
        if in_the_way is not None:
            self.state = in_the_way
            return
        await finish(self._store.open())
        await self._enter_without_pin()

    async def _enter_without_pin(self):
        await self._enter(await self._derive(b"", self._slots.slot))

    # the PIN

    def has_pin(self):
        """Tell whether there is a PIN."""
        return self._slots.slot is not None and self._slots.slot.pin > 0

    def pin_length(self):
        """Return how many digits the PIN has, 0 without one; None while that is sealed."""
        return self._pin_length if self.has_pin() else 0

    def iterations(self):
        """Return how many iterations of PBKDF2 the PIN's key takes."""
        return self._slots.slot.iterations if self._slots.slot else 0

    def attempts_left(self):
        """Return how many wrong PINs in a row the vault still takes: the last one wipes it."""
        return max(0, LIMIT - self._slots.attempts.failures()) if self._slots.slot else LIMIT

    def seconds_to_wait(self):
        """Return how many seconds are left of the delay after a wrong PIN."""
        passed = time.ticks_diff(time.ticks_ms(), self._delayed) // 1000
        if passed < 0 or passed >= self._delay:
            self._delay = 0
        return self._delay - passed if self._delay else 0

    def hold_off(self, seconds):
        """Have the next PIN wait for so long at least."""
        if seconds > self.seconds_to_wait():
            self._delay, self._delayed = seconds, time.ticks_ms()

    def lock(self):
        """Forget the keys, if there is a PIN; while set_pin() runs, at its end."""
        if self._sealing:
            self._lock_then = True
        elif self.state == READY and self.has_pin():
            self._forget()
            self.state = LOCKED
            gc.collect()

    def _forget(self):
        self.era += 1
        self._store.lock()
        self._key = self._pin_length = None

    async def unlock(self, pin):
        """Try a PIN (text of digits); raise WrongPin or TooSoon.

        A FlashFault says that the attempt could not be counted, so that none was made.
        """
        if self.state != LOCKED:
            self._require()
            return  # it is open, or was wiped meanwhile
        left = self.seconds_to_wait()
        if left:
            raise TooSoon(left)
        _reserve()  # or an attempt would count that none was
        self._slots.attempts.begin()
        pin_key = await self._derive(pin.encode(), self._slots.slot)
        try:
            self._slots.slot.unwrap(pin_key)
        except BadSeal:
            left = self.attempts_left()
            if left == 0:
                await self.wipe()
            else:
                self._begin_delay()
            raise WrongPin(left)
        self._slots.attempts.forgive()
        self._delay = 0
        self._opening = True
        try:
            await finish(self._store.open())
            await self._enter(pin_key)
        finally:
            if self.state != READY:
                self._forget()
            self._opening = False

    async def settled(self):
        """Return when the vault is not being opened: meanwhile no setting may be written."""
        while self._opening:
            await asyncio.sleep_ms(20)

    async def set_pin(self, pin):
        """Set, change or (with an empty text) clear the PIN: everything is sealed anew.

        Raises EntropyFault before anything but the setting `radio` is changed, and so
        does a MemoryError. If there is one later, the change is made; what is left of the
        key before it goes with the next try, unlocking, or start.
        """
        self._require()
        self.require_whole()
        if pin and not pins.MIN <= len(pin) <= pins.MAX:
            raise ValueError("a PIN has %d to %d digits" % (pins.MIN, pins.MAX))
        self._sealing = True
        self.era += 1
        try:
            await insist(self._finish_change)  # one before this one
            await self._change_pin(pin)
            await insist(self._finish_change)
        finally:
            self._sealing = False
            if self._lock_then:
                self._lock_then = False
                self.lock()

    async def _change_pin(self, pin):
        """Write the key slot of another PIN: from then on the change is made."""
        radio = self.setting("radio")
        try:
            change = on_demand.once("tokenfw.vault.pin_change")
            key, salt, drawn = change.draw(self, self._entropy, self._key)
            pin_key, rounds = await change.derive(pin, salt, self._full_speed, self._pin_key_ms)
            del change
            _reserve()
            self._unfinished = True
            self._slots.write(pin_key, len(pin), rounds, salt, key, self._key)
        except (EntropyFault, FlashFault, MemoryError):
            self._radio = "off" if radio == "tried" else radio
            await insist(self._finish_change)
            raise
        self._key, self._pin_length = key, len(pin)
        self._radio = drawn
        self._store.changed = False  # what is there from now on is what there should be

    async def _derive(self, pin, slot):
        if not pin:  # one iteration
            return await kdf.derive(pin, slot.salt, slot.iterations)
        with self._full_speed():
            return await kdf.derive(pin, slot.salt, slot.iterations)

    async def _enter(self, pin_key):
        """Unlock the store, which was opened; raise BadSeal when this is not the PIN's key."""
        slot = self._slots.slot
        self._key = slot.unwrap(pin_key)
        self._pin_length = slot.length(self._key)
        keys = {slot.epoch: self._key}
        old = self._slots.old_key(self._key)
        if old is not None:
            keys[old[0]] = old[1]
        self._store.unlock(keys)
        self._unfinished = True
        try:
            await insist(self._finish_change)
            if self._slots.worn():
                self._slots.move(self._store.newest)
            self._store.begin()
        except (FlashFault, LogFull, MemoryError):
            pass  # a key sector is bad, or that much memory is not there: it is open all the same
        self.state = READY
        gc.collect()

    async def _finish_change(self):
        """Destroy what there is of another vault key, once nothing is sealed under it any more.

        Done again, it goes on where a MemoryError ended it.
        """
        if self._unfinished:
            self._slots.tidy()
            if self._slots.old_key(self._key) is not None:
                await finish(self._store.rekey(self._slots.slot.epoch, self._key))
                self._slots.drop_old()
        if self._radio is not False:
            self.set_setting("radio", self._radio)
            self._radio = False
        self._unfinished = False

    def _begin_delay(self):
        self._delay = DELAYS[min(self._slots.attempts.failures(), len(DELAYS) - 1)]
        self._delayed = time.ticks_ms()

    def _require(self):
        """Raise what is in the way of the accounts."""
        if self.state == LOCKED:
            raise errors.Locked("the token is locked: enter its PIN at the token")
        if self.state == NEWER:
            raise errors.NewerVault(
                "a newer firmware wrote the vault, which is left alone: update the firmware"
            )
        if self.state == OLDER:
            raise errors.VaultDamaged(
                "an older firmware wrote the vault, and this one cannot take it over: "
                "go back to that firmware, or wipe the token"
            )
        if self.state == NO_ENTROPY:
            raise errors.EntropyFailed("the token's random generator fails its health check")
        if self.state == FOREIGN:
            raise errors.VaultDamaged(
                "the vault's keys are damaged, or its flash holds something else: "
                "wipe the token to begin anew"
            )

    def partial(self):
        """Tell whether there are more accounts than memory holds: those that fit can be used.

        They can be removed, too, but nothing can be added until all fit at a start.
        """
        return self._store.missing > 0

    def require_whole(self):
        """Raise VaultFull if there are more accounts than memory holds."""
        if self.partial():
            raise errors.VaultFull(
                "the vault holds more accounts than fit the token's memory: remove some, restart it"
            )

    # settings

    def setting(self, name, default=None):
        """Return a setting (a JSON value); settings are not sealed, and there while locked."""
        return self._store.settings.values.get(name, default)

    def set_setting(self, name, value):
        """Store a setting."""
        self.change_settings({name: value})

    def change_settings(self, values):
        """Store several settings, given by name, at once."""
        if self.state not in (READY, LOCKED):
            self._require()
        settings = self._store.settings
        before = settings.values
        settings.values = dict(before)
        settings.values.update(values)
        try:
            self._change(settings.write)
        except (errors.VaultFull, MemoryError):
            settings.values = before
            raise

    # wiping

    async def wipe(self):
        """Erase everything and begin anew. Once begun, a restart goes on with it."""
        _reserve()
        self._forget()
        self._delay = 0
        self.state = FOREIGN
        await insist(self._wipe)

    async def _wipe(self):
        self._slots.begin_wipe()
        await self._format().erase(self._flash, self._slots)
        await self._begin()

    def _change(self, change, *arguments):
        try:
            return change(*arguments)
        except LogFull:
            raise errors.VaultFull("the token's vault is full")


def _reserve():
    """Raise MemoryError if there is less memory than what is to come might want."""
    gc.collect()
    held = [bytearray(1024) for _ in range(_RESERVE)]
    del held
