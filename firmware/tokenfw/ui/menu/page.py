"""A page of the menu: rows, and what presses do to them.

With one button a short press goes to the next row and a long one chooses it; a second button goes
to the row before, and its long press leaves the page.
"""

import time

from otpcore.errors import WireError
from tokenfw.drivers import button
from tokenfw.ui.menu import listing
from tokenfw.ui.stack import PAGE, Screen

NEXT, CHOOSE, PREVIOUS, BACK = 0, 1, 2, 3
FAILURES = (WireError, MemoryError)  # what closes the menu; the code screen says what it is


class Page(Screen):
    """Rows, one of which the cursor is at, and one more that leads back: one button is enough."""

    level = PAGE
    title = ""

    def __init__(self, menu):
        Screen.__init__(self)
        self.menu = menu
        self.at = 0

    def press(self, event, number):
        if event == button.HOLD:
            return
        self.since = time.ticks_ms()  # what scrolls begins anew
        what = (event == button.LONG) + 2 * number
        try:
            if what == BACK:
                self.menu.back()
            else:
                self.act(what)
        except FAILURES:
            self.menu.close()  # the code screen says what is the matter

    def paint(self, canvas, tick, second=None):
        if self.menu.is_stale():
            self.menu.close()
            return
        try:
            self.draw(canvas, tick)
        except FAILURES:
            self.menu.close()

    def left(self):
        self.menu.left(self)

    def count(self):
        """Return how many rows there are, without that which leads back."""
        return 0

    def row(self, place):
        """Return the text of a row."""
        return ""

    def mark(self, place):
        """Return what marks a row: SET when it is what is set now, FAVOURITE, or None."""
        return None

    def chosen(self, place):
        """Do what a row is for: if nothing else, go back."""
        self.menu.back()

    def is_left(self):
        """Go back; tell whether that leaves the page."""
        return True

    def act(self, what):
        """Do what a press means: NEXT, PREVIOUS or CHOOSE."""
        count = self.count()
        if what == CHOOSE:
            if self.at >= count:
                self.menu.back()
            else:
                self.chosen(self.at)
        else:
            self.at = (self.at + (1 if what == NEXT else -1)) % (count + 1)

    def draw(self, canvas, tick):
        """Draw the rows around the cursor."""
        count = self.count()
        rows = count + 1
        room = listing.room(canvas)
        first = min(max(0, self.at - room // 2), max(0, rows - room))
        shown = []
        for place in range(first, min(first + room, rows)):
            if place < count:
                shown.append((self.row(place), self.mark(place)))
            else:
                shown.append((self.menu.words("back"), None))
        listing.draw(canvas, self.title, shown, self.at - first, first, rows, tick)


class Note(Page):
    """A message in the menu's words; any press leads back."""

    def __init__(self, menu, key, *values):
        Page.__init__(self, menu)
        self.title, *self._lines = menu.words.rows(key, *values)

    def draw(self, canvas, tick):
        listing.message(canvas, self.title, self._lines, tick)

    def act(self, what):
        self.menu.back()
