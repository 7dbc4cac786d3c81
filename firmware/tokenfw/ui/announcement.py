"""What a development build says on its screen each time it lights up, before the first code.

It takes the carousel's place and passes everything on to it. The notice stands for two
seconds, four on a low panel, or until a press.
"""

import time

from tokenfw.ui.screens import message

_STANDS_MS = 2000
_NOTICE = ["The REPL is open", "Not for real accounts"]


class Announced:
    """The carousel (all that the interface asks of one) behind a notice."""

    def __init__(self, canvas, carousel):
        self._canvas = canvas
        self._carousel = carousel
        self._due = True
        self._painted = None  # ticks_ms at which the notice came to the screen

    def appear(self):
        """The screen lights up."""
        self._due, self._painted = True, None
        self._carousel.appear()

    def disappear(self):
        """The screen goes dark."""
        self._carousel.disappear()

    def turn(self, by):
        """Go on: from the notice to the account on the screen, then to the next one."""
        if self._due:
            self._due = False
            self._carousel.appear()
        else:
            self._carousel.turn(by)

    def select(self, number):
        """Go to an account that was chosen."""
        self._due = False
        self._carousel.select(number)

    def make_code(self):
        """Make or show the next code, unless the notice hides for which account."""
        if not self._due:
            self._carousel.make_code()

    def reveal(self):
        """Show a static text, unless the notice hides whose."""
        if not self._due:
            self._carousel.reveal()

    def hide(self):
        """Show a static text no longer."""
        self._carousel.hide()

    @property
    def counts(self):
        """Whether what was drawn last is to be looked at again soon."""
        return self._due or self._carousel.counts

    @property
    def code_ends(self):
        """As the carousel's, unless the notice stands."""
        return not self._due and self._carousel.code_ends

    def next_code(self):
        """Draw the code that is about to come, unless the notice stands."""
        return None if self._due else self._carousel.next_code()

    def paint(self):
        """Draw the notice, and what it announces when it has stood."""
        if self._due:
            now = time.ticks_ms()
            if self._painted is None:
                self._painted = now
            stood = time.ticks_diff(now, self._painted)
            if stood < _STANDS_MS * (2 if self._canvas.low else 1):  # its lines take turns there
                message.draw(self._canvas, "DEVELOPMENT", _NOTICE, stood // 1000)
                return
            self._due = False
            self._carousel.appear()  # names begin to scroll now
        self._carousel.paint()
