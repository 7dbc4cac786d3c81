"""The stack of screens: the top one is painted, and gets the events of the buttons.

A screen is a Screen: press() takes an event of a button, paint() draws it, pause() returns when
to paint it next. The code screen is at the bottom and never leaves; any other screen, and the
module that draws it, is in memory only while it is on the stack.
"""

import asyncio
import time

from tokenfw.system import on_demand

# Levels: a screen that is pushed goes below those of a higher level.
CODES, NOTICE, PAGE, BATTERY, DIALOG = 0, 1, 2, 3, 4


class Screen:
    """A screen. `level` is its place; pages leave when a screen of a higher level is pushed.

    `since` is the start of its time on the screen (ticks_ms). `drawn_by` is the name of the
    module that draws it, or ""; `picture` is that module while it is on the stack. `consent`
    is the Consent that decides which presses count; None: all that began while it was shown.
    `doubles` is whether two short presses mean something else than twice one. `edge` is the
    second (Unix time) at which the picture changes, which paint() draws ahead if it is given as
    `second`; None if it is not known.

    Codes has the same attributes without this class, which so is not in memory at rest.
    """

    level = DIALOG
    drawn_by = ""
    consent = edge = None
    doubles = False

    def __init__(self):
        self.since = time.ticks_ms()

    def load(self):
        """Load the module that draws it, before it is pushed. Raises MemoryError."""
        if self.drawn_by:
            self.picture = on_demand.load(self.drawn_by)  # until tidy(): the next may want it

    def press(self, event, number):
        """Handle an event of drivers.button other than DOWN, of the button with this number."""

    def paint(self, canvas, tick, second=None):
        """Draw it, or leave the stack. `tick` is the seconds since `since`."""

    def pause(self):
        """Return how many ms the picture stays as it is, if nothing happens."""
        return 1000

    def left(self):
        """Drop, once off the stack, what load() loaded: others may still keep the screen."""
        if self.drawn_by:
            del self.picture


class Stack:
    """`screens`, from the bottom up, and the `top` one.

    `changed` is an Event that is set when there is something new to show; `hands` is the Hands.
    """

    def __init__(self, hands):
        self.hands = hands
        self.changed = asyncio.Event()
        self.screens = []
        self.top = None

    def push(self, screen):
        """Put a screen above all others of its level; raise MemoryError if it cannot be loaded."""
        screen.load()
        if screen.level > PAGE:
            self._remove_all(PAGE, PAGE)
        at = len(self.screens)
        while self.screens[at - 1].level > screen.level:
            at -= 1
        self.screens.insert(at, screen)
        self._settle()

    def remove(self, screen):
        """Remove a screen, if it is on the stack."""
        if screen in self.screens:
            self.screens.remove(screen)
            self._settle()
            screen.left()

    def uncover(self):
        """Remove notices and pages, which do not survive going dark."""
        self._remove_all(NOTICE, PAGE)

    def _remove_all(self, lowest, highest):
        for each in self.screens[:]:
            if lowest <= each.level <= highest:
                self.remove(each)

    def _settle(self):
        self.top = self.screens[-1]
        self.changed.set()
