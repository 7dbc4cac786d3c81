"""The screens, one above the other: the top one is painted, and gets what the buttons do.

A screen is a Screen: press() takes an event of a button, paint() draws it, pause() says when
it must be painted next. The codes lie at the bottom and never leave; the rest is in memory
only while it lies on the stack, and so is the module that draws it.
"""

import asyncio
import time

from tokenfw.system import on_demand

# Levels: what is pushed lies below what has a higher one.
CODES, NOTICE, PAGE, BATTERY, DIALOG = 0, 1, 2, 3, 4


class Screen:
    """`level` says where it lies; a page leaves when something above pages comes.

    `since` is when its seconds began to count (ticks_ms). `drawn_by` names the module that
    draws it, if it has one of its own: `picture` is that while it lies on the stack.
    `consent` says which presses count, None that all do which began while it was seen.
    `doubles` says that two short presses are more than twice one. `edge` is the second from
    which on another picture holds, which paint() draws when that is given as `second`; None
    where none is known.

    The codes have all of that themselves: so this class is in memory only with the others.
    """

    level = DIALOG
    drawn_by = ""
    consent = edge = None
    doubles = False

    def __init__(self):
        self.since = time.ticks_ms()

    def load(self):
        """It comes to the stack: load what draws it. MemoryError."""
        if self.drawn_by:
            self.picture = on_demand.load(self.drawn_by)  # until tidy(): the next may want it

    def press(self, event, number):
        """Take an event of drivers.button, but DOWN, from the button with this number."""

    def paint(self, canvas, tick, second=None):
        """Draw it, or leave the stack. `tick` counts the seconds from `since` on."""

    def pause(self):
        """Return how many ms the picture stays as it is, if nothing happens."""
        return 1000

    def left(self):
        """It has left the stack: let go of what load() loaded, whoever still knows the screen."""
        if self.drawn_by:
            del self.picture


class Stack:
    """`top` is the top one of `screens`; `changed` is set when there is something new to show.

    `hands` are the Hands on the buttons.
    """

    def __init__(self, hands):
        self.hands = hands
        self.changed = asyncio.Event()
        self.screens = []
        self.top = None

    def push(self, screen):
        """Put a screen above all of its level; MemoryError when it cannot be loaded."""
        screen.load()
        if screen.level > PAGE:
            self._remove_all(PAGE, PAGE)
        at = len(self.screens)
        while self.screens[at - 1].level > screen.level:
            at -= 1
        self.screens.insert(at, screen)
        self._settle()

    def remove(self, screen):
        """Take a screen away, if it is there."""
        if screen in self.screens:
            self.screens.remove(screen)
            self._settle()
            screen.left()

    def uncover(self):
        """Take away what a dark panel does not keep."""
        self._remove_all(NOTICE, PAGE)

    def _remove_all(self, lowest, highest):
        for each in self.screens[:]:
            if lowest <= each.level <= highest:
                self.remove(each)

    def _settle(self):
        self.top = self.screens[-1]
        self.changed.set()
