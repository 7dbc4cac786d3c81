"""The access to a vault: its keys while it is open, its settings, and what begins and ends it.

Without a PIN the vault is sealed all the same, under a key that anybody can compute. What
changes keys leaves both until nothing is sealed under the one before: a restart, or the next
try, goes on with it.
"""

import gc

from micropython import const

from otpcore import errors
from otpcore.mac import hmac
from otpcore.settings import DEFAULTS, RADIO, RADIO_TRIED
from tokenfw.system import on_demand
from tokenfw.vault import kdf
from tokenfw.vault.keyslots import KeySlots
from tokenfw.vault.log import LogFull
from tokenfw.vault.states import (
    FOREIGN,
    LOCKED,
    NEWER,
    NO_CHIP_KEY,
    NO_ENTROPY,
    OLDER,
    READY,
    ChipKeySilent,
    FlashFault,
)
from tokenfw.vault.steps import finish, insist
from tokenfw.vault.store import Store

PIN_KEY_MS = 2000  # how long the PIN's key takes, about
PROOF = b"PIN without its chip"
_RESERVE = const(8)  # KB: more than anything here wants that must not stop half-way


class Access:
    """The way into the store on `flash`.

    `entropy` draws keys; `full_speed()` is a context manager for what computes long;
    `pin_key_ms` is how long the PIN's key may take (ms); `chip_keys` are the ChipKeys of
    tokenfw.chip_keys, None where there are none.
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
        self._proof = None  # of the PIN, while the key is known and bound to the chip
        self.stranded = False  # whether it is open, and its chip's key does not answer
        self._delay = 0  # seconds, since
        self._delayed = 0  # ticks_ms
        self._opening = False  # whether the log is being read
        self._sealing = False  # whether everything is being sealed anew
        self._lock_then = False
        self._unfinished = False  # whether there may be something of another vault key
        self._radio = False  # or what the setting `radio` has to become
        self.era = 0  # another one after each lock, wipe and change of the PIN
        self.state = FOREIGN

    def has_pin(self):
        """Return whether there is a PIN."""
        return self._slots.slot is not None and self._slots.slot.pin > 0

    def lock(self):
        """Forget the keys, if there is a PIN; while set_pin() runs, at its end.

        One that is stranded stays open: locked, it would open no more.
        """
        if self._sealing:
            self._lock_then = True
        elif self.state == READY and not self.is_stranded() and self.has_pin():
            self._forget()
            self.state = LOCKED
            gc.collect()

    def is_stranded(self):
        """Look whether the vault is open, and the chip's key that opens it answers no more."""
        return self.state == READY and self._slots.slot.chip != b"" and self._looks_stranded()

    def _looks_stranded(self):
        try:
            self._open_chip(self._slots.slot)
            self.stranded = False
        except ChipKeySilent:
            self.stranded = self._proof is not None or not self.has_pin()
        return self.stranded

    def _keep_proof(self, pin):
        """Keep what tells the PIN (text) of a bound vault without its chip, while it is open."""
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
        """Make a vault where there is none, if nothing can be lost by it."""
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
        """Return the Bound of a slot, None where it is not bound; raise ChipKeySilent."""
        if slot.chip:
            return on_demand.once("tokenfw.vault.binding").Bound(self.chip_keys, slot.chip)

    async def _derive(self, pin, slot, bound):
        if not pin:  # one iteration
            return await _derived(pin, slot, bound)
        with self._full_speed():
            return await _derived(pin, slot, bound)

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
            if self._store.restoring or self._store.staged is not None:
                await insist(self._finish_restore)
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
            self.change_settings({RADIO: self._radio, RADIO_TRIED: False})
            self._radio = False
        self._unfinished = False

    async def _finish_restore(self):
        """Finish a restore that was interrupted, or undo one that never came to its end."""
        store = self._store
        staging = on_demand.once("tokenfw.vault.staging")
        await finish(staging.resume(store, self.change_settings))
        epoch = self._slots.slot.epoch
        await finish(store.open())  # for the order of the accounts
        store.unlock({epoch: self._key})

    def _require(self):
        """Raise what is in the way of the accounts."""
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
        """Raise what is the matter with a vault that is neither open nor waits for its PIN."""
        if self.state != LOCKED:
            self._require()

    def partial(self):
        """Return whether there are more accounts than memory holds: those that fit can be used.

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
        self.require_usable()
        settings = self._store.settings
        before = settings.values
        settings.values = dict(before)
        settings.values.update(values)
        try:
            self._change(settings.write)
        except (errors.VaultFull, MemoryError):
            settings.values = before
            raise

    def _change(self, change, *arguments):
        try:
            return change(*arguments)
        except LogFull:
            raise errors.VaultFull("flash")

    async def survey(self):
        """Return what there is to say of the flash; see survey.py."""
        module = on_demand.once("tokenfw.vault.survey")
        return await module.survey(self._flash, self._store.log.sectors())

    # wiping

    async def wipe(self):
        """Erase everything and begin anew. Once begun, a restart goes on with it."""
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
    """Return the key of a PIN (bytes); ChipKeySilent."""
    key = await kdf.derive(pin, slot.salt, slot.iterations)
    return key if bound is None else await bound.finish(key)


def reserve():
    """Raise MemoryError if there is less memory than what is to come might want."""
    gc.collect()
    held = [bytearray(1024) for _ in range(_RESERVE)]
    del held
