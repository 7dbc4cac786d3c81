"""What a change of the PIN begins with: the keys are drawn, and the PIN's key is derived.

In memory only then. The chip draws truly random numbers only while its radio is on. Where that
pulls the power down, or hangs, the restart finds the setting `radio` at "tried", and does
without. The radio wants 36 KB outside the heap, and once the dialogs that ask for a PIN were
loaded, the heap has taken them: so a token without a PIN draws ahead, at its start.
"""

from otpcore import errors
from tokenfw.system.entropy import EntropyFault
from tokenfw.vault import kdf
from tokenfw.vault.slot import SALT

TRYING, TRIED, ON, OFF = "trying", "tried", "on", "off"


def draw_ahead(vault, entropy):
    """Draw what the next key is made of while there is memory for the radio.

    A computer that opens the port may reset the board in the middle: so it is tried twice.
    """
    before = vault.setting("radio")
    if before == TRIED or not entropy.radio().fits():
        return
    try:
        vault.set_setting("radio", TRIED if before == TRYING else TRYING)
        entropy.draw_ahead()
        vault.set_setting("radio", None if before == TRYING else before)
    except (EntropyFault, errors.VaultFull):
        pass  # who sets a PIN is told


def draw(vault, entropy, key):
    """Return a vault key and a salt, and how they were drawn: the setting `radio` to be.

    `key` is the present one, which goes into the new one, too.
    """
    radio = vault.setting("radio") != TRIED
    if radio and entropy.ahead is None:
        vault.set_setting("radio", TRIED)
    new, salt = entropy.keys(2, radio, key)
    return new, salt[:SALT], ON if radio and entropy.strong else OFF


async def derive(pin, salt, full_speed, duration_ms):
    """Return the key of a PIN (text of digits), and how many rounds it took: about `duration_ms`.

    Without a PIN it is one.
    """
    with full_speed():
        rounds = await kdf.calibrate(duration_ms) if pin else 1
        return await kdf.derive(pin.encode(), salt, rounds), rounds
