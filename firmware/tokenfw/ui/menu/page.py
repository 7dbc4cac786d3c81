"""A page of the menu: rows, and what presses do to them.

A short press goes to the next row and a long one chooses it; the second button goes to the
previous row, and its long press leaves the page.
"""

import time

from otpcore.errors import WireError
from tokenfw.drivers import button
from tokenfw.ui.menu import listing
from tokenfw.ui.stack import PAGE, Screen

NEXT, CHOOSE, PREVIOUS, BACK = 0, 1, 2, 3
FAILURES = (WireError, MemoryError)  # close the menu; the code screen shows what is wrong


class Page(Screen):
    """A page of rows with a cursor, and a last row that leads back: one button suffices."""

    level = PAGE
    title = ""

    def __init__(self, menu):
        Screen.__init__(self)
        self.menu = menu
        self.at = 0

    def press(self, event, number):
        if event == button.HOLD:
            return
        self.since = time.ticks_ms()  # scrolling starts again
        what = (event == button.LONG) + 2 * number
        try:
            if what == BACK:
                self.menu.back()
            else:
                self.act(what)
        except FAILURES:
            self.menu.close()  # the code screen shows what is wrong

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
        """Return how many rows there are, without the one that leads back."""
        return 0

    def row(self, index):
        """Return the text of a row."""
        return ""

    def mark(self, index):
        """Return a row's mark: listing.SET for the present value, listing.FAVOURITE, or None."""
        return None

    def chosen(self, index):
        """Carry out the row at an index; by default go back."""
        self.menu.back()

    def is_left(self):
        """Go back one step; return whether that leaves the page."""
        return True

    def act(self, what):
        """Carry out a press: NEXT, PREVIOUS or CHOOSE."""
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
        first = listing.first_shown(self.at, rows, room)
        shown = []
        for index in range(first, min(first + room, rows)):
            if index < count:
                shown.append((self.row(index), self.mark(index)))
            else:
                shown.append((self.menu.words("back"), None))
        listing.draw(canvas, self.title, shown, self.at - first, first, rows, tick)


class Note(Page):
    """A message, the text of a `key` of Words; any press leads back."""

    def __init__(self, menu, key, *values):
        Page.__init__(self, menu)
        self.title, *self._lines = menu.words.rows(key, *values)

    def draw(self, canvas, tick):
        listing.message(canvas, self.title, self._lines, tick)

    def act(self, what):
        self.menu.back()
