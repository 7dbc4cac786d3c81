"""The restart before a dialog that needs a strong new key: see system/boot_entropy.py."""

from otpcore.errors import VaultDamaged
from tokenfw.vault.keys.faults import ChipKeySilent

_READ_MS = 2500  # how long a message is shown


async def prepare(vault, pad, words, tell, purpose):
    """Restart the token, if that allows a stronger key to be drawn; otherwise return.

    To be called at the beginning of a request: the computer, which gets a notice by `tell` if
    that is not None, repeats the request after the restart. `purpose` is the dialog's title.
    Raises Refused, Cancelled, VaultDamaged.
    """
    if vault.can_draw():
        return
    try:
        vault.require_chip()
    except ChipKeySilent:  # after a restart the vault could not be opened
        pad.say(*words.rows("no_chip_key"))
        await pad.pause(_READ_MS)
        raise VaultDamaged("chip_key")
    pad.say(purpose, *words.rows("restarts"))
    if tell is not None:
        await tell("restarts")
    await pad.pause(_READ_MS)
    vault.restart()
