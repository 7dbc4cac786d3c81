"""The pages that only say something: what the buttons do, and what this token is."""

from otpcore.errors import ClockFault, TimeUnknown, reason
from tokenfw.ui.menu import Page


class Text(Page):
    """Rows to read; each leads back."""

    def __init__(self, menu, title, rows):
        Page.__init__(self, menu)
        self.title = title
        self._rows = rows

    def count(self):
        return len(self._rows)

    def row(self, place):
        return self._rows[place]


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
