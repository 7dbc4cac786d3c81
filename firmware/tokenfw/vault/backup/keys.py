"""Draws what is random in backups: the recovery code, a file's salt, a key that is used once.

`vault` is an open Vault, `key` its key, which is mixed in, `entropy` an Entropy. All raise
EntropyFailed.
"""

from otpcore import errors
from otpcore.backup_frame import SALT
from otpcore.settings import ON, RADIO_TRIED
from tokenfw.system import on_demand
from tokenfw.system.entropy import EntropyFault


def code(vault, entropy, key):
    """Return a recovery code (text), the indexes of two of its groups, and if it is strong.

    It is if it was drawn with the radio on.
    """
    drawn, how = keys(vault, entropy, key, 3)
    module = on_demand.once("otpcore.recovery_code")
    first = drawn[2][0] % module.GROUPS
    second = (first + 1 + drawn[2][1] % (module.GROUPS - 1)) % module.GROUPS
    return module.draw(drawn[0] + drawn[1]), (first, second), how == ON


def keys(vault, entropy, key, count):
    """Return `count` keys, and how they were drawn: see pin_change.draw_keys()."""
    change = on_demand.once("tokenfw.vault.keys.pin_change")
    try:
        return change.draw_keys(vault, entropy, key, count)
    except EntropyFault:
        raise errors.EntropyFailed
    finally:
        if vault.setting(RADIO_TRIED):  # the radio did not hang, or was not used
            vault.set_setting(RADIO_TRIED, False)


def header(vault, entropy, key, serial, created):
    """Return the Header of a file of all accounts, with a new salt."""
    try:
        salt = entropy.keys(1, False, key)[0][:SALT]
    except EntropyFault:
        raise errors.EntropyFailed
    frame = on_demand.once("otpcore.backup_frame")
    return frame.Header(serial, vault.count(), created, salt)
