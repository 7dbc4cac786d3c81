"""The menu: pages of rows, one above the other, and what presses do to them.

In memory only while it is open: nothing else imports it for longer. With one button a
short press goes to the next row and a long one chooses it; a second button goes to the
row before, and its long press leaves the page. What cannot be carried out closes it.
"""

import asyncio
import time

from otpcore.errors import WireError
from tokenfw.ui.menu import listing

NEXT, CHOOSE, PREVIOUS, BACK = 0, 1, 2, 3
_FAILURES = (WireError, MemoryError)


class Menu:
    """What its pages work with; `buttons` is how many there are, `identity` the token's hello.

    `over` says that it is to be closed; `changed` is set when what it works on has come to an end.
    `battery` is None where it is not measured. `asks.begin(title, lines, do)` asks a
    question that is held for, which closes the menu, and then calls `do()`.
    """

    def __init__(
        self,
        canvas,
        carousel,
        vault,
        clock,
        words,
        identity,
        changed,
        buttons,
        battery=None,
        asks=None,
    ):
        from tokenfw.ui.menu.top import Top

        self.canvas = canvas
        self.carousel = carousel
        self.vault = vault
        self.clock = clock
        self.words = words
        self.identity = identity
        self.buttons = buttons
        self.battery = battery
        self.asks = asks
        self.over = False
        self._changed = changed
        self._state = vault.state
        self._since = 0
        self._pages = []
        words.keep(True)
        self.open(Top(self))

    def open(self, page):
        """Put a page on top."""
        self._pages.append(page)
        self.moved()

    def moved(self):
        """Something else is on the screen: what scrolls begins anew."""
        self._since = time.ticks_ms()

    def press(self, what):
        """Do what a press means: NEXT, CHOOSE, PREVIOUS, BACK."""
        self.moved()
        try:
            if what == BACK:
                self.back()
            else:
                self._pages[-1].press(what)
        except _FAILURES:
            self.over = True  # the code screen says what is the matter

    def back(self):
        """Leave the page on top; from the first one the menu ends."""
        if self._pages[-1].is_left():
            self._pages.pop()
        self.over = not self._pages

    def close(self):
        """Give back what was kept for the menu."""
        self.over = True
        self.words.keep(False)

    def paint(self):
        """Draw the page on top. A vault that was locked or wiped meanwhile ends the menu."""
        if self.vault.state != self._state:
            self.over = True
        if self.over:
            return
        try:
            tick = time.ticks_diff(time.ticks_ms(), self._since) // 1000
            self._pages[-1].paint(self.canvas, tick)
        except _FAILURES:
            self.over = True

    def work(self, steps):
        """Go through a generator while the menu is open; others run between its steps."""
        asyncio.create_task(self._work(steps))

    async def _work(self, steps):
        try:
            for _ in steps:
                if self.over:
                    return
                await asyncio.sleep_ms(0)
        except _FAILURES:
            self.over = True
        self._changed.set()


class Page:
    """Rows, one of which the cursor is at, and one more that leads back: one button is enough."""

    title = ""

    def __init__(self, menu):
        self.menu = menu
        self.at = 0

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

    def press(self, what):
        """NEXT, PREVIOUS or CHOOSE."""
        count = self.count()
        if what == CHOOSE:
            if self.at >= count:
                self.menu.back()
            else:
                self.chosen(self.at)
        else:
            self.at = (self.at + (1 if what == NEXT else -1)) % (count + 1)

    def paint(self, canvas, tick):
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

    def paint(self, canvas, tick):
        listing.message(canvas, self.title, self._lines, tick)

    def press(self, what):
        self.menu.back()
