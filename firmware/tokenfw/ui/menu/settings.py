"""The pages of the settings: each lists the values of a setting."""

from otpcore.errors import WireError
from otpcore.settings import (
    BRIGHTNESS,
    DARK_AFTER,
    FIXED,
    FLIPPED,
    LANGUAGE,
    LOCK_AFTER,
    NEXT_CODE,
    ORDER,
    USED,
)
from tokenfw.ui.menu import listing
from tokenfw.ui.menu.page import Note, Page
from tokenfw.ui.words import LANGUAGES, load

# row of the menu, named as the setting's constant: the setting, and its values that it offers
CHOICES = {
    "brightness": (BRIGHTNESS, (1, 2, 3, 4)),
    "flipped": (FLIPPED, (False, True)),
    "language": (LANGUAGE, LANGUAGES),
    "dark_after": (DARK_AFTER, (15, 30, 60)),
    "lock_after": (LOCK_AFTER, (60, 300, 900, 3600)),
    "order": (ORDER, (FIXED, USED)),
    "next_code": (NEXT_CODE, (0, 5, 10)),
}


class Setting(Page):
    """The page of one setting. A choice is stored and takes effect at once."""

    def __init__(self, menu, key):
        Page.__init__(self, menu)
        self._key = key
        self._setting, self._values = CHOICES[key]
        self._value = menu.vault.setting(self._setting)
        self._names = None
        if key == "language":
            self._value = menu.words.language()
            self._names = [load(code).NAME for code in LANGUAGES]
        if self._value in self._values:
            self.at = self._values.index(self._value)

    @property
    def title(self):
        return self.menu.words("menu_" + self._key)

    def count(self):
        return len(self._values)

    def row(self, index):
        value = self._values[index]
        if self._names is not None:
            return self._names[index]
        if self._key in ("dark_after", "lock_after"):
            words = self.menu.words
            return words("seconds") % value if value < 100 else words("minutes") % (value // 60)
        return self.menu.words.rows("values_" + self._key)[index]

    def mark(self, index):
        return listing.SET if self._values[index] == self._value else None

    def chosen(self, index):
        value = self._values[index]
        self.menu.back()
        if value == self.menu.vault.setting(self._setting):
            return
        if self._key == "lock_after" and value > self._value:  # that weakens the protection
            title, *lines = self.menu.words.rows("lock_after", value)
            self.menu.dialogs.begin(title, lines, lambda: self._set(value))
        else:
            self._set(value)

    def _set(self, value):
        try:
            self.menu.vault.set_setting(self._setting, value)
        except WireError:
            if not self.menu.over:
                self.menu.open(Note(self.menu, "not_saved"))


def page(key, menu):
    """Return the page of a setting."""
    return Setting(menu, key)
