"""Methods of a transfer, which backup.make, backup.open or a clone has begun, in parts.

What is asked for once is in transfer_end.py, so that it takes no memory while parts are sent.
A lock is the end of every transfer: a locked token says so, and asks for no PIN.
"""

from otpcore import errors
from tokenfw.link.commands import WHILE_LOCKED, base64
from tokenfw.link.link import ONCE
from tokenfw.system import on_demand


async def _read(token, request):
    """Return the part `part` (from 0) of a backup: the next one, or the last one again."""
    making = _transfer(token, request, True)
    data = await making.part(request.number("part", 0, 65535))
    return {"data": base64(data), "more": making.more}


async def _write(token, request):
    """Take the part `part`: complete records, and after the last one the end of the file."""
    opening = _transfer(token, request, False)
    data = request.bytes("data")

    def ask(account):
        return on_demand.once("tokenfw.link.commands.transfer_end").ask(token, request, account)

    await opening.take(request.number("part", 0, 65535), data, ask)
    return {}


def _finish(token, request):
    """Finish a drill, or commit a restore. Returns its counts."""
    opening = _transfer(token, request, False)
    return on_demand.once("tokenfw.link.commands.transfer_end").complete(token, request, opening)


def _cancel(token, request):
    """End a transfer, unless another one has replaced it, and drop what a restore has staged."""
    return on_demand.once("tokenfw.link.commands.transfer_end").cancel(token, request)


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
    "read": (_read, WHILE_LOCKED),
    "write": (_write, WHILE_LOCKED),
    "finish": (_finish, WHILE_LOCKED | ONCE),
    "cancel": (_cancel, WHILE_LOCKED),
}
