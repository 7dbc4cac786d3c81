"""The pages of accounts: the list, and the favourites."""

from otpcore.errors import VaultDamaged, WireError
from otpcore.settings import FAVOURITES
from tokenfw.ui.menu import listing
from tokenfw.ui.menu.page import Note, Page
from tokenfw.ui.screens.names import in_order

_FAVOURITES = 8  # at most
_KEEP = 8  # names to cache: more than a screen shows


class Accounts(Page):
    """All accounts: the favourites, then the others in the token's order."""

    key = "menu_accounts"

    def __init__(self, menu):
        Page.__init__(self, menu)
        self.title = menu.words(self.key)
        self._count = menu.vault.count()
        self._names = {}
        self._first = menu.selection.favourites()
        self._favourites = self._first

    def count(self):
        return self._count

    def row(self, index):
        return " ".join(self.names(self._id(index)))

    def mark(self, index):
        return listing.FAVOURITE if self._id(index) in self._favourites else None

    def _id(self, index):
        """Return the id of the account in a row."""
        vault = self.menu.vault
        if index < len(self._first):
            return self._first[index]
        index -= len(self._first)
        for each in sorted(vault.position(account_id) for account_id in self._first):
            if each <= index:
                index += 1
        return vault.id_at(index)

    def names(self, account_id):
        """Return a list of the non-empty names of an account, cached."""
        names = self._names.get(account_id)
        if names is None:
            if len(self._names) >= _KEEP:
                self._names.clear()
            names = self._names[account_id] = names_of(self.menu, account_id)
        return names

    def chosen(self, index):
        go_to(self.menu, self._id(index))


class Favourites(Accounts):
    """All accounts, to mark and unmark favourites."""

    key = "menu_favourites"

    def chosen(self, index):
        account_id = self._id(index)
        self._favourites = self.menu.selection.favourites()  # a computer may have marked another
        marked = [each for each in self._favourites if each != account_id]
        if len(marked) == len(self._favourites):
            if len(marked) >= _FAVOURITES:
                self.menu.open(Note(self.menu, "favourites_full", _FAVOURITES))
                return
            marked.append(account_id)
        try:
            self.menu.vault.set_setting(FAVOURITES, marked)
        except WireError:
            self.menu.open(Note(self.menu, "not_saved"))
        else:
            self._favourites = marked  # rows keep their places while the page is open


def names_of(menu, account_id):
    """Return a list of the non-empty names of an account, or that it is damaged."""
    try:
        account = menu.vault.get(account_id)
    except VaultDamaged:
        return menu.words.rows("damaged")[:1]
    return in_order(account.issuer, account.name)


def go_to(menu, account_id):
    """Select an account, and close the menu."""
    menu.selection.select(account_id)
    menu.close()


def page(key, menu):
    """Return the page `accounts` or `favourites`."""
    return {"accounts": Accounts, "favourites": Favourites}[key](menu)
