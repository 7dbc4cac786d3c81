"""The first step of a change of the PIN: draws keys, and derives the PIN's key.

Loaded on demand. The chip's random numbers are truly random only while its radio is on. The
radio takes 36 KB outside the heap, and keeps 34 KB until the chip restarts: during a PIN dialog
only a board with PSRAM has that much. Any other board restarts before the dialog and draws
ahead: see system/boot_entropy.py. If the radio makes the supply fail, or hangs, the next start
finds the setting `radio_tried`: then the key is drawn without the radio, and `radio` becomes "off".
The present key is mixed into the new one, so that the new one is no weaker against anybody who
does not know the present one.
"""

import asyncio
import gc
import struct
import time

from micropython import const

from otpcore.settings import OFF, ON, RADIO, RADIO_TRIED, TRIED
from tokenfw.system import on_demand
from tokenfw.vault.keys import kdf
from tokenfw.vault.keys.slot import SALT

# In machine words, as the heap's objects: what the radio takes, and what re-encrypting may take.
_RADIO, _CHANGE = const(9216), const(10240)
_PLENTY = const(60000)  # words: no board without PSRAM has so many free
_TURNS = const(32)  # of the loop, in which pictures are sent before the time is measured


def can_draw(vault, entropy):
    """Return False if a restart of the chip would allow a stronger key than can be drawn now."""
    tried = _was_tried(vault)
    if entropy.ahead:
        if tried:
            vault.set_setting(RADIO_TRIED, False)  # it works
        return True
    return tried or not entropy.can_restart() or _words() >= _PLENTY


def restart(vault, entropy):
    """Restart the chip to draw ahead; does not return."""
    vault.set_setting(RADIO_TRIED, True)
    entropy.restart()


def _was_tried(vault):
    return vault.setting(RADIO) == TRIED or bool(vault.setting(RADIO_TRIED))


def _words():
    gc.collect()
    return gc.mem_free() // struct.calcsize("P")


def draw(vault, entropy, key):
    """Return a new vault key, a salt, and the value that the setting `radio` is to get.

    `key` is the present vault key. Raises EntropyFault.
    """
    (new, salt), drawn = draw_keys(vault, entropy, key, 2)
    return new, salt[:SALT], drawn


def draw_keys(vault, entropy, key, count):
    """Return a list of `count` keys, and ON if they were drawn with the radio, else OFF.

    The setting `radio_tried` may be left set: the caller clears it. Raises EntropyFault.
    """
    ahead = bool(entropy.ahead)
    radio = not ahead and not _was_tried(vault) and _words() >= _RADIO + _CHANGE
    if radio:
        vault.set_setting(RADIO_TRIED, True)
    keys = entropy.keys(count, radio, key)
    return keys, ON if (radio or ahead) and entropy.strong else OFF


async def derive(pin, salt, full_speed, duration_ms, keys, chip):
    """Return the key of a PIN (text of digits), the rounds of PBKDF2, and the slot's `chip` bytes.

    Deriving it takes about `duration_ms`; without a PIN there is one round. `chip` says what the
    key is to be bound to, in the form of a key slot; if not empty, half of the rounds give way to
    a chain that takes as long, under the chip's key, which `keys` (tokenfw.chip_keys) opens.
    Raises ChipKeySilent.
    """
    for _ in range(_TURNS):
        await asyncio.sleep_ms(0)
    with full_speed():
        bound = on_demand.once("tokenfw.vault.keys.binding").Bound(keys, chip) if chip else None
        rounds = await kdf.calibrate(duration_ms) if pin else 1
        if bound and pin:
            rounds = max(rounds // 2, bound.rounds_min)
        started = time.ticks_ms()
        key = await kdf.derive(pin.encode(), salt, rounds)
        if bound is None:
            return key, rounds, b""
        bound.count = 1
        if pin:
            elapsed = time.ticks_diff(time.ticks_ms(), started)
            await bound.calibrate(min(elapsed, duration_ms // 2) * 63 // 64)  # and its checks
        key = await bound.finish(key)
        await bound.repeat()
        return key, rounds, bound.parameters()
