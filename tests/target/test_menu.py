# heap: 3M
"""The menu: its pages against golden pictures, and how many presses an account is away.

Runs on MicroPython. make golden renews the pictures; see tests/support/micropython/golden.py.
"""

import gc
import sys
import unittest

import golden
import stacks

from otpcore.account import Account
from otpcore.errors import TimeUnknown, VaultDamaged, VaultFull
from otpcore.settings import DEFAULTS
from tokenfw.display.canvas import Canvas
from tokenfw.drivers.button import HOLD, LONG, SHORT
from tokenfw.drivers.ssd1306 import SSD1306
from tokenfw.system.on_demand import load
from tokenfw.ui.codes import Codes
from tokenfw.ui.dialogs.consent import Hands
from tokenfw.ui.menu import Menu
from tokenfw.ui.screens import code
from tokenfw.ui.stack import Screen, Stack
from tokenfw.ui.words import Words
from tokenfw.vault.states import LOCKED, READY

NAMES = (
    ("GitHub", "octocat@github.com"),
    ("Zoë's Bank", "zoe"),
    ("", "server.example.org"),
    ("Ministerie van Binnenlandse Zaken", "maria.van.der.velden@example.org"),
    ("Amazon", "shop@example.com"),
    ("Microsoft", "alice@example.com"),
    ("Microsoft", "bob@example.com"),
)
IDENTITY = {
    "firmware": "0.1.0",
    "board": "esp32-devkit",
    "serial": "240AC4E29526",
    "micropython": "1.28.0",
    "development": False,
}
NEXT, CHOOSE, PREVIOUS, BACK = (SHORT, 0), (LONG, 0), (SHORT, 1), (LONG, 1)
FIND = (NEXT, CHOOSE)  # from the top of the menu

# Of a hundred accounts: many begin with the same few letters, and some with the same words.
_ISSUERS = """
Adobe Airbnb Amazon Apple Asana Atlassian AWS Azure Binance Bitbucket Bitwarden Booking Box
Cloudflare Coinbase Dashlane DigiD DigitalOcean Discord Docker Dropbox eBay Epic Evernote
Facebook Fastmail Figma Firefox GitHub GitHub GitHub GitLab GitLab Gmail GoDaddy Google Google
Google Google Heroku Hetzner HubSpot IFTTT ING Instagram Jira Kraken LastPass LinkedIn Mailchimp
Mastodon Meta Microsoft Microsoft Microsoft Microsoft Microsoft Microsoft Microsoft Microsoft
Mollie Namecheap Netflix Netlify Nextcloud Nintendo Notion npm NPO Okta OpenAI OVH PayPal PayPal
Proton PyPI Rabobank Reddit Revolut Roblox Salesforce Shopify Signal Slack Slack Slack Snapchat
Spotify Stripe Synology Trello TransIP Twilio Twitch Twitter Uber Vercel WordPress Xbox Zoom
"""


class Bus:
    def writeto(self, address, data):
        pass


class Vault:
    """The accounts, all of them readable; settings as they are set."""

    def __init__(self, names):
        self.names = names
        self.state = READY
        self.unseen = self.stranded = False
        self.settings = {}
        self.pin = 6
        self.fails = None
        self.gone = 0
        self.period = 30
        self.made = {}  # accounts, by what they are made from

    def id_at(self, position):
        return position + 1

    def position(self, account_id):
        return -1 if account_id == self.gone else account_id - 1

    def count(self):
        return len(self.names)

    def get(self, number):
        if self.names[number - 1] is None:
            raise VaultDamaged("damaged")
        key = self.names[number - 1] + (self.period,)
        if key not in self.made:
            issuer, account, period = key
            self.made[key] = Account(issuer, account, b"x" * 20, period=period)
        return self.made[key]

    def setting(self, key):
        return self.settings.get(key, DEFAULTS.get(key))

    def set_setting(self, name, value):
        if self.fails:
            raise self.fails
        self.settings[name] = value

    def has_pin(self):
        return self.pin != 0

    def pin_length(self):
        return None if self.pin and self.state == LOCKED else self.pin


class Clock:
    without_chip = False
    why = None
    second = 1900000000

    class history:  # noqa: N801
        @staticmethod
        def clock_error(now):
            return 0

    def now(self):
        if self.why:
            raise TimeUnknown(self.why)
        return self.second


class Selection:
    """The favourites are all there."""

    account_id = None

    def __init__(self, vault):
        self.vault = vault

    def favourites(self):
        return self.vault.setting("favourites")

    def select(self, account_id):
        self.account_id = account_id


class MenuTest(unittest.TestCase):
    """`PREFIX` is what the names of its pictures begin with."""

    HEIGHT, PREFIX, LANGUAGE = 64, "", "en"

    def setUp(self):
        self.panel = SSD1306(Bus(), 0x3C, 128, self.HEIGHT)
        self.canvas = Canvas(self.panel)
        self.start()

    def start(self, names=NAMES, buttons=2, state=READY):
        self.vault = Vault(names)
        self.vault.state = state
        self.vault.settings["language"] = self.LANGUAGE
        self.clock, self.selection = Clock(), Selection(self.vault)
        self.open(buttons)

    def open(self, buttons=2):
        words = Words(self.vault.setting)
        self.stack = stacks.bare()
        tools = self.stack, self.selection, self.vault, self.clock, words, IDENTITY, buttons
        self.asked = []
        self.menu = Menu(*tools, dialogs=self)
        self.menu.work = lambda steps: [None for _ in steps]  # at once

    def begin(self, *question):
        """Be asked, as Dialogs are."""
        self.asked.append(question)

    def press(self, *presses):
        for each in presses:
            self.stack.top.press(*each)

    def paint(self):
        stacks.paint(self.stack, self.canvas)

    def check(self, name):
        self.paint()
        name = self.PREFIX + name
        panel = self.panel
        golden.check(self, name, panel.framebuf, panel.width, panel.height)


class PagesTest(MenuTest):
    def page(self, number, name):
        """Check the page behind a row of the first page."""
        self.open()
        self.press(*([NEXT] * number), CHOOSE)
        self.check(name)

    def test_the_first_page(self):
        self.check("menu")
        self.press(NEXT, NEXT, NEXT)
        self.check("menu-scrolled")
        self.press(PREVIOUS, PREVIOUS, PREVIOUS, PREVIOUS)
        self.check("menu-back")

    def test_pages(self):
        names = ("accounts", "find", "favourites", "order", "ahead", "lock", "brightness")
        names += ("flip", "language", "off", "help", "about")
        for number, name in enumerate(names):
            self.page(number, "menu-" + name)

    def test_the_rest_of_help_and_about(self):
        for name in ("help", "about"):
            self.open()
            self.press(*([NEXT] * (10 if name == "help" else 11)), CHOOSE)
            self.paint()
            self.press(PREVIOUS)
            self.check("menu-" + name + "-end")

    def test_about_a_clock_without_time(self):
        self.clock.why = "never_set"
        self.vault.pin = 0
        self.open()
        self.press(*([NEXT] * 11), CHOOSE)
        self.paint()
        if self.canvas.low:
            self.press(NEXT)
        self.check("menu-about-no-time")

    def test_locked(self):
        self.start(state=LOCKED)
        self.check("menu-locked")

    def test_find_with_one_button(self):
        self.start(buttons=1)
        self.press(*FIND)
        self.check("menu-find-one")

    def test_help_of_one_button(self):
        self.start(buttons=1)
        self.press(*([NEXT] * 10), CHOOSE)
        self.check("menu-help-one")

    def test_find_goes_on(self):
        self.press(*FIND)
        self.press(CHOOSE)
        self.check("menu-find-second")

    def test_a_setting_that_is_not_saved(self):
        self.vault.fails = VaultFull("full")
        self.press(*([NEXT] * 6), CHOOSE, NEXT, CHOOSE)
        self.check("menu-not-saved")
        self.press(CHOOSE)
        self.check("menu-brightness-row")

    def test_favourites_are_marked_and_come_first(self):
        self.press(NEXT, NEXT, CHOOSE, NEXT, NEXT, CHOOSE, NEXT, NEXT, NEXT, CHOOSE)
        self.assertEqual(self.vault.settings["favourites"], [3, 6])
        self.check("menu-favourites-marked")
        self.open()
        self.press(CHOOSE)
        self.check("menu-accounts-favourites")

    def test_there_are_eight_favourites_at_most(self):
        self.start(NAMES + NAMES)
        self.vault.settings["favourites"] = list(range(1, 9))
        self.open()
        self.press(NEXT, NEXT, CHOOSE, PREVIOUS, PREVIOUS, CHOOSE)
        self.check("menu-favourites-full")
        self.press(CHOOSE)
        self.assertFalse(self.menu.over)
        self.assertEqual(self.vault.settings["favourites"], list(range(1, 9)))

    def test_the_next_code(self):
        words = Words(self.vault.setting)
        if self.HEIGHT == 64:
            title = [words("next_code"), words("next_in") % 17]
        else:
            title = [words("next_low") % 17]
        self.menu.close()  # nothing of it is painted
        code.draw_next(self.canvas, "GitHub", "octocat", "137289", title, 0)
        self.check("code-next")
        code.draw_next(self.canvas, "Steam", "octocat", "VW9QM", title, 0)
        self.check("code-next-steam")


class LowPagesTest(PagesTest):
    HEIGHT, PREFIX = 32, "low-"


class DutchPagesTest(PagesTest):
    PREFIX, LANGUAGE = "nl-", "nl"


class LowDutchPagesTest(PagesTest):
    HEIGHT, PREFIX, LANGUAGE = 32, "nl-low-", "nl"


class UseTest(MenuTest):
    def test_an_account_is_chosen_from_the_list(self):
        self.press(CHOOSE, NEXT, NEXT, CHOOSE)
        self.assertEqual(self.selection.account_id, 3)
        self.assertTrue(self.menu.over)

    def test_one_button_gets_back_from_every_page(self):
        for row in range(12):
            self.open(1)
            self.press(*([NEXT] * row), CHOOSE)
            page = self.stack.top
            self.press(*([NEXT] * (page.count() - page.at)), CHOOSE)
            self.assertFalse(self.menu.over)
            self.press(*([NEXT] * (12 - row)), CHOOSE)
            self.assertTrue(self.menu.over)

    def test_the_rows_go_round(self):
        self.press(*([NEXT] * 13), CHOOSE)
        self.press(CHOOSE)
        self.assertEqual(self.selection.account_id, 1)

    def test_settings(self):
        rows = (
            (3, "order", "used"),
            (4, "next_code_s", 5),
            (6, "brightness", 4),
            (7, "flipped", True),
            (9, "dark_after_s", 60),
        )
        for row, name, value in rows:
            self.open()
            self.press(*([NEXT] * row), CHOOSE, NEXT, CHOOSE)
            self.assertEqual(self.vault.settings[name], value)
            self.assertFalse(self.menu.over)

    def test_a_longer_time_until_it_locks_is_asked_about_and_a_shorter_one_is_not(self):
        self.press(*([NEXT] * 5), CHOOSE, NEXT, CHOOSE)
        self.assertFalse("lock_after_s" in self.vault.settings)
        ((title, lines, do),) = self.asked
        self.assertEqual([title] + lines, self.menu.words.rows("lock_after", 900))
        self.menu.close()
        do()
        self.assertEqual(self.vault.settings["lock_after_s"], 900)
        self.open()
        self.press(*([NEXT] * 5), CHOOSE, PREVIOUS, PREVIOUS, CHOOSE)
        self.assertEqual((self.vault.settings["lock_after_s"], self.asked), (60, []))

    def test_the_language_changes_at_once(self):
        self.press(*([NEXT] * 8), CHOOSE, NEXT, CHOOSE)
        self.assertEqual(self.vault.settings["language"], "nl")
        self.assertEqual(self.menu.words("back"), "Terug")
        self.press(CHOOSE, PREVIOUS, CHOOSE)
        self.assertEqual(self.menu.words("back"), "Back")

    def test_a_favourite_is_chosen_in_its_place_and_the_others_in_theirs(self):
        for favourites in ([5], [7, 2, 5], [1, 2], list(range(1, 8))):
            self.vault.settings["favourites"] = favourites
            order = favourites + [number for number in range(1, 8) if number not in favourites]
            for row, number in enumerate(order):
                self.open()
                self.press(CHOOSE, *([NEXT] * row), CHOOSE)
                self.assertEqual(self.selection.account_id, number)

    def test_a_mark_is_taken_away_again(self):
        self.vault.settings["favourites"] = [4, 2]
        self.open()
        self.press(NEXT, NEXT, CHOOSE, CHOOSE)
        self.assertEqual(self.vault.settings["favourites"], [2])
        self.press(CHOOSE)
        self.assertEqual(self.vault.settings["favourites"], [2, 4], "the rows stay")

    def test_what_a_computer_marks_while_the_page_is_open_stays_marked(self):
        self.vault.settings["favourites"] = [4, 2]
        self.open()
        self.press(NEXT, NEXT, CHOOSE)
        self.vault.settings["favourites"] = [4, 2, 7]  # of a batch, which asks nothing
        self.press(CHOOSE)
        self.assertEqual(self.vault.settings["favourites"], [2, 7])

    def test_a_language_that_this_firmware_has_not_is_english(self):
        self.vault.settings["language"] = "tlh"
        self.assertEqual(self.menu.words("back"), "Back")

    def test_whatever_is_asked_meanwhile_ends_it_and_so_does_the_dark(self):
        self.press(CHOOSE)
        screen = Screen()
        self.stack.push(screen)
        self.assertTrue(self.menu.over)
        self.stack.remove(screen)
        self.assertEqual(len(self.stack.screens), 1)
        self.open()
        self.press(CHOOSE)
        self.stack.uncover()
        self.assertTrue(self.menu.over and len(self.stack.screens) == 1)

    def test_a_hold_is_for_no_row(self):
        self.press(CHOOSE)
        page = self.stack.top
        self.press((HOLD, 0))
        self.assertTrue(self.stack.top is page and page.at == 0)

    def test_a_vault_that_is_locked_meanwhile_ends_it(self):
        self.press(CHOOSE)
        self.vault.state = LOCKED
        self.paint()
        self.assertTrue(self.menu.over)

    def test_while_locked_there_are_no_accounts(self):
        self.start(state=LOCKED)
        for row in range(6):
            self.open()
            self.press(*([NEXT] * row), CHOOSE)
            self.assertNotIn("accounts", type(self.stack.top).__module__)

    def test_a_damaged_account_is_in_the_list_all_the_same(self):
        self.start(NAMES[:2] + (None,) + NAMES[3:])
        self.press(CHOOSE)
        self.paint()
        self.assertFalse(self.menu.over)
        self.press(BACK)
        self.press(*FIND)
        self.paint()
        self.assertFalse(self.menu.over)

    def test_closed_it_leaves_no_module_behind(self):
        load("tokenfw.ui.menu")  # as the interface does before it opens one
        before = set(sys.modules)
        self.stack.push(Screen())  # whatever is asked
        gone = before - set(sys.modules)
        self.assertTrue("tokenfw.ui.menu.top" in gone and "tokenfw.ui.menu" in gone)
        for name in sorted(gone):  # for the tests after this one
            __import__(name)


class MemoryTest(MenuTest):
    def use(self, row):
        """Open a menu as the interface does, look at a page of it, and close it."""
        package = load("tokenfw.ui.menu")
        words = Words(self.vault.setting)
        self.stack = stacks.bare()
        tools = self.stack, self.selection, self.vault, self.clock, words, IDENTITY, 2
        menu = package.Menu(*tools)
        menu.work = lambda steps: [None for _ in steps]  # at once
        self.press(*([NEXT] * row), CHOOSE)
        self.paint()
        menu.close()

    def test_opened_and_closed_50_times_it_leaves_nothing_behind(self):
        self.menu.close()
        self.menu = self.stack = None
        modules = set(sys.modules)
        used = [0] * 50  # made before, for it takes up memory
        for turn in range(50):
            self.use(turn % 12)
            gc.collect()
            used[turn] = gc.mem_alloc()
        self.assertEqual(set(sys.modules), modules)
        self.assertTrue(max(used[12:]) <= max(used[:12]), used)


class PressesTest(MenuTest):
    """Presses from the code screen, the one that opens the menu included."""

    HUNDRED = tuple((name, "user%d@example.com" % n) for n, name in enumerate(_ISSUERS.split()))

    def reached(self, choices, buttons, cost, depth):
        """Return presses to each account; `cost(choice)` presses take one of the choices."""
        presses = {}
        paths = [()]
        while paths:
            path = paths.pop()
            self.selection.account_id = None
            self.open(buttons)
            self.press(*FIND)
            for choice in path:
                self.press(*choice)
            number = self.selection.account_id
            if number is None and len(path) < depth:
                paths += [path + (choice,) for choice in choices]
            elif number is not None:
                self.assertTrue(self.menu.over)
                count = 1 + len(FIND) + sum(cost(choice) for choice in path)
                presses[number] = min(count, presses.get(number, 999))
        return presses

    def test_any_of_100_accounts_is_at_most_8_presses_away_with_two_buttons(self):
        self.assertEqual(len(self.HUNDRED), 100)
        self.start(self.HUNDRED[40:] + self.HUNDRED[:40])
        presses = self.reached(((NEXT,), (CHOOSE,), (PREVIOUS,)), 2, len, 5)
        self.assertEqual(len(presses), 100)
        self.assertEqual(max(presses.values()), 8)

    def test_with_one_button_any_of_100_is_at_most_18_away(self):
        self.start(self.HUNDRED)
        choices = ((CHOOSE,), (NEXT, CHOOSE), (NEXT, NEXT, CHOOSE))
        presses = self.reached(choices, 1, len, 5)
        self.assertEqual(len(presses), 100)
        self.assertTrue(max(presses.values()) <= 18)

    def test_names_come_in_the_order_of_the_alphabet(self):
        self.start(self.HUNDRED[40:] + self.HUNDRED[:40])
        self.press(*FIND)
        page = self.stack.top
        found = [page._name(place).lower() for place in range(100)]
        starts = [name[:16] for name in found]
        self.assertEqual(starts, sorted(starts))

    def test_a_thousand(self):
        names = tuple(("Issuer %d" % (n * 7 % 1000), "a") for n in range(1000))
        self.start(names)
        self.press(*FIND)
        for _ in range(7):
            self.paint()
            self.press(CHOOSE)
        self.assertTrue(self.selection.account_id is not None)


class CareTest(unittest.TestCase):
    """The panel is spared: what it shows moves each time it lights up, and no text is cut."""

    def places(self, height):
        panel = SSD1306(Bus(), 0x3C, 128, height)
        canvas = Canvas(panel)
        found, counts = [], set()
        for _ in range(8):
            canvas.lit(False)
            canvas.lit(True)
            code.draw(canvas, "MMMMMMMMMMMMMMMM", "WWWWWWWWWWWWWWWW", "137289", 17, 30, 0)
            picture = panel.framebuf
            lit = [(x, y) for x in range(128) for y in range(height) if picture.pixel(x, y)]
            text = [x for x, y in lit if y < 9]
            digits = [x for x, y in lit if (24 if height == 64 else 10) <= y < 28]
            found.append((min(text), min(digits)))
            counts.add(len([1 for x, y in lit if y < (18 if height == 64 else 9)]))
        self.assertEqual(len(counts), 1)  # no pixel of the text is ever lost
        return found

    def test_a_tall_panel(self):
        found = self.places(64)
        self.assertEqual(len(set(found)), 4)
        self.assertEqual(found[:4], found[4:])

    def test_a_low_panel(self):
        self.assertEqual(len(set(self.places(32))), 4)


class CodesTest(unittest.TestCase):
    def setUp(self):
        self.vault = Vault(NAMES)
        self.clock = Clock()
        self.canvas = Canvas(SSD1306(Bus()))
        words = Words(self.vault.setting)
        self.codes = Codes(Stack(Hands()), self.vault, self.clock, words, None, None, None)
        self.selection = self.codes.selection

    def order(self, by=1):
        seen = []
        for _ in range(7):
            seen.append(self.selection.account_id)
            self.codes.press(SHORT, 0 if by > 0 else 1)
        return seen

    def test_last_used_first(self):
        self.clock.why = "never_set"
        for _ in range(4):
            self.codes.press(SHORT, 0)
        self.assertEqual(self.selection.account_id, 4)
        self.selection.leave()
        self.assertTrue("recent" not in self.vault.settings)  # in a fixed order nobody notes it
        self.vault.settings["order"] = "used"
        self.selection.leave()
        self.codes.appear()
        self.assertEqual(self.order(), [4, 1, 2, 3, 5, 6, 7])
        self.codes.press(SHORT, 0)
        self.selection.leave()
        self.codes.press(SHORT, 0)
        self.assertEqual(self.selection.account_id, 4)  # the one used before that

    def test_going_dark_without_memory_for_that_ends_nothing(self):
        self.vault.settings["order"] = "used"
        self.codes.press(SHORT, 0)
        for self.vault.fails in (MemoryError(), VaultDamaged("flash")):
            self.selection.leave()
        self.assertTrue("recent" not in self.vault.settings)

    def test_favourites_come_first_and_an_id_that_is_gone_is_none(self):
        self.vault.settings["favourites"] = [6, 9, 3]
        self.vault.gone = 9
        self.codes.press(SHORT, 0)
        self.assertEqual(self.order(), [6, 3, 1, 2, 4, 5, 7])
        self.assertEqual(self.order(-1), [6, 7, 5, 4, 2, 1, 3])
        self.vault.settings.update({"order": "used", "recent": [2, 3, 7]})
        self.assertEqual(self.order(), [6, 3, 2, 7, 1, 4, 5])

    def pass_20_s(self):
        begins, wanted, asked = self.selection.ahead
        self.selection.ahead = begins, wanted, asked - 20000

    def looks(self, second):
        """Return at a second whether what is shown is dark on light, and what it is."""
        self.clock.second = second
        self.codes.paint(self.canvas, 0)
        picture = self.canvas._picture
        return picture.pixel(0, 40), bytes(self.canvas._panel.buffer[3 * 128 : 6 * 128])

    def test_the_next_code_by_itself_when_little_time_is_left(self):
        now = 1900000000 // 30 * 30
        self.assertEqual([self.looks(now + n)[0] for n in (0, 24, 25, 29)], [0, 0, 0, 0])
        self.vault.settings["next_code_s"] = 5
        self.assertEqual([self.looks(now + n)[0] for n in (0, 24, 25, 29)], [0, 0, 1, 1])
        self.vault.settings["next_code_s"] = 10
        self.assertEqual([self.looks(now + n)[0] for n in (19, 20, 29, 30)], [0, 1, 1, 0])
        next_one = self.looks(now + 30)[1]
        self.codes.press(LONG, 0)  # asked for with a long press, as without the setting
        self.assertEqual(self.looks(now + 31)[0], 1)
        self.codes.press(LONG, 0)
        self.assertEqual(self.looks(now + 31), (0, next_one))

    def test_the_present_code_that_was_asked_for_stays_until_it_ends(self):
        now = 1900000000 // 30 * 30
        self.vault.settings["next_code_s"] = 10
        present = self.looks(now + 19)
        self.looks(now + 21)
        self.codes.press(LONG, 0)
        self.assertEqual(self.looks(now + 21), present)
        self.pass_20_s()  # longer than a next code is shown
        self.assertEqual(self.looks(now + 29), present)
        self.assertEqual([self.looks(now + n)[0] for n in (30, 49, 50)], [0, 0, 1])

    def test_the_next_code_that_was_asked_for_is_not_turned_back_by_the_setting(self):
        now = 1900000000 // 30 * 30
        self.vault.settings["next_code_s"] = 10
        self.looks(now + 18)
        self.codes.press(LONG, 0)
        self.assertEqual([self.looks(now + n)[0] for n in (18, 19, 20, 21)], [1, 1, 1, 1])
        self.pass_20_s()
        self.assertEqual([self.looks(now + n)[0] for n in (27, 30)], [1, 0])

    def test_of_a_short_period_no_code_is_hidden_for_most_of_its_time(self):
        self.vault.period = 15
        self.vault.settings["next_code_s"] = 10
        now = 1900000000 // 15 * 15
        self.assertEqual([self.looks(now + n)[0] for n in range(15)], [0] * 15)


if __name__ == "__main__":
    unittest.main()
