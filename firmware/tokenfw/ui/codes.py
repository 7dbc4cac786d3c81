"""The accounts, one at a time: which is selected, and its code on the canvas."""

import time

from otpcore import otp
from otpcore.account import STATIC
from otpcore.errors import NotYet, WireError, reason
from otpcore.settings import FAVOURITES, NEXT_CODE, ORDER, RECENT, USED
from tokenfw.system import on_demand
from tokenfw.ui.screens import code as code_screen
from tokenfw.ui.screens import message as message_screen

_SECONDS_SHOWN = 86400  # a code's `tick` starts anew after so many
_RECENT = 8  # accounts that come first, the last used one before the others
_AHEAD_MS = 8000  # how long the next code is shown that was asked for
_EXPLAINED = ("clock_fault", "not_yet", "locked", "newer_vault", "entropy_failed")


class Carousel:
    """Draws on `canvas` what `vault` holds and `clock` says, in `words`.

    `battery` is one that may want a word, or None.
    """

    def __init__(self, canvas, vault, clock, words, battery=None):
        self._canvas = canvas
        self._vault = vault
        self._clock = clock
        self._words = words
        self._battery = battery
        self._selected = None  # id of the account on the screen
        self._shown = 0  # ticks_ms since which it is there
        self._hotp = None  # (id, code, counter) of the HOTP code that was made last
        # (id, when its next code begins, whether that was asked for and not the present one)
        self._ahead = None
        self._asked = 0  # ticks_ms at which it was asked for
        self._reveal = None  # the Reveal of a static text, while it is shown
        self.counts = False  # what was drawn last changes with the clock's second
        self._next = None  # the second of the next code, when that on the screen is in its last one

    @property
    def selected(self):
        """The id of the account on the screen, or None."""
        return self._selected

    def appear(self):
        """The screen lights up."""
        self._shown = time.ticks_ms()

    def disappear(self):
        """The screen goes dark: the account on it was the last that was used."""
        self._forget()
        if self._selected is not None and self._used_first():
            recent = self._recent()
            used = [self._selected] + [each for each in recent if each != self._selected]
            if used[:_RECENT] != recent:
                try:
                    self._vault.set_setting(RECENT, used[:_RECENT])
                except WireError:
                    pass  # a vault that takes nothing says so elsewhere

    def _used_first(self):
        return self._vault.setting(ORDER) == USED

    def _recent(self):
        return self._vault.setting(RECENT)

    def favourites(self):
        """Return the ids of the favourites that there are, as they were marked."""
        return [each for each in self._vault.setting(FAVOURITES) if self._is_there(each)]

    def _first(self):
        """Return the ids that come first, and only then the others in the vault's order."""
        first = self.favourites()
        if self._used_first():
            for each in self._recent():
                if each not in first and self._is_there(each):
                    first.append(each)
        return first

    def _is_there(self, number):
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

    def turn(self, by):
        """Go on to the next account, or back with -1; hide a static text that is shown."""
        if self._reveal is not None:
            self.hide()
            return
        try:
            if self._is_there(self._selected):
                self.select(self._after(self._selected, by))
            elif self._vault.count():
                self.select((self._first() or [self._vault.id_at(0)])[0])
        except WireError:
            return  # painting says why

    def select(self, number):
        """Go to the account with this id."""
        self._selected = number
        self._shown = time.ticks_ms()
        self._forget()

    def hide(self):
        """Show a static text no longer."""
        self._reveal = None

    def _forget(self):
        self._hotp = self._ahead = self._reveal = None

    def reveal(self):
        """Show the text of a static account, for a while."""
        if self._reveal is not None:
            return
        try:
            number = self._selected
            if self._is_there(number) and self._vault.get(number).type == STATIC:
                self._reveal = on_demand.once("tokenfw.ui.reveal").Reveal(self._canvas)
        except (WireError, MemoryError):
            pass  # painting says why, or there is no memory for it now

    def make_code(self):
        """Make the next code of an HOTP account, the counter first; of a TOTP account show it.

        Where the next one is shown already, that shows the present one. Of a static text that
        is shown, go on.
        """
        try:
            if self._is_there(self._selected):
                account = self._vault.get(self._selected)
                if account.type == STATIC:
                    if self._reveal is not None:
                        self._reveal.turn(account.text())
                elif account.type == "hotp":
                    account = self._vault.advance(self._selected)
                    self._hotp = (self._selected, otp.code(account, 0), account.counter)
                else:
                    self._look_ahead(account)
        except WireError:
            self._forget()  # painting says why

    def _look_ahead(self, account):
        now = self._clock.now()
        if now < account.t0:
            return
        left = otp.seconds_left(now, account.period, account.t0)
        wanted = not self._is_ahead(now, left, account.period)
        self._ahead = self._selected, now + left, wanted
        self._asked = time.ticks_ms()

    @property
    def code_ends(self):
        """Whether the code that was drawn last ends with this second."""
        return self._next is not None

    def next_code(self):
        """Draw the code of the next second, if the one that was drawn last ends with this one.

        Return that second; None when nothing was drawn.
        """
        second = self._next
        if second is not None:
            self.paint(second)
        return second

    def paint(self, now=None):
        """Draw the selected account, or what is in its way; as at `now` if it is given."""
        self._next = None
        self.counts = False
        try:
            if not self._is_there(self._selected):
                self._forget()  # a new account may get the id of a wiped one
                if not self._vault.count():
                    self._say("no_accounts")
                    return
                self._selected = (self._first() or [self._vault.id_at(0)])[0]
            account = self._vault.get(self._selected)
            if account.type == STATIC:
                self._paint_static(account)
            elif account.type == "hotp":
                self._paint_hotp(account)
            else:
                if now is None:
                    now = self._clock.now()
                if now < account.t0:
                    raise NotYet
                self._paint_totp(account, now)
        except WireError as error:
            self._forget()
            self._explain(error)

    def _paint_totp(self, account, now):
        left = otp.seconds_left(now, account.period, account.t0)
        self.counts = True
        if left == 1:
            self._next = now + 1
        if self._is_ahead(now, left, account.period):
            code = otp.code(account, now + left)
            names = account.issuer, account.name
            if self._canvas.low:
                title = [self._words("next_low") % left]
            else:
                title = [self._words("next_code"), self._words("next_in") % left]
            code_screen.draw_next(self._canvas, *names, code, title, self._tick())
            return
        code = otp.code(account, now)
        code_screen.draw(
            self._canvas,
            account.issuer,
            account.name,
            code,
            left,
            account.period,
            self._tick(),
            self._doubt(now, account.period),
        )

    def _is_ahead(self, now, left, period):
        """Tell whether the next code is shown and not the present one: asked for, or by itself.

        The present one that was asked for is shown to its end, the next one for a while.
        """
        if self._ahead is not None:
            number, begins, wanted = self._ahead
            shown_for = time.ticks_diff(time.ticks_ms(), self._asked)
            if number != self._selected or begins != now + left:
                self._ahead = None
            elif not wanted or 0 <= shown_for < _AHEAD_MS:
                return wanted
            else:
                self._ahead = None
        ahead = self._vault.setting(NEXT_CODE)
        return left <= ahead <= period // 2

    def _doubt(self, now, period):
        """Return what the screen says about the time, if that may be wrong by half a period.

        If it is right: that the battery wants to be charged.
        """
        if self._clock.without_chip:
            return self._words("no_rtc")
        error = self._clock.history.clock_error(now)
        if error is None or error > period * 500:
            return self._words("sync")
        return self._words("charge") if self._battery is not None and self._battery.low else ""

    def _paint_hotp(self, account):
        if self._hotp is not None and self._hotp[0] == self._selected:
            _, code, counter = self._hotp
            foot = self._words("counter") % counter
        else:
            code, foot = "-" * account.digits, self._words("hotp_hint")
        code_screen.draw(self._canvas, account.issuer, account.name, code, None, foot, self._tick())

    def _paint_static(self, account):
        if self._reveal is not None and not self._reveal.is_over():
            self._reveal.draw(account, self._words)
            return
        self.hide()
        what, how = self._words("static"), self._words("static_hint")
        if self._canvas.low:  # there the foot takes turns, and this must not be missed
            what, how = how, what
        names = account.issuer, account.name
        code_screen.draw(self._canvas, *names, what, None, how, self._tick())

    def _tick(self):
        """Whole seconds since the account came to the screen, to scroll by."""
        return time.ticks_diff(time.ticks_ms(), self._shown) // 1000 % _SECONDS_SHOWN

    def _explain(self, error):
        """Say what is wrong and what to do."""
        if error.code == "time_unknown":
            self._say("time_unknown", self._words("why_" + reason(error)))
        else:
            self._say(error.code if error.code in _EXPLAINED else "damaged")

    def _say(self, key, *values):
        title, *lines = self._words.rows(key, *values)
        message_screen.draw(self._canvas, title, lines, self._tick())
