"""The first page of the menu."""

from tokenfw.ui.menu import Page
from tokenfw.vault.states import READY

_ACCOUNTS = ("accounts", "find", "favourites", "order", "ahead", "lock_time")
_SETTINGS = ("brightness", "flip", "language", "auto_off", "help", "about")


class Top(Page):
    """Accounts, and when they are locked, are there only while they may be seen."""

    def __init__(self, menu):
        Page.__init__(self, menu)
        self._keys = _SETTINGS
        if menu.vault.state == READY and menu.vault.count():
            self._keys = _ACCOUNTS + _SETTINGS

    @property
    def title(self):
        return self.menu.words("menu")

    def count(self):
        return len(self._keys)

    def row(self, place):
        return self.menu.words("menu_" + self._keys[place])

    def chosen(self, place):
        key = self._keys[place]
        if key in ("accounts", "favourites"):
            from tokenfw.ui.menu import accounts as pages
        elif key == "find":
            from tokenfw.ui.menu import find as pages
        elif key in ("help", "about"):
            from tokenfw.ui.menu import texts as pages
        else:
            from tokenfw.ui.menu import settings as pages
        self.menu.open(pages.page(key, self.menu))
