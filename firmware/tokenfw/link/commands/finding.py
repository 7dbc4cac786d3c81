"""Accounts for a computer, as rows: the list, or those that match a name.

A row is a list: id, issuer, name, key check value, and then a dict of the fields that have
unusual values, if any. The row of a damaged account has its id only. A message holds twice as
many rows as objects with all fields.
"""

import asyncio

from micropython import const

from otpcore import errors, messages
from otpcore.characters import characters
from tokenfw.system import on_demand

_ROOM = messages.MESSAGE_MAX - 192  # bytes for rows; the rest is for what surrounds them
_USUAL = (("type", "totp"), ("algorithm", "SHA1"), ("digits", 6), ("period", 30))
_NAME_MAX = const(255)  # characters: more than two names of 64 bytes
_KEPT_MAX = const(64)  # matching accounts that are listed; further ones are only counted
_FULL, _ONE, _PART, _NO = const(0), const(1), const(2), const(3)  # how well a name matches


async def listed(vault, index):
    """Return the answer to accounts.list: as many rows from `index` on as fit, and the total.

    The answer also has the ids of the favourites.
    """
    rows = await page(vault, ids_from(vault, index), _row, _ROOM)
    favourites = on_demand.once("tokenfw.link.commands.favourites").listed(vault)
    return {"rows": rows, "total": vault.count(), "favourites": favourites}


async def found(vault, name):
    """Return the answer to accounts.find: rows, and how many accounts match.

    An exact full name matches that account only. Otherwise the best kind of match counts, ignoring
    case: `issuer:account`, then issuer or account, then a part of the full name. MicroPython has
    no case of letters beyond ASCII, so every account with such a letter counts as a match.
    Raises BadRequest.
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
    """Yield the ids of the accounts from `index` on; accounts may be removed meanwhile."""
    while index < vault.count():
        yield vault.id_at(index)
        index += 1


async def page(vault, ids, describe, room):
    """Return [describe(vault, id), …] for as many ids as fit `room` bytes of JSON."""
    found, size = [], 0
    for account_id in ids:
        entry = describe(vault, account_id)
        size += len(messages.dump(entry)) + 1
        if size > room:
            break
        found.append(entry)
        await asyncio.sleep_ms(0)  # an entry takes some ms: let button and link run
    return found


def _is_in_no_name(each):
    return each < " " or "\x7f" <= each < "\xa0" or "\ud800" <= each <= "\udfff"


def _named(vault, name):
    """Return the id of the account with this full name, or None; reads few records."""
    colon = name.find(":")
    while colon >= 0:
        account_id = vault.find(name[:colon], name[colon + 1 :])
        if account_id is not None:
            return account_id
        colon = name.find(":", colon + 1)
    return None


async def _search(vault, wanted):
    """Return the ids of accounts that match a name (lower-case bytes), and how many match."""
    best, same, others = _PART, [], []
    alike = beyond = position = 0  # how many belong in `same`, and in `others`
    while position < vault.count():
        names = vault.names_at(position)
        if names is not None:
            rank = _rank(names.lower(), wanted)
            if max(names) > 127:
                beyond += 1
                _keep(others, vault.id_at(position))
            elif rank <= best:
                if rank < best:
                    best, alike, same = rank, 0, []
                alike += 1
                _keep(same, vault.id_at(position))
        position += 1
        await asyncio.sleep_ms(0)
    return same + others, alike + beyond


def _keep(ids, account_id):
    if len(ids) < _KEPT_MAX:
        ids.append(account_id)


def _rank(names, wanted):
    """Return how well `wanted` matches `names`: issuer and account, separated by a zero byte."""
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
