"""Methods about accounts. None of them gives a secret back."""

import time

from micropython import const

from otpcore import account as accounts
from otpcore import errors, messages, otp
from otpcore.account import AccountError
from tokenfw.link.commands import Batch
from tokenfw.link.link import ONCE
from tokenfw.system import on_demand

_PAGE_BYTES = messages.MESSAGE_MAX - 400
_BATCH_IDLE_MS = const(60000)  # a batch ends when it was not used for so long,
_BATCH_MS = const(600000)  # and so long after its press in any case


async def _list(token, request):
    """Give the accounts from the index `start` on, as many as a message holds, and the total.

    With `rows` each is a row, which is much shorter: see tokenfw.link.commands.finding.
    """
    start = request.number("start", 0, 65535)
    finding = on_demand.once("tokenfw.link.commands.finding")
    if request.flag("rows"):
        return await finding.listed(token.vault, start)
    ids = finding.ids_from(token.vault, start)
    page = await finding.page(token.vault, ids, _entry, _PAGE_BYTES)
    return {"accounts": page, "total": token.vault.count()}


async def _find(token, request):
    """Give the accounts that a `name` may mean, as rows, and how many there are."""
    name = request.text("name")
    return await on_demand.once("tokenfw.link.commands.finding").found(token.vault, name)


async def _batch(token, request):
    """Confirm so many `additions` and `replacements` with one press."""
    capacity = token.vault.capacity
    additions = request.number("additions", 0, capacity)
    replacements = request.number("replacements", 0, capacity)
    detail = []
    if additions:
        detail.append(token.words("new") % additions)
    if replacements:
        detail.append(token.words("replaced") % replacements)
    if not detail:
        raise errors.BadRequest("empty_batch")
    room = capacity - token.vault.count()
    if additions > room:
        raise errors.VaultFull("batch", room)
    count = additions + replacements
    await request.confirm(token, token.words("add_several") % count, detail)
    token.batch = Batch(request.id, additions, replacements, token.vault.era)
    return {"batch_id": request.id.decode()}


async def _add(token, request):
    """Store a new account."""
    account = _account(request.value("account"))
    vault = token.vault
    done, account_id = vault.done(request.id)
    if not done:
        if vault.find(account.issuer, account.name) is not None:
            raise errors.AccountExists
        if vault.count() >= vault.capacity:
            raise errors.VaultFull("accounts", vault.capacity)
        await _confirm(token, request, account, None)
        account_id = vault.add(request.id, account)
    return _stored(vault, account_id)


async def _replace(token, request):
    """Store an account in the place of the one with `account_id`."""
    account = _account(request.value("account"))
    account_id = request.account_id()
    vault = token.vault
    if not vault.done(request.id)[0]:
        await _confirm(token, request, account, account_id)
        vault.replace(request.id, account_id, account)
    return _stored(vault, account_id)


def _account(wire):
    """Return the Account that a request brings; raise BadRequest with the field that is wrong."""
    try:
        return accounts.from_wire(wire)
    except AccountError as error:
        raise errors.BadRequest("account", error.field)


def _stored(vault, account_id):
    """Return the answer about what the vault now holds, and not about what came over the link."""
    return _with_check({"account_id": account_id}, vault.get(account_id))


async def _confirm(token, request, account, replaced):
    """Have the change confirmed, unless it is of a batch that was."""
    title, detail, shown = _question(token, account, replaced)
    if not _in_batch(token, request, replaced, shown):
        await request.confirm(token, title, detail)


def _question(token, account, replaced):
    """Return what is asked, about what, and whether that names all that goes or comes.

    That is not so for a batch when an account gives way to one of other names.
    """
    names = [account.issuer, account.name]
    if replaced is None:
        return token.words("add"), names, True
    old = token.vault.get(replaced)
    title = token.words("replace")
    if [old.issuer, old.name] == names:
        return title, names, True
    old = old.issuer + ":" + old.name
    return title, [old, token.words("replace_by") % names[0], names[1]], False


def _in_batch(token, request, replaced, same):
    """Take one account off the batch that the request names, if it was confirmed.

    `same` says that it replaces none of other names, which nobody would have seen.
    """
    batch = token.batch
    if request.value("batch_id") is None:
        return False
    batch_id = request.text("batch_id")
    if len(batch_id) != messages.ID_LENGTH:
        raise errors.BadRequest("parameter", "batch_id")
    if batch is None or batch.id.decode() != batch_id:
        raise errors.BatchOver
    if not same:
        raise errors.BadRequest("batch_names")
    now = time.ticks_ms()
    if (
        batch.era != token.vault.era
        or not 0 <= time.ticks_diff(now, batch.used) <= _BATCH_IDLE_MS  # ticks wrap
        or not 0 <= time.ticks_diff(now, batch.begun) <= _BATCH_MS
    ):
        token.batch = None
        raise errors.BatchOver
    if not (batch.additions if replaced is None else batch.replacements):
        raise errors.BadRequest("batch_used_up")
    if replaced is None:
        batch.additions -= 1
    else:
        batch.replacements -= 1
    batch.used = now
    return True


async def _rename(token, request):
    """Give an account another `issuer` and `name`."""
    account_id = request.account_id()
    issuer, name = request.text("issuer"), request.text("name")
    before = token.vault.get(account_id)
    wire = before.to_wire()
    wire["issuer"], wire["name"] = issuer, name
    after = _account(wire)
    if not token.vault.done(request.id)[0]:
        other = token.vault.find(issuer, name)
        if other not in (None, account_id):
            raise errors.AccountExists
        old = before.issuer + ":" + before.name
        detail = [old, token.words("rename_to") % issuer, name]
        await request.confirm(token, token.words("rename"), detail)
        token.vault.replace(request.id, account_id, after)
    return _entry(token.vault, account_id)


async def _move(token, request):
    """Put an account at `position` of the order in which the token shows them; 0 is the first."""
    account_id = request.account_id()
    position = request.number("position", 0, max(0, token.vault.count() - 1))
    account = token.vault.get(account_id)
    if not token.vault.done(request.id)[0]:
        title = token.words("move") % (position + 1)
        await request.confirm(token, title, [account.issuer, account.name])
        token.vault.move(request.id, account_id, position)
    return {}


async def _remove(token, request):
    """Remove an account from the token; there is no way back."""
    account_id = request.account_id()
    if not token.vault.done(request.id)[0]:
        account = token.vault.get(account_id)
        names = [account.issuer, account.name]
        await request.confirm(token, token.words("remove"), names)
        token.vault.remove(request.id, account_id)
    return {}


async def _code(token, request):
    """Give one code, after a press. An HOTP counter is in flash before the code leaves.

    So is the request's id, in the same record: it never gets another code.
    """
    account_id = request.account_id()
    account = token.vault.get(account_id)
    if account.type == accounts.STATIC:
        raise errors.NoCode
    if account.type == "hotp":
        if token.vault.is_of(account_id, request.id):
            raise errors.AlreadyDone
    else:
        _time_for(token, account)  # no press for nothing
    names = [account.issuer, account.name]
    await request.confirm(token, token.words("send_code"), names)
    if account.type == "hotp":
        account = token.vault.advance(account_id, request.id)
        return {"code": otp.code(account, 0), "counter": account.counter}
    now = _time_for(token, account)
    left = otp.seconds_left(now, account.period, account.t0)
    return {"code": otp.code(account, now), "seconds_left": left}


def _time_for(token, account):
    """Return the Unix time; raise NotYet before the account's T0, TimeUnknown, ClockFault."""
    now = token.clock.now()
    if now < account.t0:
        raise errors.NotYet
    return now


def _entry(vault, account_id):
    try:
        account = vault.get(account_id)
    except errors.VaultDamaged:
        return {"account_id": account_id, "damaged": True}
    entry = account.describe()
    entry["account_id"] = account_id
    return _with_check(entry, account)


def _with_check(answer, account):
    """Return an answer with the account's key check value, if it has one."""
    value = account.key_check_value()
    if value is not None:
        answer["key_check_value"] = value
    return answer


COMMANDS = {  # the vault knows which writing requests were carried out
    "list": (_list, 0),
    "find": (_find, 0),
    "batch": (_batch, ONCE),
    "add": (_add, 0),
    "replace": (_replace, 0),
    "rename": (_rename, 0),
    "move": (_move, 0),
    "remove": (_remove, 0),
    "code": (_code, ONCE),
}
