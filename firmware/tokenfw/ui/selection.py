"""Which account is selected, which of its codes is shown, and which account comes next.

Favourites come first, then recently used accounts if that is set, then the others.
"""

import time

from otpcore.errors import WireError
from otpcore.settings import FAVOURITES, NEXT_CODE, ORDER, RECENT, USED

_AHEAD_MS = 8000  # how long the next code is shown on request
_RECENT = 8  # recently used accounts that come first


class Selection:
    """`account_id` is the account's id, or None; `since` is when it was selected (ticks_ms).

    `made` is (code, counter) of the HOTP code that was made last, or None. `ahead` is the last
    request for a TOTP code: (Unix time at which the next code begins, True for that code or
    False for the present one, ticks_ms of the request), or None. Selecting resets both.
    """

    def __init__(self, vault):
        self._vault = vault
        self.account_id = None
        self.made = None
        self.ahead = None
        self.since = 0

    def select(self, account_id):
        """Select the account with this id."""
        self.account_id = account_id
        self.since = time.ticks_ms()
        self.forget()

    def forget(self):
        """Reset `made` and `ahead`."""
        self.made = None
        self.ahead = None

    def look_ahead(self, begins, wanted):
        """Note a request for the code that begins then, or with `wanted` False the present one."""
        self.ahead = begins, wanted, time.ticks_ms()

    def is_ahead(self, now, left, period):
        """Return whether to show the next code, on request or by the setting, not the present one.

        On request the present code is shown to its end, the next one for _AHEAD_MS. `now` is
        Unix time, `left` the seconds left of the `period`.
        """
        if self.ahead is not None:
            begins, wanted, asked = self.ahead
            shown_for = time.ticks_diff(time.ticks_ms(), asked)
            if begins == now + left and (not wanted or 0 <= shown_for < _AHEAD_MS):
                return wanted
            self.ahead = None
        ahead = self._vault.setting(NEXT_CODE)
        return left <= ahead <= period // 2

    def current(self):
        """Return the selected id; if it is gone, that of the first account, or None."""
        if not self.is_there(self.account_id):
            self.forget()  # a new account may get the id of a wiped one
            self.account_id = None
            if self._vault.count():
                self.account_id = (self._first() or [self._vault.id_at(0)])[0]
        return self.account_id

    def turn(self, by):
        """Select the next account (1) or the previous one (-1). Raises WireErrors."""
        if self.is_there(self.account_id):
            self.select(self._after(self.account_id, by))
        else:
            self.select(self.current())

    def leave(self):
        """Note, when the panel goes dark, that the account was used last."""
        self.forget()
        if self.account_id is None or not self._used_first():
            return
        recent = self._recent()
        used = ([self.account_id] + [each for each in recent if each != self.account_id])[:_RECENT]
        if used != recent:
            try:
                self._vault.set_setting(RECENT, used)
            except WireError:
                pass  # not worth a message
            except MemoryError:
                pass  # nor a restart

    def favourites(self):
        """Return the ids of existing favourites, in the order in which they were marked."""
        return [each for each in self._vault.setting(FAVOURITES) if self.is_there(each)]

    def _used_first(self):
        return self._vault.setting(ORDER) == USED

    def _recent(self):
        return list(self._vault.setting(RECENT))

    def _first(self):
        """Return the ids that come before the others, which are in the vault's order."""
        first = self.favourites()
        if self._used_first():
            for each in self._recent():
                if each not in first and self.is_there(each):
                    first.append(each)
        return first

    def is_there(self, account_id):
        """Return whether there is an account with this id. Raises Locked or other WireErrors."""
        return account_id is not None and self._vault.position(account_id) >= 0

    def _after(self, account_id, by):
        """Return the id after (`by` 1) or before (-1) this one, which exists."""
        first = self._first()
        count = self._vault.count()
        if account_id in first:
            at = first.index(account_id) + by
            if 0 <= at < len(first):
                return first[at]
            position = -1 if by > 0 else count
        else:
            position = self._vault.position(account_id)
        while True:
            position += by
            if not 0 <= position < count:  # past an end of the others
                if first:
                    return first[0 if by > 0 else -1]
                position %= count
            if self._vault.id_at(position) not in first:
                return self._vault.id_at(position)
