"""The user interface: which screen is shown, and what the button does.

Dark: any press wakes the token. Lit: a short press goes to the next account, a
long one makes the next code of an HOTP account. While a question stands, the
button answers it: a short press says yes and a long one no, or, where
something is destroyed, only a hold of three seconds says yes.
"""

import asyncio
import time

from otpcore import otp
from otpcore.errors import NotYet, WireError
from tokenfw import presence
from tokenfw.drivers import button
from tokenfw.screens import code as code_screen
from tokenfw.screens import message as message_screen
from tokenfw.screens import prompt as prompt_screen

DARK_AFTER_MS = 30000
_POLL_MS = 5
_SECONDS_SHOWN = 86400  # a code's `tick` starts anew after so many


class Interface:
    """`changed` is the asyncio.Event that everything sets which has something new to show."""

    def __init__(self, canvas, button, vault, clock, questions, changed):
        self._canvas = canvas
        self._button = button
        self._vault = vault
        self._clock = clock
        self._questions = questions
        self._changed = changed
        self._lit = False
        self._touched = 0  # ticks_ms of the last press
        self._selected = None  # id of the account on the screen
        self._shown = 0  # ticks_ms since which it is there
        self._hotp = None  # (id, code, counter) of the HOTP code that was made last
        self._question = None  # the question on the screen
        self._armed = False  # a press that answers it has begun

    async def run(self):
        """Paint, for ever."""
        while True:
            self._changed.clear()
            self._paint()
            await self._canvas.show()
            try:
                await asyncio.wait_for_ms(self._changed.wait(), self._pause())
            except asyncio.TimeoutError:
                pass

    async def watch_button(self):
        """Serve the button, for ever."""
        while True:
            event = self._button.poll(time.ticks_ms())
            if event is not None:
                self._handle(event)
                self._changed.set()
            await asyncio.sleep_ms(_POLL_MS)

    def _handle(self, event):
        self._touched = time.ticks_ms()
        if self._question is not None:
            self._answer(event)
        elif event == button.DOWN and not self._lit:
            self._light()
            self._armed = False
        elif event == button.DOWN:
            self._armed = True
        elif event == button.SHORT and self._armed:
            self._next()
        elif event == button.LONG and self._armed:
            self._make_code()

    def _answer(self, event):
        """Let a press answer the question, if it began after the question had stood a while."""
        if event == button.DOWN:
            self._armed = self._question.stands()
            return
        # The question may be over, and another one not yet on the screen.
        if not self._armed or self._questions.question is not self._question:
            return
        yes, no = button.SHORT, button.LONG
        if self._question.hold:
            yes, no = button.HOLD, button.SHORT
        if event == yes:
            self._questions.answer(presence.YES)
        elif event == no:
            self._questions.answer(presence.NO)

    def _light(self):
        self._lit = True
        self._touched = self._shown = time.ticks_ms()
        self._canvas.lit(True)

    def _next(self):
        ids = self._vault.ids()
        if ids:
            place = ids.index(self._selected) + 1 if self._selected in ids else 0
            self._selected = ids[place % len(ids)]
        self._shown = time.ticks_ms()
        self._hotp = None

    def _make_code(self):
        """Make the next code of the HOTP account on the screen: the counter first."""
        try:
            if self._selected in self._vault.ids():
                account = self._vault.get(self._selected)
                if account.type == "hotp":
                    account = self._vault.advance(self._selected)
                    self._hotp = (self._selected, otp.code(account, 0), account.counter)
        except WireError:
            self._hotp = None  # painting says why

    def _paint(self):
        question = self._questions.question
        if question is not None:
            if question is not self._question:
                self._question, self._armed = question, False
            if not self._lit:
                self._light()
            self._touched = time.ticks_ms()
            hint = ("hold 3 s: yes", "press: no") if question.hold else ("press: yes", "hold: no")
            tick = time.ticks_diff(time.ticks_ms(), question.asked) // 1000
            prompt_screen.draw(self._canvas, question.title, question.lines, hint, tick)
            return
        if self._question is not None:
            self._question, self._armed = None, False
        if self._lit and time.ticks_diff(time.ticks_ms(), self._touched) >= DARK_AFTER_MS:
            self._lit = False
            self._hotp = None
            self._canvas.clear()
            self._canvas.lit(False)
        if self._lit:
            self._paint_account()

    def _paint_account(self):
        ids = self._vault.ids()
        if not ids:
            lines = ["On a computer:", "tokenctl", "provision"]
            message_screen.draw(self._canvas, "No accounts", lines)
            return
        if self._selected not in ids:
            self._selected = ids[0]
        try:
            account = self._vault.get(self._selected)
            if account.type == "hotp":
                self._paint_hotp(account)
            else:
                now = self._clock.now()
                if now < account.t0:
                    raise NotYet("its T0 lies ahead")
                self._paint_totp(account, now)
        except WireError as error:
            message_screen.draw(self._canvas, *_explanation(error))

    def _paint_totp(self, account, now):
        left = otp.seconds_left(now, account.period, account.t0)
        code = otp.code(account, now)
        code_screen.draw(
            self._canvas,
            account.issuer,
            account.account,
            code,
            left,
            account.period,
            self._tick(),
        )

    def _paint_hotp(self, account):
        code, foot = "-" * account.digits, "hold: next code"
        if self._hotp is not None and self._hotp[0] == self._selected:
            _, code, foot = self._hotp
        code_screen.draw(
            self._canvas, account.issuer, account.account, code, None, foot, self._tick()
        )

    def _tick(self):
        """Whole seconds since the account came to the screen, to scroll by."""
        return time.ticks_diff(time.ticks_ms(), self._shown) // 1000 % _SECONDS_SHOWN

    def _pause(self):
        """Return how many ms the screen stays as it is, if nothing happens."""
        if not self._lit or self._question is not None:
            return 1000
        return self._clock.until_next_second()


def _explanation(error):
    """Return title and lines that say what is wrong and what to do."""
    if error.code == "time_unknown":
        return "Time not set", ["On a computer:", "tokenctl sync"]
    if error.code == "clock_fault":
        return "Clock fault", ["The RTC chip", "does not answer"]
    if error.code == "not_yet":
        return "No code yet", ["This account", "begins later"]
    return "Damaged", ["This account", "cannot be read"]
