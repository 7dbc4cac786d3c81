"""The vault: the accounts and settings in the token's own flash partition.

Records are not sealed yet. The interface is the one that the sealed vault will
have: every change carries the id of the request that asked for it, which is
stored with it, so that a repeated request can be recognised and is not carried
out twice. RAM holds twelve bytes for each account; names and secrets are read
when they are needed.
"""

import binascii
import json
import struct

from otpcore import account as accounts
from otpcore.errors import AccountExists, NoSuchAccount, VaultDamaged, VaultFull
from tokenfw.flashlog import LogFull

CAPACITY = 1000  # accounts
REMEMBERED = 16  # requests

_ACCOUNT, _REMOVED, _ORDER, _SETTINGS, _WIPE = 1, 2, 3, 4, 5  # kinds of records; append-only

_NO_REQUEST = bytes(8)
_ACCOUNT_OVERHEAD = 22  # bytes that the log and the id and request in front of a record take


class Vault:
    """Accounts in display order, each with an id (1 to 65535) that stays while it lives."""

    capacity = CAPACITY
    sealed = False

    def __init__(self, log):
        self._log = log
        self._forget()

    def _forget(self):
        self._ids = []  # in display order; the next two run beside it
        self._addresses = []
        self._marks = []  # 16 bits of each name, to find a name without reading every record
        self._order_address = None
        self._settings_address = None
        self._settings = {}
        self._removed = []  # addresses of the records that remember removals
        self._requests = []  # (request, id) of the last changes, oldest first
        self._highest = 0  # the highest id that any record names

    def open(self):
        """Read the index; finish what a power cut interrupted. True when a wipe must go on."""
        self._forget()
        found = {}  # id: (address, sequence, mark)
        removed, requests, superseded = [], [], []
        order, wiping, single = [], False, {}
        for address, kind, sequence, payload in self._log.open():
            if kind == _ACCOUNT:
                number, request = struct.unpack(">H8s", payload[:10])
                requests.append((sequence, request, number))
                entry = (address, sequence, _mark_of_record(payload[10:]))
                superseded.append(self._keep_newer(found, number, entry))
            elif kind == _REMOVED:
                number, request = struct.unpack(">H8s", payload)
                requests.append((sequence, request, number))
                removed.append((sequence, address, number))
            elif kind in (_ORDER, _SETTINGS):
                superseded.append(self._keep_newer(single, kind, (address, sequence, payload)))
            elif kind == _WIPE:
                wiping = True
        if wiping:
            return True
        for sequence, _, number in removed:
            if number in found and found[number][1] < sequence:
                superseded.append(found.pop(number)[0])
        for address in superseded:
            if address is not None:
                self._log.kill(address)
        if _ORDER in single:
            self._order_address, sequence, payload = single[_ORDER]
            requests.append((sequence, payload[:8], 0))
            order = list(struct.unpack(">%dH" % ((len(payload) - 8) // 2), payload[8:]))
        if _SETTINGS in single:
            self._settings_address, _, payload = single[_SETTINGS]
            self._settings = json.loads(payload)
        removed.sort()
        self._removed = [address for _, address, _ in removed]
        listed = [number for number in order if number in found]
        listed += sorted(number for number in found if number not in order)
        for number in listed:
            address, _, mark = found[number]
            self._ids.append(number)
            self._addresses.append(address)
            self._marks.append(mark)
        self._highest = max(order + listed + [0])
        requests.sort()
        for _, request, number in requests:
            self._remember(request, number)
        return False

    def _keep_newer(self, found, key, entry):
        """Put `entry` into `found` unless a newer one is there; return the loser's address."""
        other = found.get(key)
        if other is None:
            found[key] = entry
            return None
        newer = entry[1] > other[1]
        if entry[1] == other[1]:  # one was copied from the other, and then the power went
            newer = self._log.is_copy(other[0], entry[0])
        if newer:
            found[key] = entry
            return other[0]
        return entry[0]

    def ids(self):
        """Return the ids in display order, as a new list."""
        return list(self._ids)

    def count(self):
        """Return how many accounts there are."""
        return len(self._ids)

    def damaged(self):
        """Return how many records failed their check when the vault was opened."""
        return self._log.damaged

    def get(self, number):
        """Return the Account with this id; raise NoSuchAccount or VaultDamaged."""
        try:
            _, payload = self._log.read(self._addresses[self._place(number)])
            return accounts.from_record(payload[10:])
        except ValueError:
            raise VaultDamaged("one account in the vault is damaged and cannot be read")

    def find(self, issuer, account):
        """Return the id of the account with these names, or None."""
        mark = _mark(issuer.encode(), account.encode())
        for place, each in enumerate(self._marks):
            if each == mark:
                try:
                    candidate = self.get(self._ids[place])
                except VaultDamaged:
                    continue
                if candidate.issuer == issuer and candidate.account == account:
                    return self._ids[place]
        return None

    def done(self, request):
        """Return (True, id) when the change of this request is stored already, else (False, 0)."""
        for remembered, number in self._requests:
            if remembered == request:
                return True, number
        return False, 0

    def add(self, request, account):
        """Store a new account behind the others; return its id. AccountExists, VaultFull."""
        if self.find(account.issuer, account.account) is not None:
            raise AccountExists("the token has this account already")
        if len(self._ids) >= CAPACITY:
            raise VaultFull("the token holds %d accounts, and no more fit" % CAPACITY)
        record = account.to_record()
        if self._log.room() < len(record) + _ACCOUNT_OVERHEAD:
            raise VaultFull("the token's vault is full")
        number = self._unused_id()
        address = self._append(_ACCOUNT, struct.pack(">H8s", number, request) + record)
        self._ids.append(number)
        self._addresses.append(address)
        self._marks.append(_mark(account.issuer.encode(), account.account.encode()))
        self._remember(request, number)
        if number < self._highest:  # ids ran out: its place is not that of its number
            self.move(request, number, len(self._ids) - 1)
        self._highest = max(self._highest, number)
        return number

    def replace(self, request, number, account):
        """Store `account` in the place of the one with this id. AccountExists, NoSuchAccount."""
        other = self.find(account.issuer, account.account)
        if other is not None and other != number:
            raise AccountExists("the token has an account of this name already")
        self._store(request, number, account)

    def advance(self, number):
        """Add one to an HOTP account's counter in flash; return the Account as it was before."""
        before, after = self.get(number), self.get(number)
        if before.counter == accounts.COUNTER_MAX:
            raise VaultFull("the counter of this account is at its end")
        after.counter += 1
        self._store(_NO_REQUEST, number, after)
        return before

    def move(self, request, number, position):
        """Put an account at `position` (0 is the first) of the display order."""
        place = self._place(number)
        order = list(self._ids)
        order.insert(position, order.pop(place))
        payload = request + struct.pack(">%dH" % len(order), *order)
        address = self._append(_ORDER, payload)
        if self._order_address is not None:
            self._log.kill(self._order_address)
        self._order_address = address
        self._addresses = [self._addresses[self._ids.index(each)] for each in order]
        self._marks = [self._marks[self._ids.index(each)] for each in order]
        self._ids = order
        self._remember(request, number)

    def remove(self, request, number):
        """Forget an account and program its record to zeros."""
        place = self._place(number)
        self._removed.append(self._append(_REMOVED, struct.pack(">H8s", number, request)))
        self._log.kill(self._addresses[place])
        for column in (self._ids, self._addresses, self._marks):
            column.pop(place)
        while len(self._removed) > REMEMBERED:
            self._log.kill(self._removed.pop(0))
        self._remember(request, number)

    def setting(self, name, default=None):
        """Return a setting (a JSON value)."""
        return self._settings.get(name, default)

    def set_setting(self, name, value):
        """Store a setting."""
        self._settings[name] = value
        payload = json.dumps(self._settings).encode()
        address = self._append(_SETTINGS, payload)
        if self._settings_address is not None:
            self._log.kill(self._settings_address)
        self._settings_address = address

    def wipe(self):
        """Erase everything; yield between the sectors. Once begun, a restart goes on with it."""
        self._append(_WIPE, b"")
        yield
        for _ in self._log.erase():
            yield
        self._forget()

    def resume_wipe(self):
        """Go on with a wipe that a power cut interrupted; yield between the sectors."""
        for _ in self._log.erase():
            yield
        self._forget()

    def _store(self, request, number, account):
        place = self._place(number)
        payload = struct.pack(">H8s", number, request) + account.to_record()
        address = self._append(_ACCOUNT, payload)
        self._log.kill(self._addresses[place])
        self._addresses[place] = address
        self._marks[place] = _mark(account.issuer.encode(), account.account.encode())
        self._remember(request, number)

    def _append(self, kind, payload):
        try:
            return self._log.append(kind, payload, self._moved)
        except LogFull:
            raise VaultFull("the token's vault is full")

    def _moved(self, old, new):
        """The log compacted a sector: what lay at `old` lies at `new`."""
        for column in (self._addresses, self._removed):
            if old in column:
                column[column.index(old)] = new
        if old == self._order_address:
            self._order_address = new
        if old == self._settings_address:
            self._settings_address = new

    def _place(self, number):
        try:
            return self._ids.index(number)
        except ValueError:
            raise NoSuchAccount("the token has no such account")

    def _unused_id(self):
        """The id above all that were in use; when those run out, the smallest that is free."""
        if self._highest < 0xFFFF:
            return self._highest + 1
        number = 1
        while number in self._ids:
            number += 1
        return number

    def _remember(self, request, number):
        if request != _NO_REQUEST:
            self._requests.append((request, number))
            self._requests = self._requests[-REMEMBERED:]


def _mark(issuer, account):
    return binascii.crc32(issuer + b"\0" + account) & 0xFFFF


def _mark_of_record(record):
    try:
        account = accounts.from_record(record)
    except ValueError:
        return 0
    return _mark(account.issuer.encode(), account.account.encode())
