"""Methods about accounts. None of them gives a secret back."""

import asyncio
import time

from micropython import const

from otpcore import account as accounts
from otpcore import errors, messages, otp
from otpcore.account import AccountError
from tokenfw.link.commands import Batch

_PAGE_BYTES = messages.MESSAGE_MAX - 400
_BATCH_IDLE_MS = const(60000)  # a batch ends when it was not used for so long,
_BATCH_MS = const(600000)  # and so long after its press in any case


async def list(token, request):
    """Give the accounts from place `from` on, as many as a message holds, and the count of all."""
    vault = token.vault
    place = request.number("from", 0, 65535)
    page, size = [], 0
    while place < vault.count():  # one may be removed meanwhile
        entry = _entry(vault, vault.id_at(place))
        place += 1
        size += len(messages.dump(entry)) + 1
        if size > _PAGE_BYTES:
            break
        page.append(entry)
        await asyncio.sleep_ms(0)  # an entry takes some ms: the button and the link wait for none
    return {"accounts": page, "count": vault.count()}


async def batch(token, request):
    """Confirm `add` additions and `replace` replacements with one press."""
    additions = request.number("add", 0, 1000)
    replacements = request.number("replace", 0, 1000)
    detail = []
    if additions:
        detail.append(token.words("new") % additions)
    if replacements:
        detail.append(token.words("replaced") % replacements)
    if not detail:
        raise errors.BadRequest("the batch is empty")
    room = token.vault.capacity - token.vault.count()
    if additions > room:
        raise errors.VaultFull("%d more accounts fit on the token" % room)
    count = additions + replacements
    await request.confirm(token, token.words("add_several") % count, detail)
    token.batch = Batch(request.id, additions, replacements, token.vault.era)
    return {"batch": request.id.decode()}


async def add(token, request):
    """Store an account; `replace` is the id of the one it takes the place of, if any."""
    vault = token.vault
    try:
        account = accounts.from_wire(request.value("account"))
    except AccountError as error:
        raise errors.BadRequest(str(error))
    done, number = vault.done(request.id)
    if not done:
        number = await _store(token, request, account)
    # Of what the vault now holds, not of what came over the link.
    return _with_check({"id": number}, vault.get(number))


async def _store(token, request, account):
    vault = token.vault
    existing = vault.find(account.issuer, account.account)
    replaces = request.value("replace")
    if replaces is None:
        if existing is not None:
            raise errors.AccountExists("the token has this account already")
        if vault.count() >= vault.capacity:
            raise errors.VaultFull("the token holds %d accounts: it is full" % vault.capacity)
    else:
        replaces = request.number("replace", 1, 65535)
    title, detail, shown = _question(token, account, replaces)
    if not _in_batch(token, request, replaces, shown):
        await request.confirm(token, title, detail)
    if replaces is None:
        return vault.add(request.id, account)
    vault.replace(request.id, replaces, account)
    return replaces


def _question(token, account, replaces):
    """Return what is asked, about what, and whether that names all that goes or comes.

    That is not so for a batch when an account gives way to one of other names.
    """
    names = [account.issuer, account.account]
    if replaces is None:
        return token.words("add"), names, True
    old = token.vault.get(replaces)
    title = token.words("replace")
    if [old.issuer, old.account] == names:
        return title, names, True
    old = old.issuer + ":" + old.account
    return title, [old, token.words("replace_by") % names[0], names[1]], False


def _in_batch(token, request, replaces, same):
    """Take one account off the batch that the request names, if it was confirmed.

    `same` says that it replaces none of other names, which nobody would have seen.
    """
    batch = token.batch
    if request.value("batch") is None:
        return False
    name = request.text("batch")
    if len(name) != messages.ID_LENGTH:
        raise errors.BadRequest("batch must be the name that the token gave it")
    if batch is None or batch.number.decode() != name:
        raise errors.BatchOver("this batch was not confirmed, or is over")
    if not same:
        raise errors.BadRequest("in a batch an account is replaced by one of its names only")
    now = time.ticks_ms()
    if (
        batch.era != token.vault.era
        or not 0 <= time.ticks_diff(now, batch.used) <= _BATCH_IDLE_MS  # ticks wrap
        or not 0 <= time.ticks_diff(now, batch.begun) <= _BATCH_MS
    ):
        token.batch = None
        raise errors.BatchOver("this batch is over")
    if not (batch.additions if replaces is None else batch.replacements):
        raise errors.BadRequest("this batch was confirmed for fewer accounts")
    if replaces is None:
        batch.additions -= 1
    else:
        batch.replacements -= 1
    batch.used = now
    return True


async def rename(token, request):
    """Give an account another issuer and account name."""
    number = request.number("account", 1, 65535)
    issuer, name = request.text("issuer"), request.text("name")
    before = token.vault.get(number)
    wire = before.to_wire()
    wire["issuer"], wire["account"] = issuer, name
    try:
        after = accounts.from_wire(wire)
    except AccountError as error:
        raise errors.BadRequest(str(error))
    if not token.vault.done(request.id)[0]:
        other = token.vault.find(issuer, name)
        if other not in (None, number):
            raise errors.AccountExists("the token has an account of this name already")
        old = before.issuer + ":" + before.account
        detail = [old, token.words("rename_to") % issuer, name]
        await request.confirm(token, token.words("rename"), detail)
        token.vault.replace(request.id, number, after)
    return _entry(token.vault, number)


async def move(token, request):
    """Put an account at `position` of the order in which the token shows them; 0 is the first."""
    number = request.number("account", 1, 65535)
    position = request.number("position", 0, max(0, token.vault.count() - 1))
    account = token.vault.get(number)
    if not token.vault.done(request.id)[0]:
        title = token.words("move") % (position + 1)
        await request.confirm(token, title, [account.issuer, account.account])
        token.vault.move(request.id, number, position)
    return {}


async def remove(token, request):
    """Remove an account from the token; there is no way back."""
    number = request.number("account", 1, 65535)
    if not token.vault.done(request.id)[0]:
        account = token.vault.get(number)
        names = [account.issuer, account.account]
        await request.confirm(token, token.words("remove"), names)
        token.vault.remove(request.id, number)
    return {}


async def code(token, request):
    """Give one code, after a press. An HOTP counter is in flash before the code leaves.

    So is the request's id, in the same record: it never gets another code.
    """
    number = request.number("account", 1, 65535)
    account = token.vault.get(number)
    if account.type == accounts.STATIC:
        raise errors.NoCode("this is a static text: the token shows it, and never sends it")
    if account.type == "hotp":
        if token.vault.is_of(number, request.id):
            raise errors.AlreadyDone("this code was made already, and is not given again")
    else:
        _time_for(token, account)  # no press for nothing
    names = [account.issuer, account.account]
    await request.confirm(token, token.words("send_code"), names)
    if account.type == "hotp":
        account = token.vault.advance(number, request.id)
        return {"code": otp.code(account, 0), "counter": account.counter}
    now = _time_for(token, account)
    left = otp.seconds_left(now, account.period, account.t0)
    return {"code": otp.code(account, now), "seconds_left": left}


def _time_for(token, account):
    """Return the Unix time; raise NotYet before the account's T0, TimeUnknown, ClockFault."""
    now = token.clock.now()
    if now < account.t0:
        raise errors.NotYet("the account's first code lies ahead: its T0 is later than now")
    return now


def _entry(vault, number):
    try:
        account = vault.get(number)
    except errors.VaultDamaged:
        return {"id": number, "damaged": True}
    entry = account.describe()
    entry["id"] = number
    return _with_check(entry, account)


def _with_check(answer, account):
    """Return an answer with the account's key check value, if it has one."""
    value = account.key_check_value()
    if value is not None:
        answer["key_check_value"] = value
    return answer
