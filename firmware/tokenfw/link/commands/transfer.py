"""Methods of a transfer, which backup.make, backup.open or a clone has begun, in parts."""

from otpcore import errors
from otpcore.errors import Refused
from tokenfw.link.commands import base64
from tokenfw.link.link import ONCE
from tokenfw.system import on_demand
from tokenfw.vault.steps import finish


async def _read(token, request):
    """Return the part `part` (from 0) of a backup: the next one, or the last one again."""
    making = _transfer(token, request, True)
    data = await making.part(request.number("part", 0, 65535))
    return {"data": base64(data), "more": making.more}


async def _write(token, request):
    """Take the part `part`: complete records, and after the last one the end of the file."""
    opening = _transfer(token, request, False)
    data = request.bytes("data")

    async def ask(account):
        """Return whether the user lets an account replace the present one of its names."""
        lines = [account.issuer, account.name, token.words("other_secret")]
        try:
            await request.confirm(token, token.words("take_backup"), lines)
            return True
        except Refused:
            return False
        finally:
            on_demand.tidy()  # unload what the question needed

    await opening.take(request.number("part", 0, 65535), data, ask)
    return {}


async def _finish(token, request):
    """Finish a drill, or commit a restore. Returns its counts."""
    opening = _transfer(token, request, False)
    opening.require_whole()
    on_demand.tidy()  # unload what the records needed
    async with token.dialogs.turn(request):
        token.dialogs.pad.say(*token.words.rows(opening.says))
        await opening.finish(token.now())
    counts = opening.counts
    token.transfer = None
    return counts


async def _cancel(token, request):
    """End a transfer, unless another one has replaced it, and drop what a restore has staged."""
    transfer_id = request.text("transfer_id")
    if token.transfer is None or transfer_id == token.transfer[1].decode():
        token.transfer = None
        await finish(token.vault.backups().drop())
    return {}


def _transfer(token, request, making):
    """Return the transfer that the request names; raise BackupOver if it is not in progress.

    `making` is whether it has to be one that makes a backup.
    """
    if token.transfer is None or request.text("transfer_id") != token.transfer[1].decode():
        raise errors.BackupOver
    if making != token.transfer[0].makes:
        raise errors.BackupOver
    return token.transfer[0]


COMMANDS = {
    "read": (_read, 0),
    "write": (_write, 0),
    "finish": (_finish, ONCE),
    "cancel": (_cancel, 0),
}
