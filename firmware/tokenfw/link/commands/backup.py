"""Methods that begin a backup, a restore or a drill, and report the state of backups.

The parts are sent by the methods of transfer.py, once everything that the dialogs here needed is
unloaded.
"""

import asyncio

from micropython import const

from otpcore import errors, recovery_code
from tokenfw.link.commands import WHILE_LOCKED
from tokenfw.link.link import ONCE
from tokenfw.system import on_demand
from tokenfw.system.steps import finish
from tokenfw.vault.keys.sealing import same
from tokenfw.vault.states import READY

_PURPOSES = ("merge", "replace", "drill")
_IDENTITY = const(32)  # bytes


async def _make(token, request):
    """Begin a backup; with `new_code` the token draws a new recovery code for it."""
    new_code = request.flag("new_code")
    backups = token.vault.backups()
    backups.require_allowed()
    await finish(backups.complete())
    async with token.dialogs.turn(request):
        if new_code or backups.state.code_key is None:
            await request.draw_ahead(token, token.words.rows("backup")[0])
        dialogs = _dialogs(token, request)
        await dialogs.consent("backup", "backup_pin")
        backups = token.vault.backups()
        if new_code or backups.state.code_key is None:
            code, repeated = backups.draw()
            await dialogs.show(code, repeated)
            backups.state.code_key = recovery_code.key(code)
            backups.save()
        del dialogs
        token.transfer = None  # to free memory, as the next line does
        on_demand.tidy(True)  # unload what the dialogs needed, but not what the link does
        making = backups.make(token.identity["serial"], token.now())
    token.transfer = making, request.id
    return {"transfer_id": request.id.decode(), "account_count": token.vault.count()}


async def _open(token, request):
    """Begin to read the backup with `header`, for a `purpose` of _PURPOSES.

    The recovery code is entered at the token, unless the computer sends it as `code` or the
    token still has its key; with `ask_code` it is always entered. A drill needs no press, and so
    accepts no code from a computer: with backups of its own making a computer could otherwise
    find a static text by trial and error.
    """
    purpose = request.text("purpose")
    if purpose not in _PURPOSES:
        raise errors.BadRequest("parameter", "purpose")
    header, tag = on_demand.once("otpcore.backup_frame").header(request.bytes("header"))
    code = None if request.value("code") is None else request.text("code")
    ask_code = request.flag("ask_code")
    if purpose == "drill" and code is not None:
        raise errors.BadRequest("parameter", "code")
    token.transfer = None
    backups = token.vault.backups()
    if purpose != "drill":
        token.vault.require_whole()
        if header.count > token.vault.capacity:
            raise errors.VaultFull("accounts", token.vault.capacity)
        await finish(backups.drop())  # what an abandoned restore left
    async with token.dialogs.turn(request):
        key = entered = None
        kept = backups.code_key()
        if kept is not None and code is None and not ask_code:
            key = _file_key(header, tag, kept)
        if key is None:
            code_key = _code_key(code)
            title = "drill_code" if purpose == "drill" else "restore_code"
            if code is None:
                code_key = recovery_code.key(await _dialogs(token, request).enter(title))
            key = _file_key(header, tag, code_key)
            if key is None:
                raise errors.BadBackup("code")
            entered = code_key if code is None else None
        if purpose != "drill":
            await _dialogs(token, request).confirm(header, purpose == "replace")
    on_demand.tidy(True)  # as in _make()
    backups = token.vault.backups()  # it may have been locked meanwhile
    if entered is not None:
        backups.take_code_key(entered)
    token.transfer = backups.open(header, key, purpose), request.id
    return {"transfer_id": request.id.decode()}


async def _compare(token, request):
    """Return whether `identity` is that of the last backup."""
    identity = request.bytes("identity", _IDENTITY)
    kept = token.vault.backups().state.identity
    return {"last": kept is not None and same(identity, kept)}


async def _state(token, request):
    """Return the state of backups; {} while the token is locked."""
    if token.vault.state != READY:
        return {}
    backups = token.vault.backups()
    if backups.damaged:
        return {"allowed": False, "damaged": True}
    state = backups.state
    allowed, has_code = not state.off, state.code_key is not None
    strong = state.strong if has_code else None
    if state.identity is None:
        return {"allowed": allowed, "has_code": has_code, "strong_code": strong}
    since = 0
    for count in backups.since():
        since = count
        await asyncio.sleep_ms(0)
    return {
        "allowed": allowed,
        "has_code": has_code,
        "strong_code": strong,
        "made_at": state.made,
        "account_count": state.count,
        "changed_count": since,
        "drilled_at": state.drilled,
    }


async def _forbid(token, request):
    """Switch backups off until the token is wiped."""
    if token.vault.backups().damaged:
        raise errors.VaultDamaged("backup")  # before somebody holds the button for nothing
    dialogs = _dialogs(token, request)
    async with token.dialogs.turn(request):
        await dialogs.consent("forbid", "forbid_pin")
        backups = token.vault.backups()
        backups.state.off = True
        backups.state.code_key = None
        backups.save()
    token.transfer = None
    return {}


def _dialogs(token, request):
    module = on_demand.load("tokenfw.ui.dialogs.backup_dialogs")
    return module.RecoveryDialogs(token.dialogs, token.vault, token.words, request)


def _code_key(code):
    if code is None:
        return None
    try:
        return recovery_code.key(recovery_code.read(code))
    except ValueError:
        raise errors.BadRequest("parameter", "code")


def _file_key(header, tag, code_key):
    """Return the file's key under a code's key, None if the header's tag does not match."""
    key = header.key(code_key)
    return key if same(on_demand.once("otpcore.backup_frame").tag(key), tag) else None


COMMANDS = {
    "make": (_make, ONCE),
    "open": (_open, ONCE),
    "compare": (_compare, 0),
    "state": (_state, WHILE_LOCKED),
    "forbid": (_forbid, ONCE),
}
