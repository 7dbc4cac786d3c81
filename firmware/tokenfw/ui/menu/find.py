"""The page that finds an account by where its name lies among all of them."""

from array import array

from tokenfw.ui.menu import listing
from tokenfw.ui.menu.accounts import Accounts, go_to, names_of
from tokenfw.ui.screens.lines import window

_PARTS = 3
_SOME = 300  # accounts, of which so many letters are compared; of more half as many
_LETTERS = 16


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
            name = " ".join(names_of(self.menu, number)).lower().encode()
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

    def act(self, what):
        if not self._two:
            Accounts.act(self, what)
        elif what < self.count():
            self.chosen(what)

    def chosen(self, place):
        cuts = self._cuts()
        low, high = cuts[place], cuts[place + 1]
        if high - low == 1:
            go_to(self.menu, self._sorted[low])
        else:
            self._levels.append((low, high))
            self.at = 0

    def is_left(self):
        """Go back to the part before, if there is one; tell whether the page is to be left."""
        self._levels.pop()
        self.at = 0
        return not self._levels

    def draw(self, canvas, tick):
        if not self._is_sorted():
            listing.draw(canvas, self.title, [(self.menu.words("reading"), None)], 0, 0, 1, tick)
        elif self._two:
            keys = self.menu.words.rows("find_keys")
            columns = listing.TEXT if not canvas.low else 15 - max(len(key) for key in keys)
            parts = [window(self._part(n, columns), tick, columns) for n in range(self.count())]
            listing.draw_keys(canvas, self.title, parts, keys, tick)
        else:
            Accounts.draw(self, canvas, tick)


def _alike(one, other):
    """Return how many letters two texts have in common at their beginning."""
    size = min(len(one), len(other))
    for place in range(size):
        if one[place] != other[place]:
            return place
    return size


def page(key, menu):
    """Return the page."""
    return Find(menu)
