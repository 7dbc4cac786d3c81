"""The screens of the recovery code and of backups against golden pictures. Runs on MicroPython."""

import unittest

import golden

from otpcore import recovery_code
from otpcore.backup_frame import Header
from tokenfw.display.canvas import Canvas
from tokenfw.drivers import button
from tokenfw.drivers.ssd1306 import SSD1306
from tokenfw.ui.dialogs.backup_dialogs import GroupEntry, when
from tokenfw.ui.dialogs.consent import ANSWER, READ
from tokenfw.ui.screens import prompt, recovery
from tokenfw.ui.words import Words

CODE = recovery_code.draw(bytes(range(10, 80)))
HEADER = Header("05BE10E18AB0", 1000, 1790000000, bytes(16))


class Bus:
    def writeto(self, address, data):
        pass

    def readfrom_mem(self, address, register, size):
        return bytes(size)


class RecoveryTest(unittest.TestCase):
    def all(self, name, draw):
        """Compare a picture on both panels and in both languages."""
        for height, panel in ((64, ""), (32, "low-")):
            for language, prefix in (("en", ""), ("nl", "nl-")):
                screen = SSD1306(Bus(), 0x3C, 128, height)
                draw(Canvas(screen), Words(lambda key, language=language: language))
                full = prefix + panel + "recovery-" + name
                golden.check(self, full, screen.framebuf, 128, height)

    def entry(self, words, digits, key="restore_code"):
        entry = GroupEntry(words, words(key) % 10, 9, "")
        for digit in digits:
            entry.turn(int(digit))
            entry.take()
        return entry

    def turned(self, entry, name):
        if name in ("delete", "stop"):
            entry.turn(-1)
        elif name == "runs":
            entry.press(button.LONG, 0)
            for _ in range(7):
                entry.run()
        return entry

    def test_a_group_of_the_code(self):
        group = CODE[45:]
        self.all("group", lambda canvas, words: recovery.draw_group(canvas, words, 9, group))

    def test_a_group_that_is_entered(self):
        for name, digits, state in (
            ("none", "", ANSWER),
            ("some", "204", ANSWER),
            ("read", "", READ),
            ("delete", "2", ANSWER),
            ("stop", "", ANSWER),
            ("runs", "20", ANSWER),
        ):
            self.all(
                "entry-" + name,
                lambda canvas, words, name=name, digits=digits, state=state: recovery.draw(
                    canvas, words, self.turned(self.entry(words, digits), name), 0, state
                ),
            )

    def test_a_wrong_group_says_so_and_begins_anew(self):
        wrong = "00000" if recovery_code.check_digit(9, "0000") != "0" else "00001"
        self.all(
            "entry-wrong",
            lambda canvas, words: recovery.draw(canvas, words, self.entry(words, wrong), 0),
        )
        words = Words(lambda key: "en")
        entry = self.entry(words, wrong)
        self.assertEqual((entry.done, entry.digits, entry.note), (False, "", "Wrong: try again"))
        right = "1234" + recovery_code.check_digit(9, "1234")
        for digit in right:
            entry.turn(int(digit))
            entry.take()
        self.assertEqual((entry.done, entry.digits), (True, right))

    def test_a_button_that_is_held_runs_and_takes_what_it_is_let_go_at(self):
        for number, runs, digit in ((0, 0, "0"), (0, 7, "7"), (1, 0, "9"), (1, 4, "5")):
            entry = self.entry(Words(lambda key: "en"), "")
            entry.press(button.LONG, number)
            for _ in range(runs):
                entry.run()
            entry.press(button.HOLD, number)  # as any button does after three seconds
            entry.let_go()
            self.assertEqual((entry.digits, entry.refused), (digit, False))

    def test_who_holds_too_long_comes_round_and_stops_nothing(self):
        for number in (0, 1):
            entry = self.entry(Words(lambda key: "en"), "")
            entry.press(button.LONG, number)
            seen = set()
            for _ in range(40):
                seen.add(entry.choice())
                entry.run()
            self.assertEqual(seen, set("0123456789"))

    def test_presses_alone_enter_too_and_stop_ends_it(self):
        entry = self.entry(Words(lambda key: "en"), "")
        for event, number in ((button.SHORT, 0), (button.SHORT, 0), (button.SHORT, 1)):
            entry.press(event, number)
        self.assertEqual(entry.digits, "2")
        for _ in range(10):
            entry.press(button.SHORT, 0)
        entry.press(button.SHORT, 1)  # deletes
        self.assertEqual((entry.digits, entry.refused), ("", False))
        for _ in range(10):
            entry.press(button.SHORT, 0)
        entry.press(button.SHORT, 1)
        self.assertTrue(entry.refused)

    def test_the_questions(self):
        for key, hold in (("backup", True), ("forbid", True), ("behind_fix", True)):
            self.all(
                "ask-" + key,
                lambda canvas, words, key=key, hold=hold: prompt.draw(
                    canvas, words, words.rows(key)[0], words.rows(key)[1:], hold
                ),
            )

    def test_a_restore_shows_what_it_is_of(self):
        def draw(canvas, words):
            lines = [when(HEADER.created, words), HEADER.serial]
            lines.append(words("accounts") % HEADER.count)
            prompt.draw(canvas, words, words("replace_all"), lines, True)

        self.all("ask-replace", draw)

    def test_that_one_was_made(self):
        def draw(canvas, words):
            title, *lines = words.rows("backup_made", when(0, words))
            prompt.draw(canvas, words, title, lines, False)

        self.all("ask-made", draw)
