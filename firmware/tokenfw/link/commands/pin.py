"""Methods about the PIN. It is entered at the token, and never crosses the link."""

from otpcore import errors
from tokenfw.ui.idle import LOCK_AFTER_S


async def pin(token, request):
    """Have the PIN set or changed ("set"), or taken away ("clear"), in a dialog at the token."""
    action = request.text("action")
    if action not in ("set", "clear"):
        raise errors.BadRequest("action must be set or clear")
    if token.vault.state != "locked":
        token.vault.count()  # a vault that has a fault takes no PIN
    if action == "clear" and not token.vault.has_pin():
        raise errors.BadRequest("the token has no PIN")
    if action == "set":
        await token.dialogs.pin_dialogs(request).change_pin()
    else:
        await token.dialogs.pin_dialogs(request).clear_pin()
    return {"pin_length": token.vault.pin_length()}


async def lock_after(token, request):
    """Set after how many seconds without a press the vault locks itself."""
    seconds = request.number("seconds", 10, 3600)
    if seconds > token.vault.setting("lock_after", LOCK_AFTER_S):  # sooner is always safe
        title, *detail = token.words.rows("lock_after", seconds)
        await request.confirm(token, title, detail, hold=True)
    token.vault.set_setting("lock_after", seconds)
    return {}


async def lock(token, request):
    """Lock the vault now."""
    token.vault.lock()
    return {}
