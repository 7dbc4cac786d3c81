# heap: 1M
"""A static text (an app password) on the screen: nothing of it before a hold, and all of it then.

Runs on MicroPython. make golden renews the pictures; see tests/support/micropython/golden.py.
"""

import sys
import unittest

import golden
import stacks

from otpcore.account import Account, is_shown
from otpcore.errors import Locked
from otpcore.settings import DEFAULTS
from tokenfw.display.canvas import Canvas
from tokenfw.display.large_text import LargeText
from tokenfw.drivers.button import DOUBLE, HOLD, LONG, SHORT
from tokenfw.drivers.ssd1306 import SSD1306
from tokenfw.ui.codes import Codes
from tokenfw.ui.dialogs.consent import Hands
from tokenfw.ui.notice import Notice
from tokenfw.ui.screens import static
from tokenfw.ui.stack import DIALOG, Screen, Stack
from tokenfw.ui.words import Words
from tokenfw.vault.states import READY

TEXT = "hunter2-and-so-forth-until-the-end"
CAPITALS = (
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖØÙÚÛÜÝÞĀĂĄĆĈĊČĎĐĒĔĖĘĚĜĞĠĢĤĦĨĪĬĮİĲĴĶĹĻĽĿŁŃŅŇŊŌŎŐŒ"
    "ŔŖŘŚŜŞŠŢŤŦŨŪŬŮŰŲŴŶŸŹŻŽȘȚ"
)


class Bus:
    def writeto(self, address, data):
        pass


class Vault:
    """Two accounts; settings are none."""

    def __init__(self):
        self.accounts = [
            Account("Example Mail", "alice@example.nl", TEXT.encode(), "static"),
            Account("Example", "alice", b"12345678901234567890", "hotp"),
        ]
        self.locked = False
        self.unseen = self.stranded = False
        self.state = READY

    def count(self):
        return len(self.accounts)

    def id_at(self, position):
        return position + 1

    def position(self, account_id):
        if self.locked:
            raise Locked("locked")
        return account_id - 1

    def get(self, number):
        if self.locked:
            raise Locked("locked")
        return self.accounts[number - 1]

    def setting(self, key):
        return DEFAULTS.get(key)


class RevealTest(unittest.TestCase):
    HEIGHT, PREFIX = 64, ""

    def setUp(self):
        self.panel = SSD1306(Bus(), 0x3C, 128, self.HEIGHT)
        self.canvas = Canvas(self.panel)
        self.vault = Vault()
        self.menus = 0
        words = Words(DEFAULTS.get)
        self.stack = Stack(Hands())
        self.codes = Codes(self.stack, self.vault, None, words, None, None, self.open_menu)
        self.codes.appear()
        self.hidden = self.painted()
        self.press(HOLD)
        self.shown = self.painted()

    def open_menu(self, selection):
        self.menus += 1

    def press(self, event, number=0):
        self.stack.top.press(event, number)

    def hide(self):
        """Cover it with something that leaves again."""
        screen = Screen()
        self.stack.push(screen)
        self.stack.remove(screen)

    def painted(self):
        stacks.paint(self.stack, self.canvas)
        return bytes(self.panel.buffer)

    def test_hidden_it_is_as_one_with_another_text(self):
        self.hide()
        self.assertEqual(self.painted(), self.hidden)
        name = self.PREFIX + "static-hidden"
        golden.check(self, name, self.panel.framebuf, 128, self.HEIGHT)
        self.vault.accounts[0].secret = b"another"
        self.assertEqual(self.painted(), self.hidden)
        self.assertNotEqual(self.shown, self.hidden)

    def test_the_clock_is_not_asked(self):
        for _ in range(2):
            self.assertEqual(self.stack.top.pause(), 1000)
            self.assertIsNone(self.stack.top.edge)
            self.hide()

    def test_a_press_hides_it_and_the_next_one_goes_on(self):
        for button in (0, 1):
            self.press(HOLD)
            self.press(SHORT, button)
            self.assertEqual(self.painted(), self.hidden)
            self.press(SHORT, button)
            self.assertNotEqual(self.painted(), self.hidden)
            self.press(SHORT, button)
            self.assertEqual(self.painted(), self.hidden)

    def test_it_is_hidden_by_what_opens_the_menu(self):
        for press in ((DOUBLE, 0), (LONG, 1)):
            self.press(HOLD)
            self.assertNotEqual(self.painted(), self.hidden)
            menus = self.menus
            self.press(*press)
            self.assertEqual(self.menus, menus + 1)
            self.assertEqual(self.painted(), self.hidden)

    def test_it_is_hidden_by_the_dark_and_by_whatever_is_asked(self):
        self.stack.uncover()
        self.assertEqual(self.painted(), self.hidden)
        self.press(HOLD)
        self.assertTrue(self.stack.top.level < DIALOG)
        self.hide()
        self.assertEqual(self.painted(), self.hidden)

    def test_a_lock_hides_it(self):
        self.vault.locked = True
        self.painted()
        self.press(HOLD)
        self.vault.locked = False
        self.assertEqual(self.painted(), self.hidden)

    def test_it_is_hidden_when_another_account_has_its_place(self):
        self.vault.accounts.reverse()
        self.assertNotEqual(self.painted(), self.shown)
        self.vault.accounts.reverse()
        self.assertEqual(self.painted(), self.hidden)

    def test_it_is_hidden_after_half_a_minute(self):
        self.stack.top.since -= 29000  # ms
        self.assertNotEqual(self.painted(), self.hidden)
        self.stack.top.since -= 1001
        self.assertEqual(self.painted(), self.hidden)

    def test_a_long_press_shows_nothing_that_is_hidden(self):
        self.hide()
        self.press(LONG)
        self.assertEqual(self.painted(), self.hidden)

    def test_a_hold_shows_no_other_kind_of_account(self):
        self.hide()
        self.codes.selection.select(2)
        before = self.painted()
        self.press(HOLD)
        self.assertEqual(self.painted(), before)

    def test_a_hold_of_the_second_button_shows_nothing(self):
        self.hide()
        self.press(HOLD, 1)
        self.assertEqual(self.painted(), self.hidden)

    def test_a_long_press_goes_on_and_comes_round(self):
        pages = [self.shown]
        while len(pages) < 20:
            self.press(LONG)
            picture = self.painted()
            if picture == self.shown:
                break
            self.assertFalse(picture in pages)
            pages.append(picture)
        self.assertEqual(len(pages), 5 if self.HEIGHT == 32 else 3)
        self.press(HOLD)  # the rest of a press that is held on
        self.assertEqual(self.painted(), self.shown)

    def test_a_notice_that_hides_whose_it_is_is_in_its_way(self):
        self.hide()
        self.stack.push(Notice(self.stack, self.codes))
        self.press(HOLD)
        self.press(LONG)
        self.press(SHORT)
        self.assertEqual(self.painted(), self.hidden)
        self.press(HOLD)
        self.assertNotEqual(self.painted(), self.hidden)

    def test_what_shows_it_is_in_memory_only_meanwhile(self):
        for module in ("ui.reveal", "ui.screens.static", "display.large_text"):
            sys.modules.pop("tokenfw." + module, None)
        self.hide()
        self.press(HOLD)
        self.painted()
        for module in ("ui.reveal", "ui.screens.static", "display.large_text"):
            self.assertFalse("tokenfw." + module in sys.modules)


class LowRevealTest(RevealTest):
    HEIGHT, PREFIX = 32, "low-"


class RowsTest(unittest.TestCase):
    def test_rows(self):
        for text, rows in (
            ("a", ["a"]),
            ("abcdefghijklmnop", ["abcdefgh", "ijklmnop"]),
            ("abcd efgh ijkl mnop", ["abcd ", "efgh ", "ijkl ", "mnop"]),
            ("abcd-efgh-ijkl-mnop", ["abcd-", "efgh-", "ijkl-", "mnop"]),
            ("a b cdefghijk", ["a b cdef", "ghijk"]),
        ):
            self.assertEqual(static.rows(text), rows)

    def test_nothing_is_lost(self):
        for length in range(1, 65):
            text = "".join(chr(33 + (7 * each) % 90) + " " * (each % 3) for each in range(length))
            text = text[:length]
            rows = static.rows(text)
            self.assertEqual("".join(rows), text)
            self.assertTrue(all(1 <= len(row) <= 8 for row in rows))


class CharactersTest(unittest.TestCase):
    def setUp(self):
        self.panel = SSD1306(Bus())
        self.canvas = Canvas(self.panel)
        self.letters = LargeText(self.canvas)

    def picture(self, character):
        self.canvas.clear()
        self.letters.draw(character, 0, 0)
        return b"".join(bytes(self.panel.buffer[at : at + 16]) for at in (0, 128, 256))

    def shown(self):
        return [chr(code) for code in range(33, 0x2200) if is_shown(chr(code))]

    def test_no_two_are_drawn_alike(self):
        box = self.picture("\u94f6")
        pictures = {}
        alike = ""
        for character in self.shown():
            picture = self.picture(character)
            self.assertNotEqual(picture, box, character)
            if picture in pictures:
                alike += pictures[picture] + character
            pictures[picture] = character
        self.assertEqual(alike, "")

    def test_kinds(self):
        for character in self.shown():
            kind = 0 if character in "0123456789" else 1 if character in CAPITALS else -1
            self.assertEqual(static.kind(character), kind, character)
        self.assertEqual(static.kind(" "), 2)
