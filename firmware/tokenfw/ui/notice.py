"""The notice that a development build shows each time it lights up, before the first code.

It is shown for two seconds, four on a low panel, or until a press.
"""

import time

from tokenfw.drivers import button
from tokenfw.ui.screens import message
from tokenfw.ui.stack import NOTICE, Screen

_STANDS_MS = 2000
_LINES = ["The REPL is open", "Not for real accounts"]


class Notice(Screen):
    """Above `codes` on the stack, whose time on the screen starts when this leaves."""

    level = NOTICE
    doubles = True

    def __init__(self, stack, codes):
        Screen.__init__(self)
        self._stack = stack
        self._codes = codes
        self._seen = None  # ticks_ms of its first painting

    def press(self, event, number):
        """Leave, or open the menu. Other presses do nothing, since the account is not visible."""
        if event == button.SHORT:
            self._stack.remove(self)
        elif event == button.DOUBLE or (event == button.LONG and number):
            self._codes.press(event, number)

    def paint(self, canvas, tick, second=None):
        now = time.ticks_ms()
        if self._seen is None:
            self._seen = now
        stood = time.ticks_diff(now, self._seen)
        if stood < _STANDS_MS * (2 if canvas.low else 1):  # its lines take turns there
            message.draw(canvas, "DEVELOPMENT", _LINES, stood // 1000)
        else:
            self._stack.remove(self)

    def pause(self):
        return 500

    def left(self):
        self._codes.selection.since = time.ticks_ms()
