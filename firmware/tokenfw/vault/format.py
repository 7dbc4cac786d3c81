"""How a vault begins: on flash that holds nothing, out of the version before, after a wipe.

Needed once in a token's life or so, and in memory only then.
"""

import asyncio

from tokenfw.system import on_demand
from tokenfw.system.entropy import EntropyFault
from tokenfw.vault import kdf
from tokenfw.vault.keyslots import SALT, SECTORS
from tokenfw.vault.log import LogFull
from tokenfw.vault.sectors import PIECE, is_blank
from tokenfw.vault.states import FOREIGN, NO_ENTROPY, OLDER
from tokenfw.vault.steps import finish


class Founding:
    """Works on a Gate's `flash`, `slots` and `store`; `entropy` draws the keys."""

    def __init__(self, flash, slots, store, entropy):
        self._flash = flash
        self._slots = slots
        self._store = store
        self._entropy = entropy

    async def begin(self):
        """Write the keys of an empty vault; return None, or the state that is in the way.

        Nothing can be lost by it: flash that holds anything is left alone.
        """
        window = bytearray(PIECE)
        for sector in range(len(SECTORS), self._flash.sectors):
            if not is_blank(self._flash, sector, window):
                return FOREIGN
            await asyncio.sleep_ms(0)
        try:
            key, salt = self._entropy.keys(2, radio=False)  # without a PIN nothing depends on it
        except EntropyFault:
            return NO_ENTROPY
        await self._write_slot(key, salt)
        return None

    async def migrate(self, found, enter):
        """Seal what the version before this one left; return (found, state).

        `found` says whether there are keys, and `enter()` unlocks the store. With a state
        other than FOREIGN it was not possible.
        """
        migration = on_demand.once("tokenfw.vault.migration")
        older = migration.Migration(self._flash)
        try:
            if not found:
                key, salt = self._entropy.keys(2, radio=False)
                await finish(older.prepare())
                if not older.sectors:
                    return False, FOREIGN
                await self._write_slot(key, salt)
            self._slots.tidy()
            older.survey()
            await finish(self._store.open(older.sectors))
            await enter()
            await finish(older.carry_over(self._store))
        except EntropyFault:
            return found, NO_ENTROPY
        except (migration.DoesNotFit, LogFull):
            self._store.lock()
            return found, OLDER
        self._store.lock()
        return True, FOREIGN

    async def erase(self):
        """Erase the records, then the key sectors."""
        window = bytearray(PIECE)
        for sector in range(len(SECTORS), self._flash.sectors):
            if not is_blank(self._flash, sector, window):
                self._flash.erase(sector)
            await asyncio.sleep_ms(0)
        self._slots.end_wipe()

    async def _write_slot(self, key, salt):
        """Write the first key slot: without a PIN."""
        pin_key = await kdf.derive(b"", salt[:SALT], 1)
        self._slots.write(pin_key, 0, 1, salt[:SALT], key)
