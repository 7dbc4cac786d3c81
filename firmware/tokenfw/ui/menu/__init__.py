"""The menu: its pages, each a screen on the stack, and what they work with.

In memory only while it is open. It closes when something cannot be carried out, when a question
is asked, and when the panel goes dark.
"""

import asyncio
import gc
import time

from tokenfw.system import on_demand
from tokenfw.ui.menu.page import FAILURES
from tokenfw.ui.menu.top import Top


class Menu:
    """The menu, and the collaborators of its pages.

    `buttons` is the number of buttons, `identity` the dict for hello, `battery` a Battery or
    None. `over` is True once it is closed. `dialogs.begin(title, lines, do)` asks a question
    that needs a hold, which closes the menu, and then calls `do()`.
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
        """Leave the page on top; leaving the first one closes the menu."""
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
        """Note that a page has left the stack; after the last one unload the menu."""
        self._pages.remove(page)
        if not self._pages:
            self.over = True
            self.words.keep(False)
            on_demand.forget("tokenfw.ui.menu")
            gc.collect()

    def is_stale(self):
        """Return whether the vault's state has changed since the menu was opened."""
        return self.vault.state != self._state

    def work(self, steps):
        """Run a generator while the menu is open; other tasks run between its steps."""
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
