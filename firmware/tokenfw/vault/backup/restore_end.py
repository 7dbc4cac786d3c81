"""The end of a restore: what it staged is committed, with the settings that it changes."""

from otpcore import errors, messages
from tokenfw.system import on_demand
from tokenfw.system.steps import finish, insist
from tokenfw.vault.backup import staging
from tokenfw.vault.flash.log import LogFull
from tokenfw.vault.keys.sealing import BadSeal


async def examine(store):
    """Open all that was staged; raise VaultDamaged if any of it cannot be read."""
    try:
        await finish(staging.examine(store))
    except BadSeal:
        raise errors.VaultDamaged("flash")


async def commit(vault, store, carried, favourites, fresh, replace):
    """Commit the staged accounts, and finish the restore; a restart completes one that is.

    The settings are those of restored_settings.merged(). Raises BadBackup, VaultFull.
    """
    merged = on_demand.once("tokenfw.vault.backup.restored_settings").merged
    settings = merged(vault, carried, favourites, fresh, replace)
    del merged
    if len(messages.dump(settings)) > staging.DATA_MAX:
        raise errors.BadBackup("account")
    try:
        staging.begin(store, replace, settings)
        await insist(lambda: finish(staging.finish(store, vault.change_settings)))
    except LogFull:
        raise errors.VaultFull("flash")
