"""The bottom screen: the selected account, and its code.

A short press goes to the next account; a long press makes the next code of an HOTP account, or
shows the next code of a TOTP account; two short presses open the menu. The second button goes
to the previous account, and its long press opens the menu. A hold shows a static text. While
the vault is locked a short press asks for the PIN.
"""

import time

from otpcore import otp
from otpcore.account import STATIC
from otpcore.errors import NotYet, WireError, reason
from otpcore.settings import LANGUAGE
from tokenfw.drivers import button
from tokenfw.system import on_demand
from tokenfw.ui import hotp
from tokenfw.ui.screens import code as code_screen
from tokenfw.ui.screens import message as message_screen
from tokenfw.ui.selection import Selection
from tokenfw.ui.stack import CODES, DIALOG
from tokenfw.vault.states import LOCKED

# ms before the end of a second: to check on the next one, and to draw the next code.
_LOOK_MS, _READY_MS = 10, 30
_EXPLAINED = ("clock_fault", "not_yet", "locked", "newer_vault", "entropy_failed")


class Codes:
    """The screen at the bottom of `stack` (see stack.Screen), with the accounts of `vault`.

    `battery` is a Battery, which may need a warning, or None; `dialogs` is the Dialogs.
    `open_menu(selection)` puts the menu on the stack. In a development build
    `notice(stack, codes)` makes the screen that is shown before the codes each time the panel
    lights up.
    """

    level = CODES
    doubles = True
    consent = None

    def __init__(self, stack, vault, clock, words, battery, dialogs, open_menu, notice=None):
        self.selection = Selection(vault)
        self._stack = stack
        self._vault = vault
        self._clock = clock
        self._words = words
        self._battery = battery
        self._dialogs = dialogs
        self._open_menu = open_menu
        self._notice = notice
        self.edge = None
        self._counts = False  # whether the picture changes with the clock's second
        stack.screens.append(self)
        stack.top = self

    @property
    def since(self):
        return self.selection.since

    def appear(self):
        """Prepare for the panel to light up."""
        self.selection.since = time.ticks_ms()
        if self._notice is not None:
            self._stack.push(self._notice(self._stack, self))
        self.unlock()

    def unlock(self):
        """Begin the dialog that is due, unless another dialog is on the screen.

        If the vault is locked ask for the PIN. If it is open, remind of a backup that nobody has
        acknowledged; or unbind it from its chip, if the chip's key does not answer any more.
        """
        due = self._vault.state == LOCKED or self._vault.unseen or self._vault.stranded
        if due and self._stack.top.level < DIALOG:
            self._dialogs.unlock()

    def press(self, event, number):
        try:
            if event == button.DOUBLE or (event == button.LONG and number):
                self._open_menu(self.selection)
            elif event == button.SHORT and self._vault.state == LOCKED:
                self._dialogs.unlock()
            elif event == button.SHORT:
                self.selection.turn(-1 if number else 1)
            elif event == button.LONG:
                self._make_code()
            elif number == 0:
                self._reveal()
        except WireError:
            self.selection.forget()  # paint() shows the reason

    def _make_code(self):
        """Make the next HOTP code; or switch between the next and the present TOTP code."""
        account = self.selected()
        if account is None:
            return
        if account.type == "hotp":
            hotp.make(self._vault, self.selection)
        elif account.type != STATIC:
            now = self._clock.now()
            if now >= account.t0:
                left = otp.seconds_left(now, account.period, account.t0)
                wanted = not self.selection.is_ahead(now, left, account.period)
                self.selection.look_ahead(now + left, wanted)

    def _reveal(self):
        """Show a static text for a while; or correct an HOTP counter that may be behind."""
        account = self.selected()
        if account is not None and account.behind:
            self._dialogs.mend(self.selection.account_id)
        if account is None or account.type != STATIC:
            return
        try:
            reveal = on_demand.once("tokenfw.ui.reveal")
            self._stack.push(reveal.Reveal(self._stack, self._words, self))
        except MemoryError:
            pass  # too little for it now

    def selected(self):
        """Return the selected account, None if it is gone. Raises Locked or other WireErrors."""
        account_id = self.selection.account_id
        return self._vault.get(account_id) if self.selection.is_there(account_id) else None

    def paint(self, canvas, tick, second=None):
        """Draw the account, or why it cannot be shown; as of Unix time `second` if given."""
        self.edge = None
        self._counts = False
        try:
            account_id = self.selection.current()
            if account_id is None:
                self._paint_nothing(canvas, tick)
                return
            account = self._vault.get(account_id)
            if account.type == STATIC:
                self._paint_static(canvas, tick, account)
            elif account.type == "hotp":
                hotp.draw(canvas, self._words, account, self.selection, tick)
            else:
                self._paint_totp(canvas, tick, account, second)
        except WireError as error:
            self.selection.forget()
            self._explain(canvas, tick, error)

    def pause(self):
        if not self._counts:
            return 1000
        return self._clock.until_next_second(_LOOK_MS if self.edge is None else _READY_MS)

    def _paint_totp(self, canvas, tick, account, now):
        if now is None:
            now = self._clock.now()
        if now < account.t0:
            raise NotYet
        period = account.period
        left = otp.seconds_left(now, period, account.t0)
        self._counts = True
        if left == 1:
            self.edge = now + 1
        if self.selection.is_ahead(now, left, period):
            if canvas.low:
                title = [self._words("next_low") % left]
            else:
                title = [self._words("next_code"), self._words("next_in") % left]
            code = otp.code(account, now + left)
            code_screen.draw_next(canvas, account.issuer, account.name, code, title, tick)
            return
        code, doubt = otp.code(account, now), self._doubt(now, period)
        code_screen.draw(canvas, account.issuer, account.name, code, left, period, tick, doubt)

    def _doubt(self, now, period):
        """Return a short warning, or "".

        It is about the time, if that may be wrong by half a period, or else about the battery.
        """
        if self._clock.without_chip:
            return self._words("no_rtc")
        error = self._clock.history.clock_error(now)
        if error is None or error > period * 500:
            return self._words("sync")
        return self._words("charge") if self._battery is not None and self._battery.low else ""

    def _paint_nothing(self, canvas, tick):
        """Say that there is no account; ask for the language until one was chosen."""
        self._say(canvas, tick, "no_accounts")
        if self._vault.setting(LANGUAGE):
            return
        try:
            first_language = on_demand.once("tokenfw.ui.first_language")
            self._stack.push(first_language.FirstLanguage(self._stack, self._vault))
        except MemoryError:
            pass  # too little for it now

    def _paint_static(self, canvas, tick, account):
        what, how = self._words("static"), self._words("static_hint")
        if canvas.low:  # the foot takes turns there, and the hint must always be visible
            what, how = how, what
        code_screen.draw(canvas, account.issuer, account.name, what, None, how, tick)

    def _explain(self, canvas, tick, error):
        """Show what is wrong (a WireError) and what to do."""
        if error.code == "time_unknown":
            self._say(canvas, tick, "time_unknown", self._words("why_" + reason(error)))
        elif reason(error) == "chip_key":
            self._say(canvas, tick, "no_chip_key")
        else:
            self._say(canvas, tick, error.code if error.code in _EXPLAINED else "damaged")

    def _say(self, canvas, tick, key, *values):
        title, *lines = self._words.rows(key, *values)
        message_screen.draw(canvas, title, lines, tick)
