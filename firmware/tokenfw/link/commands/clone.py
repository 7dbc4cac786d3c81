"""Methods of a clone: two tokens agree on a key, under which the accounts are sealed.

Once the codes were compared, the parts are sent as those of a backup, by transfer.read,
transfer.write and transfer.finish. A lock is the end of an exchange: a locked token then says so,
and asks for no PIN. See vault/key_exchange.py.
"""

from micropython import const

from otpcore import errors
from otpcore.backup_frame import SERIAL_MAX
from tokenfw.link.commands import WHILE_LOCKED, base64
from tokenfw.link.link import ONCE
from tokenfw.system import on_demand
from tokenfw.system.steps import finish
from tokenfw.vault.keys.sealing import same

_COMMITMENT = const(32)  # bytes


async def _offer(token, request):
    """Begin to copy all accounts to the token `serial`; return the commitment to a public key."""
    serial = _serial(token, request)
    backups = token.vault.backups()
    backups.require_allowed()
    token.transfer = None  # to free its memory
    await finish(backups.complete())
    del backups
    async with token.dialogs.turn(request):
        await request.draw_ahead(token, token.words.rows("clone_give", 0, "")[0])
        await _dialogs(token, request).give(token.vault.count(), serial)
        exchange = _exchange(token, True, serial)
    await exchange.begin()
    token.transfer = exchange, request.id
    answer = {"exchange_id": request.id.decode(), "account_count": token.vault.count()}
    answer["commitment"] = base64(exchange.commitment())
    return answer


async def _accept(token, request):
    """Begin to take `account_count` accounts from the token `serial`, given its `commitment`."""
    serial, commitment = _serial(token, request), request.bytes("commitment", _COMMITMENT)
    count = request.number("account_count", 0, 0xFFFF)
    vault = token.vault
    vault.require_whole()
    if count > vault.capacity:
        raise errors.VaultFull("accounts", vault.capacity)
    token.transfer = None
    await finish(vault.backups().drop())  # what an abandoned restore left
    async with token.dialogs.turn(request):
        await request.draw_ahead(token, token.words.rows("clone_take", 0, "")[0])
        await _dialogs(token, request).take(count, serial)
        exchange = _exchange(token, False, serial, commitment)
    await exchange.begin()
    token.transfer = exchange, request.id
    return {"exchange_id": request.id.decode(), "public_key": base64(exchange.public)}


async def _meet(token, request):
    """Take the other token's `public_key`; the giver then returns its own."""
    exchange = _take_exchange(token, request)
    await exchange.meet(request.bytes("public_key"))
    token.transfer = exchange, request.text("exchange_id").encode()
    return {"public_key": base64(exchange.public)} if exchange.gives else {}


async def _compare(token, request):
    """Show the code, until the user confirms that the other token shows the same one."""
    exchange = _take_exchange(token, request)
    exchange.require_code()
    async with token.dialogs.turn(request):
        await _dialogs(token, request).compare(exchange.code, exchange.other)
    exchange.touch()
    exchange.compared = True
    token.transfer = exchange, request.text("exchange_id").encode()
    return {}


async def _give(token, request):
    """Begin to send the parts, by transfer.read."""
    exchange = _take_exchange(token, request)
    if not exchange.gives:
        raise errors.BackupOver
    key = exchange.key()
    making = token.vault.backups().make(token.identity["serial"], token.now(), key)
    token.transfer = making, request.id
    return {"transfer_id": request.id.decode(), "account_count": token.vault.count()}


async def _take(token, request):
    """Begin to take the parts that follow `header`, by transfer.write."""
    exchange = _take_exchange(token, request)
    if exchange.gives:
        raise errors.BackupOver
    frame = on_demand.once("otpcore.backup_frame")
    header, tag = frame.header(request.bytes("header"))
    key = header.key(exchange.key())
    if header.serial != exchange.other or not same(frame.tag(key), tag):
        raise errors.BadBackup("changed")
    if header.count > token.vault.capacity:
        raise errors.VaultFull("accounts", token.vault.capacity)
    token.transfer = token.vault.backups().open(header, key, "merge"), request.id
    return {"transfer_id": request.id.decode()}


def _exchange(token, gives, other, commitment=None):
    private = token.vault.backups().secret()
    module = on_demand.load("tokenfw.vault.backup.key_exchange")
    serial = token.identity["serial"]
    return module.Exchange(token.vault, gives, serial, other, private, commitment)


def _take_exchange(token, request):
    """Return the Exchange that the request names, and end it: the caller resumes it on success."""
    exchange_id = request.text("exchange_id")
    if token.transfer is None or exchange_id != token.transfer[1].decode():
        raise errors.BackupOver
    exchange = token.transfer[0]
    if exchange.makes is not None:
        raise errors.BackupOver
    token.transfer = None
    return exchange


def _dialogs(token, request):
    module = on_demand.load("tokenfw.ui.dialogs.clone_dialogs")
    return module.CloneDialogs(token.dialogs, token.vault, token.words, request)


def _serial(token, request):
    """Return the parameter `serial`, the other token's; raise BadRequest if it is this one's."""
    serial = request.text("serial")
    printable = all([0x21 <= each <= 0x7E for each in serial.encode()])
    if not 0 < len(serial) <= SERIAL_MAX or not printable:
        raise errors.BadRequest("parameter", "serial")
    if serial == token.identity["serial"]:
        raise errors.BadRequest("same_token")
    return serial


COMMANDS = {
    "offer": (_offer, ONCE),
    "accept": (_accept, ONCE),
    "meet": (_meet, WHILE_LOCKED | ONCE),
    "compare": (_compare, WHILE_LOCKED | ONCE),
    "give": (_give, WHILE_LOCKED | ONCE),
    "take": (_take, WHILE_LOCKED | ONCE),
}
