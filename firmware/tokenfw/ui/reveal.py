"""A static text (an app password) that somebody has asked for: which part of it shows, how long.

Loaded for one showing. It keeps no copy of the text, which is read anew for each picture.
"""

import time

from micropython import const

from tokenfw.system import on_demand

_SHOWN_MS = const(30000)  # from the hold, or from the last turn


class Reveal:
    """One showing, on `canvas`, from now on."""

    def __init__(self, canvas):
        self._canvas = canvas
        self._screen = on_demand.once("tokenfw.ui.screens.static")
        on_demand.forget("tokenfw.display.large_text")  # which that has loaded
        self._page = 0
        self._since = time.ticks_ms()

    def _left_ms(self):
        return _SHOWN_MS - time.ticks_diff(time.ticks_ms(), self._since)

    def is_over(self):
        """Tell whether the text was shown for long enough."""
        return not 0 < self._left_ms() <= _SHOWN_MS  # ticks wrap

    def turn(self, text):
        """Go on to the next part of the text, if it has one; the time begins anew."""
        self._page = (self._page + 1) % self._screen.count(self._canvas, text)
        self._since = time.ticks_ms()

    def draw(self, account, words):
        """Draw what shows of the account's text."""
        left = (self._left_ms() + 999) // 1000
        names = account.issuer, account.name
        whole = _SHOWN_MS // 1000
        self._screen.draw(self._canvas, words, names, account.text(), self._page, left, whole)
