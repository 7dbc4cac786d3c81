"""The pages that are only read: help on the buttons, and facts about this token."""

from otpcore.errors import ClockFault, TimeUnknown, reason
from tokenfw.ui.menu import listing
from tokenfw.ui.menu.page import CHOOSE, NEXT, Page
from tokenfw.ui.screens.lines import wrap


class Text(Page):
    """Rows to read; a press scrolls, and only the row that leads back is highlighted.

    `at` is the row at the top. A row that is too long is wrapped.
    """

    def __init__(self, menu, title, rows):
        Page.__init__(self, menu)
        self.title = title
        self._rows = []
        self._room = 1  # rows on the panel
        for row in rows:
            self._rows.extend([row] if len(row) <= listing.TEXT else wrap(row, listing.TEXT))

    def count(self):
        return len(self._rows)

    def row(self, index):
        return self._rows[index]

    def act(self, what):
        last = max(0, self.count() + 1 - self._room)
        if what == CHOOSE:
            self.menu.back()
        elif what == NEXT:
            self.at = 0 if self.at >= last else min(self.at + self._room, last)
        else:
            self.at = last if self.at <= 0 else max(self.at - self._room, 0)

    def draw(self, canvas, tick):
        self._room = listing.room(canvas)
        rows = self._rows + [self.menu.words("back")]
        shown = [(row, None) for row in rows[self.at :][: self._room]]
        back = len(rows) - 1 - self.at
        here = back if back < len(shown) else -1
        listing.draw(canvas, self.title, shown, here, self.at, len(rows), tick)


def page(key, menu):
    """Return the page `help` or `about`."""
    return Text(menu, menu.words("menu_" + key), _about(menu) if key == "about" else _help(menu))


def _help(menu):
    return menu.words.rows("help" if menu.buttons == 1 else "help_two")


def _about(menu):
    words, vault, identity = menu.words, menu.vault, menu.identity
    rows = [
        words("about_firmware") % identity["firmware"],
        words("vault_" + vault.state),
        _pin(words, vault),
        _clock(menu),
        identity["serial"],
        identity["board"],
        "MicroPython " + identity["micropython"],
    ]
    if menu.battery is not None and menu.battery.there:
        rows.insert(4, words("about_battery") % menu.battery.percent())
    if identity["development"]:
        rows.insert(1, "DEVELOPMENT")
    return rows


def _pin(words, vault):
    if not vault.has_pin():
        return words("about_no_pin")
    length = vault.pin_length()
    return words("about_locked_pin") if length is None else words("about_pin") % length


def _clock(menu):
    words = menu.words
    try:
        menu.clock.now()
        return words("clock_counts" if menu.clock.without_chip else "clock_ok")
    except TimeUnknown as error:
        return words("why_" + reason(error))
    except ClockFault:
        return words.rows("clock_fault")[0]
