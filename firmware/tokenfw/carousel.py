"""The accounts, one at a time: which is selected, and its code on the canvas."""

import time

from otpcore import otp
from otpcore.errors import NotYet, WireError
from tokenfw.screens import code as code_screen
from tokenfw.screens import message as message_screen

_SECONDS_SHOWN = 86400  # a code's `tick` starts anew after so many
_EXPLAINED = ("clock_fault", "not_yet", "locked", "newer_vault", "entropy_failed")


class Carousel:
    """Draws on `canvas` what `vault` holds and `clock` says, in `words`."""

    def __init__(self, canvas, vault, clock, words):
        self._canvas = canvas
        self._vault = vault
        self._clock = clock
        self._words = words
        self._selected = None  # id of the account on the screen
        self._shown = 0  # ticks_ms since which it is there
        self._hotp = None  # (id, code, counter) of the HOTP code that was made last
        self.counts = False  # what was drawn last changes with the clock's second
        self._next = None  # the second of the next code, when that on the screen is in its last one

    def appear(self):
        """The screen lights up."""
        self._shown = time.ticks_ms()

    def disappear(self):
        """The screen goes dark."""
        self._hotp = None

    def turn(self, by):
        """Go on to the next account, or back with -1."""
        try:
            ids = self._vault.ids()
        except WireError:
            return  # painting says why
        if ids:
            place = ids.index(self._selected) + by if self._selected in ids else 0
            self._selected = ids[place % len(ids)]
        self._shown = time.ticks_ms()
        self._hotp = None

    def make_code(self):
        """Make the next code of the HOTP account on the screen: the counter first."""
        try:
            if self._selected in self._vault.ids():
                account = self._vault.get(self._selected)
                if account.type == "hotp":
                    account = self._vault.advance(self._selected)
                    self._hotp = (self._selected, otp.code(account, 0), account.counter)
        except WireError:
            self._hotp = None  # painting says why

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
            ids = self._vault.ids()
            if self._selected not in ids:
                self._hotp = None  # a new account may get the id of one that was wiped
            if not ids:
                self._say("no_accounts")
                return
            if self._selected not in ids:
                self._selected = ids[0]
            account = self._vault.get(self._selected)
            if account.type == "hotp":
                self._paint_hotp(account)
            else:
                if now is None:
                    now = self._clock.now()
                if now < account.t0:
                    raise NotYet("its T0 lies ahead")
                self._paint_totp(account, now)
        except WireError as error:
            self._hotp = None
            self._explain(error)

    def _paint_totp(self, account, now):
        left = otp.seconds_left(now, account.period, account.t0)
        self.counts = True
        if left == 1:
            self._next = now + 1
        code = otp.code(account, now)
        code_screen.draw(
            self._canvas,
            account.issuer,
            account.account,
            code,
            left,
            account.period,
            self._tick(),
            self._doubt(now, account.period),
        )

    def _doubt(self, now, period):
        """Return what the screen says about the time, if that may be wrong by half a period."""
        if self._clock.without_chip:
            return self._words("no_rtc")
        off_by = self._clock.history.off_by(now)
        return self._words("sync") if off_by is None or off_by > period * 500 else ""

    def _paint_hotp(self, account):
        if self._hotp is not None and self._hotp[0] == self._selected:
            _, code, counter = self._hotp
            foot = self._words("counter") % counter
        else:
            code, foot = "-" * account.digits, self._words("hotp_hint")
        code_screen.draw(
            self._canvas, account.issuer, account.account, code, None, foot, self._tick()
        )

    def _tick(self):
        """Whole seconds since the account came to the screen, to scroll by."""
        return time.ticks_diff(time.ticks_ms(), self._shown) // 1000 % _SECONDS_SHOWN

    def _explain(self, error):
        """Say what is wrong and what to do."""
        if error.code == "time_unknown":
            self._say("time_unknown", self._words(str(error)))
        else:
            self._say(error.code if error.code in _EXPLAINED else "damaged")

    def _say(self, key, *values):
        title, *lines = self._words.rows(key, *values)
        message_screen.draw(self._canvas, title, lines, self._tick())
