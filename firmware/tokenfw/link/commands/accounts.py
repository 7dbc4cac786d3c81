"""Methods about accounts. None of them returns a secret.

While a request waits for its turn and its answer, somebody at the token may change the account,
or wipe it: so an account is read again after that.
"""

import time

from micropython import const

from otpcore import account as accounts
from otpcore import errors, messages, otp
from otpcore.account import AccountError
from tokenfw.link.commands import Batch
from tokenfw.link.link import ONCE
from tokenfw.system import on_demand
from tokenfw.ui.screens.names import in_order

_PAGE_BYTES = messages.MESSAGE_MAX - 400
_BATCH_IDLE_MS = const(60000)  # a batch ends after so long without use,
_BATCH_MS = const(600000)  # and so long after its press in any case


async def _list(token, request):
    """Return the accounts from the index `start` on, as many as a message holds, and the total.

    With `rows` each account is a row, which is shorter: see tokenfw.link.commands.finding.
    """
    start = request.number("start", 0, 65535)
    finding = on_demand.once("tokenfw.link.commands.finding")
    if request.flag("rows"):
        return await finding.listed(token.vault, start)
    ids = finding.ids_from(token.vault, start)
    page = await finding.page(token.vault, ids, _entry, _PAGE_BYTES)
    return {"accounts": page, "total": token.vault.count()}


async def _find(token, request):
    """Return the accounts that match a `name`, as rows, and how many there are."""
    name = request.text("name")
    return await on_demand.once("tokenfw.link.commands.finding").found(token.vault, name)


async def _batch(token, request):
    """Ask to confirm a number of `additions` and `replacements` with one press."""
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
    return _stored(vault, request, account_id)


async def _replace(token, request):
    """Replace the account with `account_id`."""
    account = _account(request.value("account"))
    account_id = request.account_id()
    vault = token.vault
    if not vault.done(request.id)[0]:
        await _confirm(token, request, account, account_id)
        vault.replace(request.id, account_id, account)
    return _stored(vault, request, account_id)


def _account(wire):
    """Return the Account of a request's parameter; raise BadRequest with the wrong field."""
    try:
        return accounts.from_wire(wire)
    except AccountError as error:
        raise errors.BadRequest("account", error.field)


def _stored(vault, request, account_id):
    """Return the answer about an account as the vault holds it, not as it was received.

    With the parameter `favourite` it becomes a favourite, if there is room for another.
    """
    answer = {"account_id": account_id}
    if request.flag("favourite"):
        module = on_demand.once("tokenfw.link.commands.favourites")
        answer["favourite"] = module.mark(vault, account_id, True)
    return _with_check(answer, vault.get(account_id))


async def _confirm(token, request, account, replaced):
    """Ask to confirm a change, unless it belongs to a confirmed batch."""
    title, detail, shown = _question(token, account, replaced)
    if not _in_batch(token, request, replaced, shown):
        await request.confirm(token, title, detail)


def _question(token, account, replaced):
    """Return the title and lines of the question, and whether a batch covers the change.

    It does not cover replacing an account by one of other names.
    """
    names = in_order(account.issuer, account.name)
    if replaced is None:
        return token.words("add"), names, True
    old = token.vault.get(replaced)
    title = token.words("replace")
    if old.issuer == account.issuer and old.name == account.name:
        return title, names, True
    return title, _change(token, old, "replace_by", account), False


def _change(token, old, key, new):
    """Return the rows that say which name gives way, to which: `key` is of the text between."""
    first, *more = in_order(new.issuer, new.name)
    return [":".join(in_order(old.issuer, old.name)), token.words(key) % first] + more


def _in_batch(token, request, replaced, same):
    """Count a change against the batch that the request names; return False if it names none.

    `same` is False for a replacement by an account of other names, which the user would not
    have seen. Raises BatchOver, BadRequest.
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
    """Change an account's `issuer` and `name`."""
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
        detail = _change(token, before, "rename_to", after)
        await request.confirm(token, token.words("rename"), detail)
        after = token.vault.get(account_id)  # its counter may have advanced meanwhile
        after.issuer, after.name = issuer, name
        token.vault.replace(request.id, account_id, after)
    return _entry(token.vault, account_id)


async def _move(token, request):
    """Move an account to `position` (from 0) of the display order."""
    account_id = request.account_id()
    position = request.number("position", 0, max(0, token.vault.count() - 1))
    account = token.vault.get(account_id)
    if not token.vault.done(request.id)[0]:
        title = token.words("move") % (position + 1)
        await request.confirm(token, title, in_order(account.issuer, account.name))
        token.vault.move(request.id, account_id, position)
    return {}


async def _favourite(token, request):
    """Make an account a favourite, which comes first on the screen, or no longer one."""
    module = on_demand.once("tokenfw.link.commands.favourites")
    return await module.change(token, request)


async def _remove(token, request):
    """Remove an account from the token for good."""
    account_id = request.account_id()
    if not token.vault.done(request.id)[0]:
        account = token.vault.get(account_id)
        names = in_order(account.issuer, account.name)
        await request.confirm(token, token.words("remove"), names)
        token.vault.remove(request.id, account_id)
    return {}


async def _code(token, request):
    """Return one code, after a press.

    An HOTP account's new counter is in flash before the code is sent, and the request's id in
    the same record, so that a repeat never gets another code.
    """
    account_id = request.account_id()
    account = token.vault.get(account_id)
    if account.type == accounts.STATIC:
        raise errors.NoCode
    if account.type == "hotp":
        if token.vault.is_of(account_id, request.id):
            raise errors.AlreadyDone
    else:
        _time_for(token, account)  # raise before the user is asked to press
    names = in_order(account.issuer, account.name)
    await request.confirm(token, token.words("send_code"), names)
    if account.type == "hotp":
        account = token.vault.advance(account_id, request.id)
        return {"code": otp.code(account, 0), "counter": account.counter}
    account = token.vault.get(account_id)  # it may have been wiped meanwhile
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


COMMANDS = {  # without ONCE: the vault remembers which changes were made
    "list": (_list, 0),
    "find": (_find, 0),
    "batch": (_batch, ONCE),
    "add": (_add, 0),
    "replace": (_replace, 0),
    "rename": (_rename, 0),
    "move": (_move, 0),
    "favourite": (_favourite, ONCE),
    "remove": (_remove, 0),
    "code": (_code, ONCE),
}
