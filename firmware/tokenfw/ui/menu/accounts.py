"""The pages of accounts: a list, a search by where a name lies among all, the favourites."""

from array import array

from otpcore.errors import VaultDamaged, WireError
from otpcore.settings import FAVOURITES
from tokenfw.ui.menu import Note, Page, listing
from tokenfw.ui.screens.lines import window

_FAVOURITES = 8  # at most
_KEEP = 8  # names: more than a screen shows
_PARTS = 3
_SOME = 300  # accounts, of which so many letters are compared; of more half as many
_LETTERS = 16


class Accounts(Page):
    """All accounts: the favourites, then the others in the token's order."""

    key = "menu_accounts"

    def __init__(self, menu):
        Page.__init__(self, menu)
        self.title = menu.words(self.key)
        self._count = menu.vault.count()
        self._names = {}
        self._first = menu.carousel.favourites()
        self._favourites = self._first

    def count(self):
        return self._count

    def row(self, place):
        return " ".join(self.names(self._id(place)))

    def mark(self, place):
        return listing.FAVOURITE if self._id(place) in self._favourites else None

    def _id(self, place):
        """Return the id of the account in a row."""
        vault = self.menu.vault
        if place < len(self._first):
            return self._first[place]
        place -= len(self._first)
        for each in sorted(vault.place(number) for number in self._first):
            if each <= place:
                place += 1
        return vault.id_at(place)

    def names(self, number):
        """Return the names of an account that there are."""
        names = self._names.get(number)
        if names is None:
            if len(self._names) >= _KEEP:
                self._names.clear()
            names = self._names[number] = _names(self.menu, number)
        return names

    def chosen(self, place):
        _go_to(self.menu, self._id(place))


class Favourites(Accounts):
    """All accounts, to mark those that come first, or to take the mark away."""

    key = "menu_favourites"

    def chosen(self, place):
        number = self._id(place)
        marked = [each for each in self._favourites if each != number]
        if len(marked) == len(self._favourites):
            if len(marked) >= _FAVOURITES:
                self.menu.open(Note(self.menu, "favourites_full", _FAVOURITES))
                return
            marked.append(number)
        try:
            self.menu.vault.set_setting(FAVOURITES, marked)
        except WireError:
            self.menu.open(Note(self.menu, "not_saved"))
        else:
            self._favourites = marked  # the rows stay where they are while one looks at them


class Find(Accounts):
    """Accounts by name, in three parts again and again, until one is left.

    With two buttons a press takes a part: short the first, long the second, the second
    button the third. So any of 100 is five presses away.
    """

    key = "menu_find"

    def __init__(self, menu):
        Accounts.__init__(self, menu)
        self._two = menu.buttons > 1
        self._sorted = array("H")
        self._levels = [(0, self._count)]
        menu.work(self._sort())

    def _sort(self):
        """Sort by the beginnings of names, as they are read."""
        width = _LETTERS if self._count <= _SOME else _LETTERS // 2
        keys = bytearray()
        for place in range(self._count):
            number = self.menu.vault.id_at(place)
            name = " ".join(_names(self.menu, number)).lower().encode()
            key = bytearray(width)
            key[: min(width, len(name))] = name[:width]
            low, high = 0, len(self._sorted)
            while low < high:
                middle = (low + high) // 2
                if keys[middle * width : middle * width + width] > key:
                    high = middle
                else:
                    low = middle + 1
            keys[low * width : low * width] = key
            self._sorted[low:low] = array("H", (number,))
            yield

    def _is_sorted(self):
        return len(self._sorted) == self._count

    def _cuts(self):
        """Return where the parts begin, and where the last one ends."""
        low, high = self._levels[-1]
        parts = min(_PARTS, high - low)
        return [low + (high - low) * part // parts for part in range(parts + 1)]

    def count(self):
        return len(self._cuts()) - 1 if self._is_sorted() else 0

    def row(self, place):
        return self._part(place, listing.TEXT)

    def mark(self, place):
        return None

    def _part(self, place, columns):
        """Return the name of a part: of its one account, or of its first and its last one."""
        cuts = self._cuts()
        first, last = self._name(cuts[place]), self._name(cuts[place + 1] - 1)
        if cuts[place + 1] - cuts[place] == 1:
            return first
        skip = _alike(self._name(cuts[0]), self._name(cuts[-1] - 1))
        skip = skip if skip > 3 else 0  # what all of them begin with tells nothing
        size = (columns - 1) // 2
        first, last = first[skip:][:size].strip(), last[skip:][:size].strip()
        return first if first == last else first + "-" + last

    def _name(self, place):
        return " ".join(self.names(self._sorted[place]))

    def press(self, what):
        if not self._two:
            Page.press(self, what)
        elif what < self.count():
            self.chosen(what)

    def chosen(self, place):
        cuts = self._cuts()
        low, high = cuts[place], cuts[place + 1]
        if high - low == 1:
            _go_to(self.menu, self._sorted[low])
        else:
            self._levels.append((low, high))
            self.at = 0

    def is_left(self):
        """Go back to the part before, if there is one; tell whether the page is to be left."""
        self._levels.pop()
        self.at = 0
        return not self._levels

    def paint(self, canvas, tick):
        if not self._is_sorted():
            listing.draw(canvas, self.title, [(self.menu.words("reading"), None)], 0, 0, 1, tick)
        elif self._two:
            keys = self.menu.words.rows("find_keys")
            columns = listing.TEXT if not canvas.low else 15 - max(len(key) for key in keys)
            parts = [window(self._part(n, columns), tick, columns) for n in range(self.count())]
            listing.draw_keys(canvas, self.title, parts, keys, tick)
        else:
            Page.paint(self, canvas, tick)


def _names(menu, number):
    try:
        account = menu.vault.get(number)
    except VaultDamaged:
        return menu.words.rows("damaged")[:1]
    return [name for name in (account.issuer, account.name) if name]


def _alike(one, other):
    """Return how many letters two texts have in common at their beginning."""
    size = min(len(one), len(other))
    for place in range(size):
        if one[place] != other[place]:
            return place
    return size


def _go_to(menu, number):
    menu.carousel.select(number)
    menu.over = True


def page(key, menu):
    """Return the page `accounts`, `find` or `favourites`."""
    return {"accounts": Accounts, "find": Find, "favourites": Favourites}[key](menu)
