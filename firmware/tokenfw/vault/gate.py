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
from otpcore.settings import DEFAULTS, OFF, ON, RADIO, TRIED
from tokenfw.system import on_demand
from tokenfw.system.entropy import EntropyFault
from tokenfw.vault import kdf
from tokenfw.vault.keyslots import ATTEMPTS, SALT, FlashFault, KeySlots
from tokenfw.vault.log import LogFull
from tokenfw.vault.sealing import BadSeal
from tokenfw.vault.sectors import OLDER as OLDER_MAGIC
from tokenfw.vault.sectors import NewerVault
from tokenfw.vault.states import (
    DELAYS,
    FOREIGN,
    LOCKED,
    NEWER,
    NO_ENTROPY,
    OLDER,
    READY,
    TooSoon,
    WrongPin,
)
from tokenfw.vault.steps import finish, insist
from tokenfw.vault.store import Store

PIN_KEY_MS = 2000  # how long the PIN's key takes, about
_RESERVE = const(8)  # KB: more than anything here wants that must not stop half-way


class Gate:
    """The way into the store on `flash`.

    `entropy` draws keys; `hurry()` is a context manager for what computes long;
    `pin_key_ms` is how long the PIN's key may take (ms).
    """

    def __init__(self, flash, entropy, hurry, pin_key_ms=PIN_KEY_MS):
        self._flash = flash
        self._entropy = entropy
        self._hurry = hurry
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
        self._drawn = False  # or what the setting `radio` has to become
        self.era = 0  # another one after each lock, wipe and change of the PIN
        self.state = FOREIGN

    async def start(self, tidy=False):
        """Open the vault: unlocked where there is no PIN. Finish what a power cut interrupted.

        `tidy` says that none did: the token slept, and had been open before. Else what can
        wait until there is a picture is left to tidy_up().
        """
        try:
            found = self._slots.open()
            if found and self._slots.is_wiping():
                await self._founding().erase()
                found = False
            if found:
                await finish(self._store.open())
            if not tidy and self._is_older(found):
                migrate = self._founding().migrate
                found, self.state = await migrate(found, self._enter_without_pin)
                if self.state != FOREIGN:
                    return
                if found:
                    await finish(self._store.open())
        except NewerVault:
            self.state = NEWER
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
        elif not tidy:  # a delay is over before the token sleeps
            self._begin_delay()

    async def tidy_up(self):
        """Erase what torn erases left, sector by sector; finish what memory was too small for."""
        try:
            if self.state in (READY, LOCKED):
                await finish(self._store.erase_remains())
            if self.state == READY and self._unfinished and not self._sealing:
                await self._finish_change()
        except MemoryError:
            pass  # what is left to do waits for the next start, or change of the PIN

    def _is_older(self, found):
        """Tell whether something of the version before this one waits for its migration."""
        if found:  # it was migrated before there was a PIN
            return self._store.older and not self._slots.slot.pin
        size = self._flash.SECTOR
        return any(
            self._flash.read(n * size, len(OLDER_MAGIC)) == OLDER_MAGIC
            for n in range(self._flash.sectors)
        )

    def _founding(self):
        founding = on_demand.once("tokenfw.vault.format")
        return founding.Founding(self._flash, self._slots, self._store, self._entropy)

    async def _begin(self):
        """Make a vault where there is none, if nothing can be lost by it."""
        in_the_way = await self._founding().begin()
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
        return max(0, ATTEMPTS - self._slots.failures()) if self._slots.slot else ATTEMPTS

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
        self._slots.attempt()
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
        self._slots.forgive()
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
            before = self.setting(RADIO)
            try:
                key, salt, drawn = self._draw(before)
                salt = salt[:SALT]
                with self._hurry():
                    iterations = await kdf.calibrate(self._pin_key_ms) if pin else 1
                    pin_key = await kdf.derive(pin.encode(), salt, iterations)
                _reserve()
                self._unfinished = True
                self._slots.write(pin_key, len(pin), iterations, salt, key, self._key)
            except (EntropyFault, FlashFault, MemoryError):
                self._drawn = OFF if before == TRIED else before
                await insist(self._finish_change)
                raise
            self._key, self._pin_length = key, len(pin)
            self._drawn = drawn
            self._store.changed = False  # what is there from now on is what there should be
            await insist(self._finish_change)
        finally:
            self._sealing = False
            if self._lock_then:
                self._lock_then = False
                self.lock()

    def _draw(self, before):
        """Return a vault key and a salt, and how they were drawn: the setting `radio` to be.

        Where the radio pulls the power down, or hangs, the restart finds that it was
        tried, and draws without it: `status` tells.
        """
        radio = before != TRIED
        if radio:
            self.set_setting(RADIO, TRIED)
        key, salt = self._entropy.keys(2, radio)
        return key, salt, ON if radio and self._entropy.strong else OFF

    async def _derive(self, pin, slot):
        if not pin:  # one iteration
            return await kdf.derive(pin, slot.salt, slot.iterations)
        with self._hurry():
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
                self._slots.renew(pin_key, self._key, self._store.newest)
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
                await finish(self._store.renew(self._slots.slot.epoch, self._key))
                self._slots.drop_old()
        if self._drawn is not False:
            self.set_setting(RADIO, self._drawn)
            self._drawn = False
        self._unfinished = False

    def _begin_delay(self):
        self._delay = DELAYS[min(self._slots.failures(), len(DELAYS) - 1)]
        self._delayed = time.ticks_ms()

    def _require(self):
        """Raise what is in the way of the accounts."""
        if self.state == LOCKED:
            raise errors.Locked
        if self.state == NEWER:
            raise errors.NewerVault
        if self.state == OLDER:
            raise errors.VaultFull("older")
        if self.state == NO_ENTROPY:
            raise errors.EntropyFailed
        if self.state == FOREIGN:
            raise errors.VaultDamaged("keys")

    def partial(self):
        """Tell whether there are more accounts than memory holds: those that fit can be used.

        They can be removed, too, but nothing can be added until all fit at a start.
        """
        return self._store.missing > 0

    def require_whole(self):
        """Raise VaultFull if there are more accounts than memory holds."""
        if self.partial():
            raise errors.VaultFull("memory")

    # settings

    def setting(self, key):
        """Return a setting, see otpcore.settings; they are not sealed, and there while locked."""
        value = self._store.settings.values.get(key)
        return DEFAULTS.get(key) if value is None else value

    def set_setting(self, key, value):
        """Store a setting."""
        self.change_settings({key: value})

    def change_settings(self, values):
        """Store several settings, given by their keys, at once."""
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
        if self._slots.slot is not None:
            self._slots.begin_wipe()
        await self._founding().erase()
        await self._begin()

    def _change(self, change, *arguments):
        try:
            return change(*arguments)
        except LogFull:
            raise errors.VaultFull("flash")


def _reserve():
    """Raise MemoryError if there is less memory than what is to come might want."""
    gc.collect()
    held = [bytearray(1024) for _ in range(_RESERVE)]
    del held
