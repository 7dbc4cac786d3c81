"""The restart before a dialog that needs a strong new key: see system/boot_entropy.py."""

from otpcore.errors import VaultDamaged
from tokenfw.vault.keys.faults import ChipKeySilent

_READ_MS = 2500  # how long a message is shown


async def prepare(vault, pad, words, tell, purpose):
    """Return if the vault can draw a strong key now; otherwise say so and restart the token.

    Call it before a request has changed anything: the computer sends the request again after the
    restart. `tell` sends it the notice "restarts"; None if no computer asks. `purpose` is the
    title of the message on `pad`. Raises Refused or Cancelled if the user or the computer gives
    up before the restart, VaultDamaged if the chip's key is silent: the vault would stay shut.
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
