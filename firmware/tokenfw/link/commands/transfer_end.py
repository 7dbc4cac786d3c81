"""What a transfer needs once: its end, and the question whether an account is replaced."""

from otpcore.errors import Refused
from tokenfw.system import on_demand
from tokenfw.system.steps import finish
from tokenfw.ui.screens.names import in_order
from tokenfw.vault.states import LOCKED


async def complete(token, request, opening):
    """Finish a Drill, or commit a Restore; return its counts."""
    opening.require_whole()
    on_demand.tidy()  # unload what the records needed
    async with token.dialogs.turn(request):
        token.dialogs.pad.say(*token.words.rows(opening.says))
        await opening.finish(token.now())
    counts = opening.counts
    token.transfer = None
    return counts


async def cancel(token, request):
    """Carry out transfer.cancel; the next unlocking drops what a locked token has staged."""
    transfer_id = request.text("transfer_id")
    if token.transfer is None or transfer_id == token.transfer[1].decode():
        token.transfer = None
        if token.vault.state != LOCKED:
            await request.settle(token)
            await finish(token.vault.backups().drop())
    return {}


async def ask(token, request, account):
    """Return whether the user lets an account replace the present one of its names."""
    lines = in_order(account.issuer, account.name) + [token.words("other_secret")]
    try:
        await request.confirm(token, token.words("take_backup"), lines)
        return True
    except Refused:
        return False
    finally:
        on_demand.tidy()  # unload what the question needed
