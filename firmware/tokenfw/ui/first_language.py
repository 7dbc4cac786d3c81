"""The screen on which a token without accounts asks for its language, until one is chosen.

A short press goes to the next language, a long one chooses it; the hints are in the language at
the cursor. The second button goes back. As many languages as fit above the hints are shown, those
around the cursor, with a scroll bar if there are more.
"""

import time

from otpcore.errors import WireError
from otpcore.settings import LANGUAGE
from tokenfw.drivers import button
from tokenfw.ui.menu import listing
from tokenfw.ui.screens.lines import turns, window
from tokenfw.ui.stack import PAGE, Screen
from tokenfw.ui.words import LANGUAGES, Words, load

_TOP, _PITCH = 11, 11  # of the rows on a tall panel; a low one has no title
_ROOM, _LOW_ROOM = 3, 2  # rows above the hints
_HINT_Y, _HINT_PITCH, _LOW_HINT_Y = 47, 9, 24
_SCALE = 4  # columns that a scroll bar takes


class FirstLanguage(Screen):
    """On `stack` while `vault` has no account; the choice is stored in the vault's settings."""

    level = PAGE

    def __init__(self, stack, vault):
        Screen.__init__(self)
        self._stack = stack
        self._vault = vault
        self._names = [load(code).NAME for code in LANGUAGES]
        self._titles = [_spoken(code)("menu_language") for code in LANGUAGES]
        self._move_to(0)

    def _move_to(self, place):
        self._at = place % len(LANGUAGES)
        self._hints = _spoken(LANGUAGES[self._at]).rows("list_hints")
        self.since = time.ticks_ms()

    def press(self, event, number):
        if event == button.SHORT:
            self._move_to(self._at + (-1 if number else 1))
        elif event == button.LONG and not number:
            try:
                self._vault.set_setting(LANGUAGE, LANGUAGES[self._at])
            except WireError:
                pass  # asked again
            self._stack.remove(self)

    def _is_over(self):
        """Return whether there is an account by now, or the vault is not open."""
        try:
            return self._vault.count() > 0
        except WireError:
            return True

    def paint(self, canvas, tick, second=None):
        if self._is_over():
            self._stack.remove(self)
            return
        canvas.clear()
        if canvas.low:
            self._draw_names(canvas, 0, _LOW_ROOM)
            canvas.text(turns(self._hints, tick), 0, _LOW_HINT_Y)
            return
        canvas.centred(window(" / ".join(self._titles), tick), 0)
        canvas.fill(0, 9, canvas.width, 1)
        self._draw_names(canvas, _TOP, _ROOM)
        canvas.fill(0, _HINT_Y - 3, canvas.width, 1)
        for row, text in enumerate(self._hints):
            canvas.text(text, 0, _HINT_Y + row * _HINT_PITCH)

    def _draw_names(self, canvas, top, room):
        """Draw the names of `room` languages around the cursor, a row each from `top` on."""
        count = len(self._names)
        first = listing.first_shown(self._at, count, room)
        shown = self._names[first : first + room]
        for row, name in enumerate(shown):
            y, here = top + row * _PITCH, first + row == self._at
            if here:
                canvas.fill(0, y, canvas.width - (_SCALE if len(shown) < count else 0), 10)
            canvas.text(name, 1, y + 1, 0 if here else 1)
        listing.scale(canvas, top, top + room * _PITCH, first, len(shown), count)


def _spoken(code):
    """Return the Words of a language, whatever the setting."""
    return Words(lambda key: code)
