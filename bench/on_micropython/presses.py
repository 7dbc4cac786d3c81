"""Presses from the code screen to each account through the menu's search, the first one included.

With the real menu on a panel that nobody reads, and a vault that has names only.
"""

# pyright: reportAttributeAccessIssue=false, reportMissingImports=false

import asyncio
import json

from otpcore.account import Account
from tokenfw.display.canvas import Canvas
from tokenfw.drivers.ssd1306 import SSD1306
from tokenfw.ui.menu import BACK, CHOOSE, NEXT, PREVIOUS, Menu
from tokenfw.ui.words import Words
from tokenfw.vault.states import READY

COUNTS = (10, 100, 1000)
OPENS = 1  # a double press, or a long one of the second button
TO_FIND = (NEXT, CHOOSE)
TWO_BUTTONS = (NEXT,), (CHOOSE,), (PREVIOUS,)
ONE_BUTTON = (CHOOSE,), (NEXT, CHOOSE), (NEXT, NEXT, CHOOSE)


class Bus:
    def writeto(self, address, data):
        pass


class Vault:
    state = READY

    def __init__(self, count):
        self._count = count

    def count(self):
        return self._count

    def id_at(self, place):
        return place + 1

    def get(self, number):
        return Account(f"Issuer {number * 7919 % 9973}", "alice@example.com", b"x" * 20)

    def setting(self, name, default=None):
        return default


class Carousel:
    def __init__(self):
        self.selected = None

    def favourites(self):
        return []

    def select(self, number):
        self.selected = number


def searched(count, buttons):
    """Return presses to each account by its id."""
    vault, carousel = Vault(count), Carousel()
    canvas, words = Canvas(SSD1306(Bus())), Words(vault.setting)
    menu = Menu(canvas, carousel, vault, None, words, {}, asyncio.Event(), buttons)
    menu.work = lambda steps: [None for _ in steps]  # at once
    for each in TO_FIND:
        menu.press(each)
    presses = {}
    _search(menu, ONE_BUTTON if buttons == 1 else TWO_BUTTONS, OPENS + len(TO_FIND), presses)
    return presses


def _search(menu, choices, so_far, presses):
    """Take each part of what the search shows, and go back again."""
    page = menu._pages[-1]
    for choice in choices[: page.count()]:
        menu.carousel.selected, page.at = None, 0
        for each in choice:
            menu.press(each)
        if menu.over:
            presses[menu.carousel.selected] = so_far + len(choice)
            menu.over = False
        else:
            _search(menu, choices, so_far + len(choice), presses)
            menu.press(BACK)


def main():
    found = []
    for buttons in (2, 1):
        for count in COUNTS:
            presses = searched(count, buttons)
            assert len(presses) == count
            found.append((buttons, count, max(presses.values())))
    print(json.dumps(found))


main()
