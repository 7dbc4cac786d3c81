"""What a change of the PIN begins with: the keys are drawn, and the PIN's key is derived.

In memory only then. The chip draws truly random numbers only while its radio is on. Where that
pulls the power down, or hangs, the restart finds the setting `radio` at "tried", and does
without. The radio wants 36 KB outside the heap, and keeps 34 KB until the chip's next start:
where the heap has taken them, or would lack them for the change itself, the key is drawn
without, and `radio` becomes "off". Beside the dialog of a PIN only a board with PSRAM has them.
The key before goes into the new one, so that such a key is no worse than that for whoever does
not know it.
"""

import gc
import struct

from micropython import const

from otpcore.settings import OFF, ON, RADIO, TRIED
from tokenfw.system import on_demand
from tokenfw.vault import kdf
from tokenfw.vault.slot import SALT

# In words, of which objects are made: what the radio keeps, and what sealing anew may take.
_RADIO, _CHANGE = const(9216), const(10240)


def draw(vault, entropy, key):
    """Return a vault key and a salt, and how they were drawn: the setting `radio` to be.

    `key` is the present one.
    """
    gc.collect()
    words = gc.mem_free() // struct.calcsize("P")
    radio = vault.setting(RADIO) != TRIED and words >= _RADIO + _CHANGE
    if radio:
        vault.set_setting(RADIO, TRIED)
    new, salt = entropy.keys(2, radio, key)
    return new, salt[:SALT], ON if radio and entropy.strong else OFF


async def derive(pin, salt, full_speed, duration_ms, keys, chip):
    """Return the key of a PIN (text of digits), the rounds of PBKDF2, and how it is bound.

    That takes about `duration_ms`; without a PIN there is one round. `chip` is what it is bound
    to, as a key slot has it: then half of the time is the chip's, `keys` (tokenfw.chip_keys) opens
    it, and ChipKeySilent says that its key does not answer.
    """
    with full_speed():
        bound = on_demand.once("tokenfw.vault.binding").Bound(keys, chip) if chip else None
        if bound:
            duration_ms //= 2
            bound.count = 1
            if pin:
                await bound.calibrate(duration_ms)
        rounds = await kdf.calibrate(duration_ms) if pin else 1
        if bound and pin:
            rounds = max(rounds, bound.rounds_min)
        key = await kdf.derive(pin.encode(), salt, rounds)
        if bound is None:
            return key, rounds, b""
        key = await bound.finish(key)
        await bound.repeat()
        return key, rounds, bound.parameters()
