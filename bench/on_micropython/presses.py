"""Presses from the code screen to each account by the menu's search, including the first one.

With the real menu, without painting, and a vault that has names only.
"""

import json

import stacks

from otpcore.account import Account
from tokenfw.drivers.button import LONG, SHORT
from tokenfw.ui.menu import Menu
from tokenfw.ui.words import Words
from tokenfw.vault.states import READY

COUNTS = (10, 100, 1000)
OPENS = 1  # a double press, or a long one of the second button
NEXT, CHOOSE, PREVIOUS, BACK = (SHORT, 0), (LONG, 0), (SHORT, 1), (LONG, 1)
TO_FIND = (NEXT, CHOOSE)
TWO_BUTTONS = (NEXT,), (CHOOSE,), (PREVIOUS,)
ONE_BUTTON = (CHOOSE,), (NEXT, CHOOSE), (NEXT, NEXT, CHOOSE)


class Vault:
    state = READY

    def __init__(self, count):
        self._count = count

    def count(self):
        return self._count

    def id_at(self, position):
        return position + 1

    def get(self, number):
        return Account(f"Issuer {number * 7919 % 9973}", "alice@example.com", b"x" * 20)

    def setting(self, name, default=None):
        return default


class Selection:
    def __init__(self):
        self.account_id: int | None = None

    def favourites(self):
        return []

    def select(self, account_id):
        self.account_id = account_id


def searched(count, buttons):
    """Return the presses to each account, by its id."""
    vault, selection, stack = Vault(count), Selection(), stacks.bare()
    menu = Menu(stack, selection, vault, None, Words(vault.setting), {}, buttons)
    menu.work = list  # at once  # pyrefly: ignore[bad-assignment]
    menu.close = lambda: None  # stays open after an account is found
    for each in TO_FIND:
        stack.top.press(*each)
    presses = {}
    choices = ONE_BUTTON if buttons == 1 else TWO_BUTTONS
    _search(stack.top, selection, choices, OPENS + len(TO_FIND), presses)
    return presses


def _search(page, selection, choices, so_far, presses):
    """Choose each part that the search shows, recursively, and go back again."""
    for choice in choices[: page.count()]:
        selection.account_id, page.at = None, 0
        for each in choice:
            page.press(*each)
        if selection.account_id is not None:
            presses[selection.account_id] = so_far + len(choice)
        else:
            _search(page, selection, choices, so_far + len(choice), presses)
            page.press(*BACK)


def main():
    found = []
    for buttons in (2, 1):
        for count in COUNTS:
            presses = searched(count, buttons)
            assert len(presses) == count
            found.append((buttons, count, max(presses.values())))
    print(json.dumps(found))


main()
