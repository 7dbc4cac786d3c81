"""Access to a vault: its keys while it is open, its settings, creating and wiping it.

A vault without a PIN is sealed too, under a key that anybody can compute. A change of keys keeps
the old key until no record is sealed under it any more: a restart, or the next attempt,
continues it.
"""

import gc

from micropython import const

from otpcore import errors
from otpcore.mac import hmac
from otpcore.settings import DEFAULTS, RADIO, RADIO_TRIED
from tokenfw.system import on_demand
from tokenfw.system.steps import finish, insist
from tokenfw.vault.contents.store import Store
from tokenfw.vault.flash.faults import FlashFault
from tokenfw.vault.flash.log import LogFull
from tokenfw.vault.keys import kdf
from tokenfw.vault.keys.faults import ChipKeySilent
from tokenfw.vault.keys.keyslots import KeySlots
from tokenfw.vault.keys.sealing import BadSeal
from tokenfw.vault.states import FOREIGN, LOCKED, NEWER, NO_CHIP_KEY, NO_ENTROPY, OLDER, READY

PIN_KEY_MS = 2000  # about how long deriving the PIN's key takes
PROOF = b"PIN without its chip"
_RESERVE = const(8)  # KB: more than any operation takes that must not stop half-way


class Access:
    """Access to the Store on `flash`.

    `entropy` draws keys; `full_speed()` is a context manager for long computations;
    `pin_key_ms` is how long deriving a PIN's key takes (ms); `chip_keys` is the ChipKeys of
    tokenfw.chip_keys, or None if the chip has none.
    """

    def __init__(self, flash, entropy, full_speed, pin_key_ms=PIN_KEY_MS, chip_keys=None):
        self._flash = flash
        self._entropy = entropy
        self._full_speed = full_speed
        self._pin_key_ms = pin_key_ms
        self.chip_keys = chip_keys
        self._slots = KeySlots(flash)
        self._store = Store(flash, self._slots)
        self._key = None
        self._pin_length = None  # while the key is known
        self._proof = None  # checks the PIN, while the key is known and bound to the chip
        self.stranded = False  # open, but its chip's key does not answer any more
        self._delay = 0  # seconds from
        self._delayed = 0  # this moment (ticks_ms)
        self._sealing = False  # whether everything is being re-encrypted
        self._lock_then = False  # whether to lock after that
        self._unfinished = False  # whether records under another vault key may be left
        self._radio = False  # or the value that the setting `radio` is to get
        self.era = 0  # changes with each lock, wipe and change of the PIN
        self.state = FOREIGN

    def has_pin(self):
        """Return whether a PIN is set."""
        return self._slots.slot is not None and self._slots.slot.pin > 0

    def lock(self):
        """Forget the keys, if there is a PIN; while set_pin() runs, at its end.

        A stranded vault stays open: once locked, it could not be opened again.
        """
        if self._sealing:
            self._lock_then = True
        elif self.state == READY and not self.is_stranded() and self.has_pin():
            self._forget()
            self.state = LOCKED
            gc.collect()

    def is_stranded(self):
        """Check whether the vault is open, but the chip's key that it needs does not answer."""
        return self.state == READY and self._slots.slot.chip != b"" and self._looks_stranded()

    def _looks_stranded(self):
        try:
            self._open_chip(self._slots.slot)
            self.stranded = False
        except ChipKeySilent:
            self.stranded = self._proof is not None or not self.has_pin()
        return self.stranded

    def _keep_proof(self, pin):
        """While a bound vault is open, keep an HMAC that checks the PIN (text) without the chip."""
        self._proof, self.stranded = None, False
        if self._slots.slot.chip and pin:
            self._proof = hmac("SHA256", self._key, PROOF + pin.encode())

    def _forget(self):
        self.era += 1
        self._store.lock()
        self._key = self._pin_length = self._proof = None
        self.stranded = False

    def _format(self):
        return on_demand.once("tokenfw.vault.format")

    async def _begin(self):
        """Create a vault on flash without one, if that destroys no data; else set the state."""
        in_the_way = await self._format().begin(self._flash, self._slots, self._entropy)
        if in_the_way is not None:
            self.state = in_the_way
            return
        await finish(self._store.open())
        await self._enter_without_pin()

    async def _enter_without_pin(self):
        slot = self._slots.slot
        await self._enter(await self._derive(b"", slot, self._open_chip(slot)))

    def _open_chip(self, slot):
        """Return the Bound of a slot, or None if it is not bound; raise ChipKeySilent."""
        if slot.chip:
            return on_demand.once("tokenfw.vault.keys.binding").Bound(self.chip_keys, slot.chip)

    async def _derive(self, pin, slot, bound):
        if not pin:  # one iteration
            return await _derived(pin, slot, bound)
        with self._full_speed():
            return await _derived(pin, slot, bound)

    async def _enter(self, pin_key):
        """Unlock the store, which is open, with a PIN's key; raise BadSeal if it is wrong."""
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
            if self._store.restoring or self._store.staged is not None:
                await insist(self._finish_restore)
        except MemoryError:  # not in one clause: its tuple would take memory
            pass
        except (FlashFault, LogFull, errors.VaultFull, BadSeal):
            pass  # flash is bad, or memory was short: the vault is open all the same
        self.state = READY
        gc.collect()

    async def _finish_change(self):
        """Re-encrypt what is sealed under the old vault key, if anything, then destroy that key.

        Called again after a MemoryError, it continues.
        """
        if self._unfinished:
            self._slots.tidy()
            if self._slots.old_key(self._key) is not None:
                await finish(self._store.rekey(self._slots.slot.epoch, self._key))
                self._slots.drop_old()
        if self._radio is not False:
            self.change_settings({RADIO: self._radio, RADIO_TRIED: False})
            self._radio = False
        self._unfinished = False

    async def _finish_restore(self):
        """Finish an interrupted restore, or undo one that was not completed.

        Raises WireError if the accounts cannot be read again: an open vault has all of them.
        """
        staging = on_demand.once("tokenfw.vault.backup.staging")
        await finish(staging.resume(self._store, self.change_settings))
        del staging
        try:
            await insist(self._open_again)  # for the order of the accounts
        except MemoryError:
            raise errors.WireError("no_memory")

    async def _open_again(self):
        await finish(self._store.open())
        self._store.unlock({self._slots.slot.epoch: self._key})

    def _require(self):
        """Raise the WireError of a state other than READY."""
        if self.state == LOCKED:
            raise errors.Locked
        if self.state == NEWER:
            raise errors.NewerVault
        if self.state == OLDER:
            raise errors.VaultDamaged("older")
        if self.state == NO_ENTROPY:
            raise errors.EntropyFailed
        if self.state == NO_CHIP_KEY:
            raise errors.VaultDamaged("chip_key")
        if self.state == FOREIGN:
            raise errors.VaultDamaged("keys")

    def require_usable(self):
        """Raise the WireError of a state other than READY and LOCKED."""
        if self.state != LOCKED:
            self._require()

    def partial(self):
        """Return whether there are more accounts than memory holds.

        Those that fit can be used and removed, but none can be added until all fit at a start.
        """
        return self._store.missing > 0

    def require_whole(self):
        """Raise VaultFull if there are more accounts than memory holds."""
        if self.partial():
            raise errors.VaultFull("memory")

    # settings

    def setting(self, key):
        """Return a setting, or its default: see otpcore.settings. Works while locked, too."""
        value = self._store.settings.values.get(key)
        return DEFAULTS.get(key) if value is None else value

    def set_setting(self, key, value):
        """Store a setting; raises as change_settings() does."""
        self.change_settings({key: value})

    def change_settings(self, values):
        """Store the settings of a dict in one record. VaultFull, Busy, or the state's WireError.

        Busy is not raised right after settled().
        """
        self.require_usable()
        settings = self._store.settings
        before = settings.values
        settings.values = dict(before)
        settings.values.update(values)
        try:
            self._change(settings.write)
        except BaseException:  # naming two classes would take memory, of which there may be none
            settings.values = before
            raise

    def _change(self, change, *arguments):
        try:
            return change(*arguments)
        except LogFull:
            raise errors.VaultFull("flash")

    async def flash_health(self):
        """Return a dict about the vault's sectors; see flash/health.py."""
        module = on_demand.once("tokenfw.vault.flash.health")
        return await module.flash_health(self._flash, self._store.log.sectors())

    # wiping

    async def wipe(self):
        """Erase everything and create an empty vault. A restart completes a wipe that was begun."""
        reserve()
        self._forget()
        self._delay = 0
        self.state = FOREIGN
        await insist(self._wipe)

    async def _wipe(self):
        self._slots.begin_wipe()
        await self._format().erase(self._flash, self._slots)
        await self._begin()


async def _derived(pin, slot, bound):
    """Return the key (32 bytes) of a PIN (bytes); raise ChipKeySilent."""
    key = await kdf.derive(pin, slot.salt, slot.iterations)
    return key if bound is None else await bound.finish(key)


def reserve():
    """Raise MemoryError unless 8 KB are free, for an operation that must not stop half-way.

    Garbage is collected, so that what is loaded next does not divide the free memory.
    """
    held = [bytearray(1024) for _ in range(_RESERVE)]
    del held
    gc.collect()
