"""A restart before a dialog whose end is a key: see system/boot_entropy.py."""

from otpcore.errors import VaultDamaged
from tokenfw.vault.states import ChipKeySilent

_READ_MS = 2500  # how long it stands on the screen


async def prepare(vault, pad, words, tell, purpose):
    """Have a strong key drawn ahead, where that takes a restart. Refused, Cancelled, VaultDamaged.

    It is for the beginning of a request: the computer repeats that when the token answers no
    more, and is told so with `tell`, if it asked. `purpose` is the dialog's title.
    """
    if vault.can_draw():
        return
    try:
        vault.require_chip()
    except ChipKeySilent:  # the restart would lose what is open now
        pad.say(*words.rows("no_chip_key"))
        await pad.pause(_READ_MS)
        raise VaultDamaged("chip_key")
    pad.say(purpose, *words.rows("restarts"))
    if tell is not None:
        await tell("restarts")
    await pad.pause(_READ_MS)
    vault.restart()
