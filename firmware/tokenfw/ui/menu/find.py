"""The page that finds an account by its place in alphabetical order."""

from array import array

from tokenfw.ui.menu import listing
from tokenfw.ui.menu.accounts import Accounts, go_to, names_of
from tokenfw.ui.screens.lines import window

_PARTS = 3
_SOME = 300  # accounts up to which names are sorted by _LETTERS bytes, else by half as many
_LETTERS = 16


class Find(Accounts):
    """Divides the accounts, by name, into three parts repeatedly, until one account is left.

    With two buttons one press chooses a part: a short press the first, a long one the second,
    the second button the third. So any of 100 accounts is five presses away. Each part is shown
    next to the press that chooses it.
    """

    key = "menu_find"

    def __init__(self, menu):
        Accounts.__init__(self, menu)
        self._two = menu.buttons > 1
        self._sorted = array("H")
        self._levels = [(0, self._count)]
        menu.work(self._sort())

    def _sort(self):
        """Read the names, and sort by their beginnings; yields after each."""
        width = _LETTERS if self._count <= _SOME else _LETTERS // 2
        keys = bytearray()
        for index in range(self._count):
            account_id = self.menu.vault.id_at(index)
            name = " ".join(names_of(self.menu, account_id)).lower().encode()
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
            self._sorted[low:low] = array("H", (account_id,))
            yield

    def _is_sorted(self):
        return len(self._sorted) == self._count

    def _cuts(self):
        """Return a list of where the parts begin, and where the last one ends."""
        low, high = self._levels[-1]
        parts = min(_PARTS, high - low)
        return [low + (high - low) * part // parts for part in range(parts + 1)]

    def count(self):
        return len(self._cuts()) - 1 if self._is_sorted() else 0

    def row(self, index):
        return self._part(index, listing.TEXT)

    def mark(self, index):
        return None

    def _part(self, index, columns):
        """Return the text of a part in one row: its only account, or its first and last one.

        If the beginnings of these are equal, it is their common beginning.
        """
        first, last = self._ends(index)
        if last is None:
            return first
        size = (columns - 1) // 2
        if first[:size] != last[:size]:
            return first[:size].strip() + "-" + last[:size].strip()
        return first[: min(_alike(first, last), columns - 3)].strip() + "..."

    def _ends(self, index):
        """Return the first and the last name of a part; (name, None) if it has one account.

        A beginning that the names of all parts have in common is left out.
        """
        cuts = self._cuts()
        low, high = cuts[index], cuts[index + 1]
        if high - low == 1:
            return self._name(low), None
        skip = _alike(self._name(cuts[0]), self._name(cuts[-1] - 1))
        skip = skip if skip > 3 else 0
        return self._name(low)[skip:].strip(), self._name(high - 1)[skip:].strip()

    def _two_rows(self, index):
        """Return a part as two rows: the names of its only account, or its first and last name."""
        first, last = self._ends(index)
        if last is not None:
            return first, "-" + last
        names = self.names(self._sorted[self._cuts()[index]])
        return names[0], names[1] if len(names) > 1 else ""

    def _name(self, index):
        return " ".join(self.names(self._sorted[index]))

    def act(self, what):
        if not self._two:
            Accounts.act(self, what)
        elif what < self.count():
            self.chosen(what)

    def chosen(self, index):
        cuts = self._cuts()
        low, high = cuts[index], cuts[index + 1]
        if high - low == 1:
            go_to(self.menu, self._sorted[low])
        else:
            self._levels.append((low, high))
            self.at = 0

    def is_left(self):
        """Go back to the part before, if there is one; return whether to leave the page."""
        self._levels.pop()
        self.at = 0
        return not self._levels

    def draw(self, canvas, tick):
        if not self._is_sorted():
            listing.draw(canvas, self.title, [(self.menu.words("reading"), None)], -1, 0, 1, tick)
        elif self._two:
            keys = self.menu.words.rows("find_keys")
            parts = range(self.count())
            if canvas.low:
                columns = listing.beside(keys)
                rows = [(window(self._part(part, columns), tick, columns),) for part in parts]
            else:
                rows = [self._two_rows(part) for part in parts]
            listing.draw_keys(canvas, self.title, rows, keys, tick)
        else:
            Accounts.draw(self, canvas, tick)


def _alike(one, other):
    """Return the length of the common beginning of two texts."""
    size = min(len(one), len(other))
    for index in range(size):
        if one[index : index + 1] != other[index : index + 1]:  # see otpcore/characters.py
            return index
    return size


def page(key, menu):
    """Return the page."""
    return Find(menu)
