"""The first page of the menu."""

from tokenfw.system import on_demand
from tokenfw.ui.menu.page import Page
from tokenfw.vault.states import READY

_ACCOUNTS = ("accounts", "find", "favourites", "order", "next_code", "lock_after")
_SETTINGS = ("brightness", "flipped", "language", "dark_after", "help", "about")
_MODULES = {  # of the pages that are not settings
    "accounts": "tokenfw.ui.menu.accounts",
    "find": "tokenfw.ui.menu.find",
    "favourites": "tokenfw.ui.menu.accounts",
    "help": "tokenfw.ui.menu.texts",
    "about": "tokenfw.ui.menu.texts",
}


class Top(Page):
    """The rows about accounts, and about locking, are left out unless the vault is open."""

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

    def row(self, index):
        return self.menu.words("menu_" + self._keys[index])

    def chosen(self, index):
        key = self._keys[index]
        pages = on_demand.load(_MODULES.get(key, "tokenfw.ui.menu.settings"))
        self.menu.open(pages.page(key, self.menu))
