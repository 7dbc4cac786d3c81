# heap: 400K
"""The screens against golden pictures; see support/micropython/golden.py. Runs on MicroPython."""

import asyncio
import random
import unittest

import golden

from tokenfw.display.canvas import Canvas
from tokenfw.drivers.button import SHORT
from tokenfw.drivers.sh1106 import SH1106
from tokenfw.drivers.ssd1306 import SSD1306
from tokenfw.ui import first_language, words
from tokenfw.ui.dialogs.consent import ANSWER, LET_GO, READ, SAY_SEEN
from tokenfw.ui.dialogs.pin_entry import Entry
from tokenfw.ui.notice import Notice
from tokenfw.ui.screens import code, message, pin, prompt, static
from tokenfw.ui.screens.groups import groups
from tokenfw.ui.screens.lines import fit, pages, turns, window, wrap
from tokenfw.ui.words import Words

MIXED = "aB3$ xY9_\u00c9tude-\u00fcber.99%"  # digits, capitals, accents, a space
ADMIN = "maria.van.der.velden@helpdesk.example.org"


class Bus:
    """Counts the bytes that go out, the address byte included."""

    def __init__(self):
        self.bytes = 0

    def writeto(self, address, data):
        self.bytes += 1 + len(data)

    def readfrom_mem(self, address, register, size):
        self.bytes += 3 + size
        return bytes(size)


class NoAccounts:
    def count(self):
        return 0


def spoken(language):
    """Return the Words of a language."""
    return Words(lambda key: language)


class Languages:
    """While in use a new token offers `count` languages, whose texts are English."""

    NAMES = ("Eesti", "Islenska", "Suomi", "Cymraeg", "Polski", "Magyar", "Hrvatski")

    def __init__(self, count):
        self._names = self.NAMES[:count]

    def __enter__(self):
        self._kept = first_language.LANGUAGES, first_language.load, first_language._spoken
        first_language.LANGUAGES = self._names
        first_language.load = Named
        first_language._spoken = lambda code: spoken("en")

    def __exit__(self, *error):
        first_language.LANGUAGES, first_language.load, first_language._spoken = self._kept


class Named:
    def __init__(self, name):
        self.NAME = name


class PictureTest(unittest.TestCase):
    """`PREFIX` is what the names of its pictures begin with."""

    HEIGHT, PREFIX, LANGUAGE = 64, "", "en"

    def setUp(self):
        self.words = spoken(self.LANGUAGE)
        self.panel = SSD1306(Bus(), 0x3C, 128, self.HEIGHT)
        self.canvas = Canvas(self.panel)

    def check(self, name):
        panel = self.panel
        name = self.PREFIX + name
        golden.check(self, name, panel.framebuf, panel.width, panel.height)

    def say(self, name, key, *values, title=None):
        """A message of its own, or under the `title` of a dialog."""
        lines = self.words.rows(key, *values)
        if title is None:
            title = lines.pop(0)
        message.draw(self.canvas, title, lines)
        self.check(name)


class GoldenTest(PictureTest):
    def code(self, name, text, seconds_left=17, period=30, issuer="Example"):
        code.draw(self.canvas, issuer, "alice@example.nl", text, seconds_left, period, 0)
        self.check(name)

    def test_six_digits(self):
        self.code("code-6", "137289")

    def test_six_digits_are_shown_again_without_a_trace_of_the_last_screen(self):
        message.draw(self.canvas, "Time not set", ["tokenctl sync"])
        self.code("code-6", "137289")

    def test_last_seconds(self):
        self.code("code-6-last-seconds", "004455", 4)

    def test_four_digits(self):
        self.code("code-4", "9031")

    def test_five_digits(self):
        self.code("code-5", "12345", 60, 60)

    def test_seven_digits(self):
        self.code("code-7", "6087123")

    def test_eight_digits(self):
        self.code("code-8", "94287082", 30)

    def test_nine_digits(self):
        self.code("code-9", "123456789", 1)

    def test_ten_digits(self):
        self.code("code-10", "1284755224")

    def test_steam(self):
        self.code("code-steam", "VW9QM", issuer="Steam")

    def test_hotp(self):
        self.code("code-hotp", "755224", None, "counter 17")

    def test_no_issuer(self):
        self.code("code-no-issuer", "287082", issuer="")

    def test_a_word_about_the_clock(self):
        tick = 6 if self.HEIGHT == 32 else 0
        code.draw(self.canvas, "Example", "alice", "137289", 17, 30, tick, "sync?")
        self.check("code-doubt")

    def test_long_names_begin_at_their_start(self):
        code.draw(self.canvas, "Ministerie van Binnenlandse Zaken", ADMIN, "520489", 22, 30, 0)
        self.check("code-long-start")

    def test_long_names_move_on(self):
        code.draw(self.canvas, "Ministerie van Binnenlandse Zaken", ADMIN, "520489", 17, 30, 5)
        self.check("code-long-moved")

    def test_accents_and_a_stand_in_for_what_the_font_lacks(self):
        issuer, account = "Cre\u0301dit \u94f6\u884c", "zo\xeb@\xe7a.example"
        code.draw(self.canvas, issuer, account, "346018", 11, 30, 0)
        self.check("code-accents")

    def test_a_clock_that_may_be_wrong_is_said_next_to_the_code(self):
        for word, name in (("sync?", "code-sync"), ("no RTC", "code-no-rtc")):
            code.draw(self.canvas, "Example", "alice@example.nl", "137289", 17, 30, 0, word)
            self.check(name)
        code.draw(self.canvas, "Example", "alice@example.nl", "137289", 3, 300, 0, "no RTC")
        self.check("code-no-rtc-last-seconds")

    def test_message_development(self):
        Notice(None, None).paint(self.canvas, 0)
        self.check("message-development")


class LowGoldenTest(GoldenTest):
    """All of them on a panel of 32 rows, and what comes there by turns."""

    HEIGHT, PREFIX = 32, "low-"

    def test_names_take_turns(self):
        code.draw(self.canvas, "Example", "alice@example.nl", "137289", 17, 30, 3)
        self.check("code-6-account")
        code.draw(self.canvas, "Example", "alice@example.nl", "137289", 17, 30, 10)
        self.check("code-6")

    def test_hotp_hint_takes_its_turn(self):
        code.draw(self.canvas, "Example", "alice@example.nl", "755224", None, "counter 17", 6)
        self.check("code-hotp-counter")

    def test_three_digits_of_seconds(self):
        self.code("code-6-120", "137289", 117, 120)


class WordsTest(PictureTest):
    """What has words of the token's own."""

    def ask(self, name, title, lines, hold=False, tick=0, state=ANSWER):
        prompt.draw(self.canvas, self.words, title, lines, hold, tick, state)
        self.check(name)

    def pin(self, name, entry, tick=0, state=ANSWER):
        pin.draw(self.canvas, self.words, entry, tick, state)
        self.check(name)

    def test_hotp_before_its_first_code(self):
        issuer, account = "Example", "alice@example.nl"
        hint = self.words("hotp_hint")
        code.draw(self.canvas, issuer, account, "------", None, hint, 0)
        self.check("code-hotp-none")

    def test_prompt(self):
        self.ask("prompt", self.words("add"), ["GitHub", "octocat@github.com"])

    def test_prompt_to_wipe(self):
        title, *lines = self.words.rows("wipe_all")
        self.ask("prompt-wipe", title, lines, True)

    def test_prompt_with_more_than_fits_scrolls(self):
        lines = [self.words("rename_to") % "x", "Ministerie van Binnenlandse Zaken", ADMIN]
        self.ask("prompt-long", self.words("rename"), lines, False, 9)

    def test_prompt_to_set_the_clock(self):
        now = "2026-11-24 17:30"
        title, *lines = self.words.rows("set_clock", self.words("not_set"), now)
        self.ask("prompt-clock", title, lines)

    def test_the_other_questions(self):
        account = ["GitHub", "octocat@github.com"]
        for name in ("replace", "remove", "send_code"):
            self.ask("prompt-" + name.replace("_", "-"), self.words(name), account)
        self.ask("prompt-move", self.words("move") % 1000, account)
        counts = [self.words("new") % 12, self.words("replaced") % 3]
        self.ask("prompt-several", self.words("add_several") % 15, counts)
        for key, name, value in (
            ("lock_after", "lock-after", 3600),
            ("wipe", "wipe-count", 1000),
        ):
            title, *lines = self.words.rows(key, value)
            self.ask("prompt-" + name, title, lines, True)

    def test_what_weakens_the_protection_is_held_for(self):
        title, *lines = self.words.rows("clear_pin")
        self.ask("prompt-clear-pin", title, lines, True)
        lines = self.words.rows("pin_weak", self.words("weak_repeats"))
        self.ask("prompt-weak", self.words.rows("change_pin")[1], lines, True)

    def test_what_is_to_be_done_before_a_press_counts(self):
        for state, name in ((READ, "read"), (LET_GO, "let-go"), (SAY_SEEN, "say-seen")):
            account = ["GitHub", "octocat@github.com"]
            self.ask("prompt-first-" + name, self.words("remove"), account, False, 0, state)
            entry = Entry(self.words, self.words("unlock"), 4, 32)
            self.pin("pin-first-" + name, entry, 0, state)

    def test_pin(self):
        entry = Entry(self.words, self.words.rows("change_pin")[1], 4, 32)
        entry.turn(7)
        self.pin("pin-first", entry)
        for _ in range(4):
            entry.take()
        self.pin("pin-ok", entry)
        for _ in range(16):
            entry.turn(1)
            entry.take()
        entry.turn(-1)
        self.pin("pin-long-delete", entry)

    def test_the_pin_pad_names_the_second_button(self):
        entry = Entry(self.words, self.words("unlock"), 4, 32)
        entry.two = True
        self.pin("pin-two", entry)
        for _ in range(4):
            entry.take()
        self.pin("pin-two-enough", entry, 0)
        self.pin("pin-two-enough-done", entry, 3)

    def test_the_language_is_asked_in_the_language_that_the_cursor_is_at(self):
        page = first_language.FirstLanguage(None, NoAccounts())
        page.paint(self.canvas, 0)
        self.check("language-first")
        page.press(SHORT, 0)
        page.paint(self.canvas, 3)
        self.check("language-next")

    def test_any_number_of_languages_fits_above_the_hints(self):
        width, hints = self.panel.width, 44 if self.HEIGHT == 64 else 24
        below = set()
        for count in range(1, len(Languages.NAMES) + 1):
            with Languages(count):
                page = first_language.FirstLanguage(None, NoAccounts())
                for _ in range(count):
                    page.paint(self.canvas, 0)
                    picture = [
                        bytes(self.panel.framebuf.pixel(x, y) for x in range(width))
                        for y in range(self.HEIGHT)
                    ]
                    below.add(b"".join(picture[hints:]))
                    names = picture[10 if self.HEIGHT == 64 else 0 : hints]
                    chosen = [row for row in names if sum(row) > width // 2]
                    self.assertEqual(len(chosen), 10, "the whole row of the cursor is there")
                    page.press(SHORT, 0)
        self.assertEqual(len(below), 1, "the hints are the same, and nothing is drawn over them")

    def test_more_languages_than_fit_scroll(self):
        with Languages(7):
            page = first_language.FirstLanguage(None, NoAccounts())
            for name, presses in (("first", 0), ("middle", 3), ("last", 3)):
                for _ in range(presses):
                    page.press(SHORT, 0)
                page.paint(self.canvas, 0)
                self.check("language-many-" + name)

    def static(self, name, text, page=0, seconds_left=30):
        names = ["Example Mail", "alice@example.nl"]
        static.draw(self.canvas, self.words, names, text, page, seconds_left, 30)
        self.check("static-" + name)

    def test_what_went_before_takes_turns_with_the_hint_and_the_purpose_stands(self):
        entry = Entry(self.words, self.words("unlock"), 4, 32, self.words("pin_wrong") % 9)
        self.pin("pin-note", entry, 0)
        self.pin("pin-note-hint", entry, 3)

    def test_a_static_text(self):
        self.static("letters", "abcdefghijklmnop")
        self.static("alike", "l1I|O0oQ5SZ28B6b", 0, 9)
        self.static("long", MIXED, 1, 27)

    def test_messages(self):
        self.say("message-empty", "no_accounts")
        self.say("message-clock-fault", "clock_fault")
        self.say("message-not-yet", "not_yet")
        self.say("message-locked", "locked")
        self.say("message-newer-vault", "newer_vault")
        self.say("message-entropy", "entropy_failed")
        self.say("message-damaged", "damaged")
        self.say("message-sealing", "sealing", title=self.words("remove_pin"))
        self.say("message-wait", "wait", 4, 30, title=self.words("unlock"))
        self.say("message-wiped", "wiped")
        self.say("message-unlike", "pin_unlike", title=self.words.rows("set_pin")[1])
        self.say("message-pin-set", "pin_set")
        self.say("message-pin-cleared", "pin_cleared")
        self.say("message-pin-random", "pin_random", title=self.words.rows("set_pin")[1])
        self.say("message-unlocking", "unlocking", title=self.words("unlock"))
        self.say("message-battery", "battery_empty")

    def test_a_battery_that_wants_to_be_charged(self):
        tick = 6 if self.HEIGHT == 32 else 0
        code.draw(self.canvas, "Ex", "alice", "137289", 17, 30, tick, self.words("charge"))
        self.check("code-charge")

    def test_message_why_there_is_no_time(self):
        reasons = {
            "stopped": "why_stopped",
            "no-date": "why_no_date",
            "never": "why_never_set",
            "interrupted": "why_interrupted",
            "back": "why_went_back",
            "past": "why_past_2099",
        }
        for name, reason in reasons.items():
            self.say("time-" + name, "time_unknown", self.words(reason))


class ReadingTest(unittest.TestCase):
    """The file of a language is large: it is read as seldom as may be, and not kept."""

    def setUp(self):
        self.read = []
        self.load = module = words.load
        words.load = lambda code: self.read.append(code) or module(code)
        self.words = spoken("nl")

    def tearDown(self):
        words.load = self.load

    def test_once_for_the_words_of_a_screen(self):
        self.words.together(True)
        self.assertEqual(self.words("pin_done"), "OK")
        self.assertEqual(self.words.rows("pin_set")[0], "Pin ingesteld")
        self.words.together(False)
        self.assertEqual(self.read, ["nl"])
        self.assertTrue(self.words._texts is None)
        self.words("pin_done")
        self.assertEqual(self.read, ["nl"])  # it is remembered
        self.words("pin_hints")
        self.words("pin_delete")
        self.assertEqual(self.read, ["nl"] * 3)

    def test_the_menu_keeps_them_over_its_screens(self):
        self.words.keep(True)
        for key in ("menu", "back", "menu_find"):
            self.words.together(True)
            self.words(key)
            self.words.together(False)
        self.assertEqual(self.read, ["nl"])
        self.words.keep(False)
        self.assertTrue(self.words._texts is None)


class LowWordsTest(WordsTest):
    """All of them on a panel of 32 rows, and what comes there by turns."""

    HEIGHT, PREFIX = 32, "low-"

    def test_hotp_hint_takes_its_turn(self):
        hint = self.words("hotp_hint")
        code.draw(self.canvas, "Example", "alice", "------", None, hint, 6)
        self.check("code-hotp-hint")

    def test_details_of_a_question_take_turns(self):
        lines = ["GitHub", "octocat@github.com"]
        self.ask("prompt-second", self.words("add"), lines, False, 2)
        self.ask("prompt-third", self.words("add"), lines, False, 4)
        self.ask("prompt", self.words("add"), lines, False, 6)

    def test_a_wipe_says_how_long_to_hold(self):
        title, *lines = self.words.rows("wipe", 2)
        self.ask("prompt-wipe-hold", title, lines, True, 4)

    def test_a_message_of_more_than_two_rows_takes_turns(self):
        reason = self.words("why_never_set")
        title, *lines = self.words.rows("time_unknown", reason)
        message.draw(self.canvas, title, lines, 0)
        self.check("message-turns-first")
        message.draw(self.canvas, title, lines, 4)
        self.check("message-turns-second")


class DutchWordsTest(WordsTest):
    PREFIX, LANGUAGE = "nl-", "nl"


class LowDutchWordsTest(LowWordsTest):
    PREFIX, LANGUAGE = "nl-low-", "nl"


class GroupsTest(unittest.TestCase):
    def test_groups(self):
        self.assertEqual(groups("1234"), ["1234"])
        self.assertEqual(groups("12345"), ["12", "345"])
        self.assertEqual(groups("137289"), ["137", "289"])
        self.assertEqual(groups("1234567"), ["123", "4567"])
        self.assertEqual(groups("12345678"), ["1234", "5678"])
        self.assertEqual(groups("123456789"), ["123", "456", "789"])
        self.assertEqual(groups("1234567890"), ["12345", "67890"])

    def test_steam_stays_together(self):
        self.assertEqual(groups("VW9QM"), ["VW9QM"])

    def test_dashes_stand_for_digits(self):
        self.assertEqual(groups("------"), ["---", "---"])


class LinesTest(unittest.TestCase):
    def test_what_fits_stands_still(self):
        for tick in range(20):
            self.assertEqual(window("exactly sixteen!", tick), "exactly sixteen!")

    def test_every_character_is_shown_and_the_line_comes_back(self):
        for length in range(17, 65):
            text = "".join(chr(33 + i) for i in range(length))
            shown = [window(text, tick) for tick in range(40)]
            self.assertEqual(shown[:3], [text[:16]] * 3)
            self.assertTrue(all(len(part) == 16 and part in text for part in shown))
            self.assertEqual(set("".join(shown)), set(text))
            end = shown.index(text[-16:])
            self.assertEqual(shown[end : end + 4], [text[-16:]] * 3 + [text[:16]])

    def test_wrap(self):
        self.assertEqual(wrap("run tokenctl sync now"), ["run tokenctl", "sync now"])
        self.assertEqual(wrap("octocat@github.com"), ["octocat", "@github.com"])
        self.assertEqual(wrap("abcdefghijklmnopqrst uvw"), ["abcdefghijklmnop", "qrst uvw"])
        self.assertEqual(wrap("@abcdefghijklmnop"), ["@abcdefghijklmno", "p"])
        self.assertEqual(wrap(""), [""])

    def test_fit_wraps_while_there_is_room_and_scrolls_otherwise(self):
        self.assertEqual(
            fit(["GitHub", "octocat@github.com"], 3, 0)[1:], ["octocat", "@github.com"]
        )
        self.assertEqual(fit(["GitHub", "octocat@github.com"], 2, 0)[1:], ["octocat@github.c"])


class TurnsTest(unittest.TestCase):
    LONG = "Ministerie van Binnenlandse Zaken en Koninkrijksrelaties"

    def seen(self, texts, columns=13):
        return [turns(texts, tick, columns) for tick in range(60)]

    def test_one_text_is_as_without_turns(self):
        for text in ("short", self.LONG):
            shown = self.seen([text])
            self.assertEqual(shown, [window(text, tick, 13) for tick in range(60)])

    def test_each_that_fits_stands_for_three_seconds(self):
        self.assertEqual(self.seen(["one", "two"])[:9], ["one"] * 3 + ["two"] * 3 + ["one"] * 3)

    def test_nothing_is_cut_for_good(self):
        shown = self.seen([self.LONG, "short"])
        self.assertTrue(all(len(part) <= 13 for part in shown))
        windows = [part for part in shown if part != "short"]
        self.assertEqual(windows[:3], [self.LONG[:13]] * 3)
        self.assertIn(self.LONG[-13:], windows)
        self.assertEqual(set("".join(windows)), set(self.LONG))
        self.assertEqual(shown.count("short") % 3, 0)
        for at in range(len(self.LONG)):
            part = self.LONG[max(0, at - 5) : at + 5]
            self.assertTrue(any(self.LONG[at] in each for each in windows), part)

    def test_no_texts(self):
        self.assertEqual(turns([], 5), "")

    def test_pages(self):
        rows = ["one", "two", "three"]
        self.assertEqual(pages(rows[:2], 2, 9), ["one", "two"])
        shown = [pages(rows, 2, tick) for tick in range(8)]
        self.assertEqual(shown, [["one", "two"]] * 4 + [["two", "three"]] * 4)
        self.assertEqual(pages(["octocat@github.com"], 1, 2), ["@github.com"])


class CanvasTest(unittest.TestCase):
    def setUp(self):
        self.bus = Bus()
        self.panel = SSD1306(self.bus)
        self.canvas = Canvas(self.panel)
        asyncio.run(self.canvas.show())

    def cost(self, code_text, seconds_left):
        """Return the bytes on the bus, addresses included, for one code screen."""
        self.bus.bytes = 0
        code.draw(self.canvas, "Example", "alice@example.nl", code_text, seconds_left, 30, 0)
        asyncio.run(self.canvas.show())
        return self.bus.bytes

    def test_every_code_that_otp_makes_has_a_large_face(self):
        for letters in ("0123456789", "23456789BCDFGHJKMNPQRTVWXY"):
            for at in range(len(letters)):
                code_text = (letters + letters)[at : at + 5]
                self.canvas.clear()
                self.canvas.code(groups(code_text), 24)
                self.assertTrue(any(self.panel.buffer[3 * 128 : 4 * 128]), code_text)

    def test_unknown_letters_come_in_small_text(self):
        self.canvas.code(["abc"], 24)
        self.assertFalse(any(self.panel.buffer[: 4 * 128]))
        self.assertTrue(any(self.panel.buffer[4 * 128 : 5 * 128]))

    def test_a_tick_sends_under_100_bytes(self):
        self.cost("137289", 30)
        for seconds_left in range(29, 0, -1):
            self.assertTrue(0 < self.cost("137289", seconds_left) < 100)

    def test_the_bar_of_a_new_code_runs_full_and_then_falls(self):
        lit = []
        for seconds_left in range(30, 0, -1):
            self.cost("137289", seconds_left)
            lit.append(sum(column == 0x3E for column in self.panel.buffer[7 * 128 :]))
        self.assertTrue(lit[0] < lit[1] < lit[2] < lit[3])
        self.assertEqual(lit[3:], sorted(lit[3:], reverse=True))
        self.assertTrue(lit[3] >= 27 * lit[-1] > 0)

    def test_the_same_screen_again_sends_nothing(self):
        self.cost("137289", 30)
        self.assertEqual(self.cost("137289", 30), 0)

    def test_show_lets_others_run_between_pages(self):
        turns = []

        async def other():
            while True:
                turns.append(self.bus.bytes)
                await asyncio.sleep_ms(0)

        async def both():
            task = asyncio.create_task(other())
            await self.canvas.show()
            task.cancel()

        self.canvas.fill(0, 0, 128, 64)
        asyncio.run(both())
        self.assertTrue(len(turns) >= 8)
        steps = [after - before for before, after in zip(turns, turns[1:])]  # noqa: B905
        self.assertTrue(max(steps) <= 142)

    def test_whether_the_panel_had_power_is_asked_but_not_at_a_code_s_edge(self):
        self.canvas.lit(True)
        self.cost("137289", 30)
        self.assertEqual(self.cost("137289", 30), 4, "address, control byte, address, status")
        self.bus.bytes = 0
        asyncio.run(self.canvas.show(False))
        self.assertEqual(self.bus.bytes, 0)

    def test_lit(self):
        self.canvas.lit(True)
        self.bus.bytes = 0
        asyncio.run(self.canvas.show())
        self.assertTrue(self.bus.bytes > 1024, "set up anew: it may have lost its power")
        self.bus.bytes = 0
        self.canvas.lit(False)
        self.assertTrue(self.bus.bytes > 0, "at once")


class NewCodeTest(unittest.TestCase):
    """A new code costs 400 bytes at most, whatever it is and was, and a second less than 100."""

    def make(self, bus):
        return SSD1306(bus)

    def setUp(self):
        self.bus = Bus()
        self.panel = self.make(self.bus)

    def cost(self, code_text, seconds_left, period):
        """Return the bytes on the bus, addresses included, for one code screen."""
        self.bus.bytes = 0
        code.draw(self.canvas, "Example", "alice", code_text, seconds_left, period, 0)
        for page in self.panel.changed_pages():
            self.panel.send_page(page)
        return self.bus.bytes

    def pairs(self, letters):
        """Return pairs of a letter and the one after it: ten; test_screens_new_codes.py has all."""
        drawn = [(random.choice(letters), random.choice(letters)) for _ in range(9)]
        return [(letters[0], letters[1])] + drawn

    def worst(self, letters, count, period):
        """Return the most that a letter in all places costs instead of another one."""
        costs = [0]
        for old, new in self.pairs(letters):
            if new != old:
                self.cost(count * old, 1, period)
                costs.append(self.cost(count * new, period, period))
        return max(costs)

    def test_no_new_code_costs_more_than_400_bytes(self):
        self.canvas = Canvas(self.panel)
        for count in (5, 6, 7, 8, 9, 10, 6, 8):
            self.canvas.lit(False)
            self.canvas.lit(True)  # each time it is at another place
            for period in (30, 60):
                self.assertTrue(200 < self.worst("0123456789", count, period) <= 400, count)
        self.assertTrue(200 < self.worst("23456789BCDFGHJKMNPQRTVWXY", 5, 30) <= 400)
        self.assertTrue(200 < self.worst("0123456789", 6, 120) <= 400)

    def test_names_that_move_wait_while_a_new_code_comes(self):
        self.canvas = Canvas(self.panel)
        for tick in range(40):
            for code_text, left, now in (("000000", 1, tick), ("111111", 30, tick + 1)):
                self.bus.bytes = 0
                code.draw(self.canvas, "Issuer", ADMIN, code_text, left, 30, now)
                for page in self.panel.changed_pages():
                    self.panel.send_page(page)
            self.assertTrue(self.bus.bytes <= 400, tick)
            code.draw(self.canvas, "Issuer", ADMIN, "111111", 29, 30, now + 1)

    def test_no_second_of_a_period_costs_100_bytes(self):
        self.canvas = Canvas(self.panel)
        for period in (10, 30, 60, 120):
            self.cost("137289", period, period)
            for seconds_left in range(period - 1, 0, -1):
                self.assertTrue(0 < self.cost("137289", seconds_left, period) < 100)


class LowNewCodeTest(NewCodeTest):
    def make(self, bus):
        return SSD1306(bus, 0x3C, 128, 32)


class OtherNewCodeTest(NewCodeTest):
    def make(self, bus):
        return SH1106(bus)
