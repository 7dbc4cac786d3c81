"""Accounts for a computer that asks which there are, as rows: a list, or what a name may mean.

A row is a list: id, issuer, name, key check value, and behind them a table of the fields that
are not the usual ones, if there are any. A damaged account's has its id only. So a line of the
link holds twice as many as of objects with all their fields.
"""

import asyncio

from micropython import const

from otpcore import errors, messages
from otpcore.characters import characters

_ROOM = messages.MESSAGE_MAX - 96  # bytes for rows; the rest is around them
_USUAL = (("type", "totp"), ("algorithm", "SHA1"), ("digits", 6), ("period", 30))
_NAME_MAX = const(255)  # characters: two names of 64 bytes, and more than that
_KEPT_MAX = const(64)  # accounts that a name may mean; the others are only counted
_FULL, _ONE, _PART, _NO = const(0), const(1), const(2), const(3)  # what of an account a name is


async def listed(vault, index):
    """Return the answer to accounts.list: as many rows from `index` on as fit, and the total."""
    rows = await page(vault, ids_from(vault, index), _row, _ROOM)
    return {"rows": rows, "total": vault.count()}


async def found(vault, name):
    """Return the answer to accounts.find: rows, and of how many accounts.

    A full name, written as it is, is of that one account; else it is what matches best, without
    regard to case: `issuer:account`, then one of the two, then a part. Letters beyond ASCII have
    no case here, so whatever has one may match, and is given, too.
    """
    if not 0 < len(name) <= _NAME_MAX or any(_is_in_no_name(each) for each in characters(name)):
        raise errors.BadRequest("parameter", "name")
    account_id = _named(vault, name)
    if account_id is not None:
        ids, total = [account_id], 1
    else:
        ids, total = await _search(vault, name.lower().encode())
    return {"rows": await page(vault, ids, _row, _ROOM), "total": total}


def ids_from(vault, index):
    """Yield the ids of the accounts from `index` on; one may be removed meanwhile."""
    while index < vault.count():
        yield vault.id_at(index)
        index += 1


async def page(vault, ids, describe, room):
    """Return what `describe(vault, id)` says of as many accounts as `room` bytes of JSON hold."""
    found, size = [], 0
    for account_id in ids:
        entry = describe(vault, account_id)
        size += len(messages.dump(entry)) + 1
        if size > room:
            break
        found.append(entry)
        await asyncio.sleep_ms(0)  # an entry takes some ms: the button and the link wait for none
    return found


def _is_in_no_name(each):
    return each < " " or "\x7f" <= each < "\xa0" or "\ud800" <= each <= "\udfff"


def _named(vault, name):
    """Return the id of the account with this full name, or None; no record is read in vain."""
    place = name.find(":")
    while place >= 0:
        account_id = vault.find(name[:place], name[place + 1 :])
        if account_id is not None:
            return account_id
        place = name.find(":", place + 1)
    return None


async def _search(vault, wanted):
    """Return ids of what a name (bytes, small letters) may mean, and of how many there are."""
    best, same, others = _PART, [], []
    alike = beyond = place = 0  # how many belong into either
    while place < vault.count():
        names = vault.names_at(place)
        if names is not None:
            rank = _rank(names.lower(), wanted)
            if max(names) > 127:
                beyond += 1
                _keep(others, vault.id_at(place))
            elif rank <= best:
                if rank < best:
                    best, alike, same = rank, 0, []
                alike += 1
                _keep(same, vault.id_at(place))
        place += 1
        await asyncio.sleep_ms(0)
    return same + others, alike + beyond


def _keep(ids, account_id):
    if len(ids) < _KEPT_MAX:
        ids.append(account_id)


def _rank(names, wanted):
    """Return how well a name is that of an account, whose two have a zero between them."""
    full = names.replace(b"\0", b":")
    if full == wanted:
        return _FULL
    if wanted in names.split(b"\0"):
        return _ONE
    return _PART if full.find(wanted) >= 0 else _NO


def _row(vault, account_id):
    try:
        account = vault.get(account_id)
    except errors.VaultDamaged:
        return [account_id]
    fields = account.describe()
    row = [account_id, fields.pop("issuer"), fields.pop("name"), account.key_check_value() or ""]
    for name, usual in _USUAL:
        if fields.get(name) == usual:
            fields.pop(name)
    if fields:
        row.append(fields)
    return row
