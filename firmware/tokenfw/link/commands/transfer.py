"""Methods of a transfer: what was begun by backup.make, backup.open or a clone goes on in parts."""

from otpcore import errors
from otpcore.errors import Refused
from tokenfw.link.commands import base64
from tokenfw.link.link import ONCE
from tokenfw.system import on_demand
from tokenfw.vault.steps import finish


async def _read(token, request):
    """Give part `part` of what is made, from 0 on; or the last one once more."""
    making = _transfer(token, request, True)
    data = await making.part(request.number("part", 0, 65535))
    return {"data": base64(data), "more": making.more}


async def _write(token, request):
    """Take part `part`: whole records, and with the last of them the end of the file."""
    opening = _transfer(token, request, False)
    data = request.bytes("data")

    async def ask(account):
        """Return whether an account takes the place of another one of its names."""
        lines = [account.issuer, account.name, token.words("other_secret")]
        try:
            await request.confirm(token, token.words("take_backup"), lines)
            return True
        except Refused:
            return False
        finally:
            on_demand.tidy()  # what the question has loaded

    await opening.take(request.number("part", 0, 65535), data, ask)
    return {}


async def _finish(token, request):
    """End what was opened: a restore counts from now on. Gives how many accounts were what."""
    opening = _transfer(token, request, False)
    opening.require_whole()
    on_demand.tidy()  # what the records have loaded
    async with token.dialogs.turn(request):
        token.dialogs.pad.say(*token.words.rows(opening.says))
        await opening.finish(token.now())
    counts = opening.counts
    token.transfer = None
    return counts


async def _cancel(token, request):
    """End a transfer, if no other has taken its place: what a restore has staged goes."""
    transfer_id = request.text("transfer_id")
    if token.transfer is None or transfer_id == token.transfer[1].decode():
        token.transfer = None
        await finish(token.vault.backups().drop())
    return {}


def _transfer(token, request, making):
    """Return the transfer that the request names; raise BackupOver when it is over."""
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
