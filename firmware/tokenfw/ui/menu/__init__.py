"""The menu: its pages, each a screen on the stack, and what they work with.

In memory only while it is open: nothing else imports it for longer. It closes when something
cannot be carried out, when a question comes, and when the panel goes dark.
"""

import asyncio
import gc
import time

from tokenfw.system import on_demand
from tokenfw.ui.menu.page import FAILURES
from tokenfw.ui.menu.top import Top


class Menu:
    """What its pages work with; `buttons` is how many there are, `identity` the token's hello.

    `over` says that it is closed. `battery` is None where it is not measured.
    `dialogs.begin(title, lines, do)` asks a question that is held for, which closes the menu,
    and then calls `do()`.
    """

    def __init__(
        self, stack, selection, vault, clock, words, identity, buttons, battery=None, dialogs=None
    ):
        self.selection = selection
        self.vault = vault
        self.clock = clock
        self.words = words
        self.identity = identity
        self.buttons = buttons
        self.battery = battery
        self.dialogs = dialogs
        self.over = False
        self._stack = stack
        self._state = vault.state
        self._pages = []
        words.keep(True)
        self.open(Top(self))

    def open(self, page):
        """Put a page on top."""
        self._pages.append(page)
        self._stack.push(page)

    def back(self):
        """Leave the page on top; from the first one the menu ends."""
        page = self._pages[-1]
        if page.is_left():
            self._stack.remove(page)
            if self._pages:
                self._pages[-1].since = time.ticks_ms()

    def close(self):
        """Leave all pages."""
        while self._pages:
            self._stack.remove(self._pages[-1])

    def left(self, page):
        """A page has left the stack; the last one gives back what was kept for the menu."""
        self._pages.remove(page)
        if not self._pages:
            self.over = True
            self.words.keep(False)
            on_demand.forget("tokenfw.ui.menu")
            gc.collect()

    def is_stale(self):
        """Tell whether the vault was locked or wiped meanwhile."""
        return self.vault.state != self._state

    def work(self, steps):
        """Go through a generator while the menu is open; others run between its steps."""
        asyncio.create_task(self._work(steps))

    async def _work(self, steps):
        try:
            for _ in steps:
                if self.over:
                    return
                await asyncio.sleep_ms(0)
        except FAILURES:
            self.close()
        self._stack.changed.set()
