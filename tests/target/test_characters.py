# heap: 2M
"""Of the characters that names have, none stays in memory: MicroPython would keep each for ever.

Runs on MicroPython, from the root of the repository.
"""

import gc
import unittest

import framebuf

from otpcore.account import Account
from otpcore.characters import characters
from tokenfw.display.canvas import Canvas
from tokenfw.ui.menu.find import Find
from tokenfw.ui.screens import groups, lines, static

EACH = 16  # characters of a name
SOME = range(0x4E00, 0x4E00 + 512 * EACH, EACH)  # of the Chinese ones, in names
KEPT = 2048  # bytes: the names of what is done here, and a frame or two; all would take 100 KB


class Panel:
    width, height = 128, 64

    def __init__(self):
        self.buffer = bytearray(1024)
        self.framebuf = framebuf.FrameBuffer(self.buffer, 128, 64, framebuf.MONO_VLSB)


def name(first):
    data = b"".join(
        bytes((0xE0 | code >> 12, 0x80 | code >> 6 & 0x3F, 0x80 | code & 0x3F))
        for code in range(first, first + EACH)
    )
    return data.decode()


class TestCharacters(unittest.TestCase):
    def kept(self, use, some=SOME):
        use(name(0x3400))  # loads what it needs
        gc.collect()
        before = gc.mem_alloc()
        for first in some:
            use(name(first))
        gc.collect()
        return gc.mem_alloc() - before

    def test_they_are_all_there(self):
        for text in ("", "a", "Zoë", "中あ한", "a\u0301🔑"):
            self.assertEqual("".join(characters(text)), text)
            self.assertEqual(len(list(characters(text))), len(text))

    def test_none_stays_when_an_account_is_made(self):
        made = lambda text: Account(text, text, b"12345678901234567890")  # noqa: E731
        self.assertTrue(self.kept(made) < KEPT)

    def test_none_stays_when_names_are_shown(self):
        canvas = Canvas(Panel())

        def show(text):
            canvas.text(lines.window(text, 0), 0, 0)
            canvas.text(lines.composed(text + "e\u0301")[:16], 0, 12)
            canvas.centred(text, 24)
            canvas.code(groups.groups(text), 24)
            lines.wrap(text)

        self.assertTrue(self.kept(show) < KEPT)

    def test_none_stays_when_a_static_text_is_shown(self):
        canvas = Canvas(Panel())
        words = Words()
        self.assertTrue(
            self.kept(lambda text: static.draw(canvas, words, [], text, 0, 9, 9)) < KEPT
        )

    def test_none_stays_when_accounts_are_searched_for(self):
        canvas = Canvas(Panel())
        self.assertTrue(self.kept(lambda text: Find(Menu(text)).draw(canvas, 0), SOME[:128]) < KEPT)


class Menu:
    """The menu of a token whose accounts have names that begin alike."""

    buttons = 2

    def __init__(self, text):
        self.accounts = [Account(text, "%s %d" % (text, each), b"x" * 20) for each in range(4)]
        self.vault = self.selection = self
        self.words = Words()

    def work(self, steps):
        for _ in steps:
            pass

    def favourites(self):
        return []

    def count(self):
        return len(self.accounts)

    def id_at(self, position):
        return position

    def get(self, number):
        return self.accounts[number]


class Words:
    def __call__(self, name):
        return name

    def rows(self, name):
        return ("1", "2", "3")


if __name__ == "__main__":
    import sys

    sys.exit(not unittest.main().wasSuccessful())
