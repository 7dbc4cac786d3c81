"""Which account is selected, what was asked of it, and which one comes next.

Favourites come first, then the last used where that is set, then the others.
"""

import time

from otpcore.errors import WireError
from otpcore.settings import FAVOURITES, NEXT_CODE, ORDER, RECENT, USED

_AHEAD_MS = 8000  # how long the next code is shown that was asked for
_RECENT = 8  # accounts that come first, the last used one before the others


class Selection:
    """`number` is the account's id, or None; `since` when it was selected (ticks_ms).

    What somebody asked of it is forgotten with the next selection: `made` is (code, counter) of
    the HOTP code that was made last, `ahead` is (when the next code begins, whether that was
    asked for and not the present one, ticks_ms of that). Either may be None.
    """

    def __init__(self, vault):
        self._vault = vault
        self.number = None
        self.made = None
        self.ahead = None
        self.since = 0

    def select(self, number):
        """Go to the account with this id."""
        self.number = number
        self.since = time.ticks_ms()
        self.forget()

    def forget(self):
        """Forget what was asked of it."""
        self.made = None
        self.ahead = None

    def look_ahead(self, begins, wanted):
        """Somebody asked for the code that begins then; or, not `wanted`, for the present one."""
        self.ahead = begins, wanted, time.ticks_ms()

    def is_ahead(self, now, left, period):
        """Return whether the next code is shown and not the present one: asked for, or by itself.

        The present one that was asked for is shown to its end, the next one for a while.
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
        """Return its id; that of the first account if it is gone, None if there is none."""
        if not self.is_there(self.number):
            self.forget()  # a new account may get the id of a wiped one
            self.number = None
            if self._vault.count():
                self.number = (self._first() or [self._vault.id_at(0)])[0]
        return self.number

    def turn(self, by):
        """Go on to the next account, or back with -1. Locked, and other WireErrors."""
        if self.is_there(self.number):
            self.select(self._after(self.number, by))
        else:
            self.select(self.current())

    def leave(self):
        """The panel goes dark: the account was the last that was used."""
        self.forget()
        if self.number is None or not self._used_first():
            return
        recent = self._recent()
        used = ([self.number] + [each for each in recent if each != self.number])[:_RECENT]
        if used != recent:
            try:
                self._vault.set_setting(RECENT, used)
            except WireError:
                pass  # a vault that takes nothing says so elsewhere

    def favourites(self):
        """Return the ids of the favourites that there are, as they were marked."""
        return [each for each in self._vault.setting(FAVOURITES) if self.is_there(each)]

    def _used_first(self):
        return self._vault.setting(ORDER) == USED

    def _recent(self):
        return list(self._vault.setting(RECENT))

    def _first(self):
        """Return the ids that come first, and only then the others in the vault's order."""
        first = self.favourites()
        if self._used_first():
            for each in self._recent():
                if each not in first and self.is_there(each):
                    first.append(each)
        return first

    def is_there(self, number):
        """Return whether there is an account with this id. Locked, and other WireErrors."""
        return number is not None and self._vault.place(number) >= 0

    def _after(self, number, by):
        """Return the id that comes `by` (1 or -1) after this one, which is there."""
        first = self._first()
        count = self._vault.count()
        if number in first:
            at = first.index(number) + by
            if 0 <= at < len(first):
                return first[at]
            place = -1 if by > 0 else count
        else:
            place = self._vault.place(number)
        while True:
            place += by
            if not 0 <= place < count:  # past an end of the others
                if first:
                    return first[0 if by > 0 else -1]
                place %= count
            if self._vault.id_at(place) not in first:
                return self._vault.id_at(place)
