"""The first step of a change of the PIN: keys are drawn, and the PIN's key is derived.

In memory only then. The chip draws truly random numbers only while its radio is on. That wants
36 KB outside the heap, and keeps 34 KB until the chip's next start: beside the dialog of a PIN
only a board with PSRAM has them. On any other the chip restarts before the dialog, and draws
ahead: see system/ahead.py. Where the radio pulls the power down, or hangs, the setting
`radio_tried` is found by the next start: the key is drawn without, and `radio` becomes "off".
The key before goes into the new one, so that such a key is no worse than that for whoever does
not know it.
"""

import asyncio
import gc
import struct
import time

from micropython import const

from otpcore.settings import OFF, ON, RADIO, RADIO_TRIED, TRIED
from tokenfw.system import on_demand
from tokenfw.vault import kdf
from tokenfw.vault.slot import SALT

# In words, of which objects are made: what the radio keeps, and what sealing anew may take.
_RADIO, _CHANGE = const(9216), const(10240)
_PLENTY = const(60000)  # words that no board without PSRAM has free
_TURNS = const(32)  # of the loop, in which a picture is sent that would count as the PIN's time


def can_draw(vault, entropy):
    """Tell whether a strong key can be drawn now, or never can: else the chip is to restart."""
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
    """Return a vault key and a salt, and how they were drawn: the setting `radio` to be.

    `key` is the present one.
    """
    (new, salt), drawn = draw_keys(vault, entropy, key, 2)
    return new, salt[:SALT], drawn


def draw_keys(vault, entropy, key, count):
    """Return `count` keys, and how they were drawn: see draw(). RADIO_TRIED may be set after it."""
    ahead = bool(entropy.ahead)
    radio = not ahead and not _was_tried(vault) and _words() >= _RADIO + _CHANGE
    if radio:
        vault.set_setting(RADIO_TRIED, True)
    keys = entropy.keys(count, radio, key)
    return keys, ON if (radio or ahead) and entropy.strong else OFF


async def derive(pin, salt, full_speed, duration_ms, keys, chip):
    """Return the key of a PIN (text of digits), the rounds of PBKDF2, and how it is bound.

    That takes about `duration_ms`; without a PIN there is one round. `chip` is what it is bound
    to, as a key slot has it: then half of the rounds make room for a chain that takes as long
    as the other half, `keys` (tokenfw.chip_keys) opens the chip's key, and ChipKeySilent says
    that it does not answer.
    """
    for _ in range(_TURNS):
        await asyncio.sleep_ms(0)
    with full_speed():
        bound = on_demand.once("tokenfw.vault.binding").Bound(keys, chip) if chip else None
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
