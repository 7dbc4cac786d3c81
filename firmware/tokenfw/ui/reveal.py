"""The screen that reveals a static text (an app password).

A long press goes on to the next page; any other press hides the text, and so does any other
screen above it. No copy of the text is kept: it is read again for each picture.
"""

import time

from micropython import const

from otpcore.account import STATIC
from otpcore.errors import WireError
from tokenfw.drivers import button
from tokenfw.system import on_demand
from tokenfw.ui.screens.names import in_order
from tokenfw.ui.stack import PAGE, Screen

_SHOWN_MS = const(30000)  # from the hold, or from the last change of page


class Reveal(Screen):
    """Shows the text of the account that is selected in `codes`, for a limited time."""

    level = PAGE
    doubles = True
    drawn_by = "tokenfw.ui.screens.static"

    def __init__(self, stack, words, codes):
        Screen.__init__(self)
        self._stack = stack
        self._words = words
        self._codes = codes
        self._part = 0
        self._parts = 1

    def load(self):
        self.picture = on_demand.once(self.drawn_by)

    def press(self, event, number):
        if event == button.LONG and number == 0:
            self._part = (self._part + 1) % self._parts
            self.since = time.ticks_ms()
        elif event != button.HOLD:
            self._stack.remove(self)
            if event != button.SHORT:
                self._codes.press(event, number)

    def paint(self, canvas, tick, second=None):
        on_demand.forget("tokenfw.display.large_text")  # loaded by the picture's module
        left = _SHOWN_MS - time.ticks_diff(time.ticks_ms(), self.since)
        account = None
        if 0 < left <= _SHOWN_MS:  # ticks wrap
            try:
                account = self._codes.selected()
            except WireError:
                pass
        if account is None or account.type != STATIC:
            self._stack.remove(self)
            return
        names, text = in_order(account.issuer, account.name), account.text()
        self._parts = self.picture.count(canvas, text)
        seconds, whole = (left + 999) // 1000, _SHOWN_MS // 1000
        self.picture.draw(canvas, self._words, names, text, self._part, seconds, whole)
