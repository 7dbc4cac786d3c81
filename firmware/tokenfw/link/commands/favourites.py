"""Favourites over the link: the accounts, eight at most, that come first on the screen."""

from otpcore import errors, settings
from otpcore.settings import FAVOURITES
from tokenfw.ui.screens.names import in_order


def listed(vault):
    """Return a list of the ids of the favourites, in the order in which they were marked."""
    return list(vault.setting(FAVOURITES))


def has_room(vault, account_id):
    """Return whether an account is a favourite, or can become one."""
    marked = listed(vault)
    return account_id in marked or len(marked) < settings.bounds(FAVOURITES)


def mark(vault, account_id, wanted):
    """Make an account a favourite, or not; return whether it is one now. Raises VaultFull.

    If there are eight already, it does not become one.
    """
    marked = listed(vault)
    if wanted == (account_id in marked) or not has_room(vault, account_id):
        return account_id in marked
    others = [each for each in marked if each != account_id]
    vault.set_setting(FAVOURITES, others + [account_id] if wanted else others)
    return wanted


async def change(token, request):
    """Make an account a favourite or not, as the parameter `favourite` says."""
    account_id = request.account_id()
    wanted = request.value("favourite")
    if wanted is not True and wanted is not False:
        raise errors.BadRequest("parameter", "favourite")
    vault = token.vault
    account = vault.get(account_id)
    if wanted and not has_room(vault, account_id):
        raise errors.VaultFull("favourites", settings.bounds(FAVOURITES))
    if wanted != (account_id in listed(vault)):
        title = token.words("favourite" if wanted else "no_favourite")
        await request.confirm(token, title, in_order(account.issuer, account.name))
        mark(vault, account_id, wanted)
    return {}
