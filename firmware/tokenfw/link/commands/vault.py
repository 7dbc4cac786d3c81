"""Methods about the vault's lock. The PIN is entered at the token, and never crosses the link."""

from otpcore import errors, settings
from tokenfw.link.commands import WHILE_LOCKED
from tokenfw.link.link import ONCE


async def _set_pin(token, request):
    """Set or change the PIN, in a dialog at the token."""
    token.vault.require_usable()
    await token.dialogs.pin_dialogs(request).change_pin()
    return {"pin_length": token.vault.pin_length()}


async def _clear_pin(token, request):
    """Remove the PIN, in a dialog at the token."""
    token.vault.require_usable()
    if not token.vault.has_pin():
        raise errors.BadRequest("no_pin")
    await token.dialogs.pin_dialogs(request).clear_pin()
    return {"pin_length": token.vault.pin_length()}


async def _lock_after(token, request):
    """Set the time in `seconds` without a press after which the vault locks."""
    seconds = request.number("seconds", *settings.bounds(settings.LOCK_AFTER))
    if seconds > token.vault.setting(settings.LOCK_AFTER):  # sooner is always safe
        title, *detail = token.words.rows("lock_after", seconds)
        await request.confirm(token, title, detail, hold=True)
    token.vault.set_setting(settings.LOCK_AFTER, seconds)
    return {}


async def _lock(token, request):
    """Lock the vault now."""
    token.vault.lock()
    if token.vault.stranded:
        raise errors.VaultDamaged("chip_key")
    return {}


COMMANDS = {
    "set_pin": (_set_pin, ONCE | WHILE_LOCKED),
    "clear_pin": (_clear_pin, ONCE | WHILE_LOCKED),
    "lock_after": (_lock_after, ONCE),
    "lock": (_lock, WHILE_LOCKED),
}
