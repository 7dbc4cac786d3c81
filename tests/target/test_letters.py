# heap: 2M
"""The letters beyond ASCII: how they look (tests/data/golden/letters.txt), and what has none.

Runs on MicroPython, from the root of the repository.
"""

import gc
import unittest

import framebuf
import golden

from tokenfw.display import letterforms
from tokenfw.display.canvas import Canvas
from tokenfw.display.letters import Letters, composed

LATIN = "".join(chr(code) for code in range(0xA1, 0x180) if code != 0xAD)
MORE = "ȘșȚțǦǧǨǩȞȟẀẁẂẃẄẅỲỳẞƏə€–—‘’‚“”„•…‹›™"
ASCII = "".join(chr(code) for code in range(0x20, 0x7F))
FOREIGN = "ΩЖא中あ한🔑\u200d\ufe0f\u0301\x00\x07\x7f\x9f\ue000\uffff\U0010ffff"
ALIKE = ("ÐĐ", "-–", "‚,")  # what may look the same


class Panel:
    """Lines 12 rows apart."""

    def __init__(self, lines, width=256):
        self.width, self.height = width, 12 * lines
        self.buffer = bytearray(width * ((self.height + 7) // 8))
        self.framebuf = framebuf.FrameBuffer(self.buffer, width, self.height, framebuf.MONO_VLSB)


def picture(character):
    """Return how a character looks: the columns of rows 0 to 7, then of rows 8 to 11."""
    panel = Panel(1, 16)
    Canvas(panel).text(character, 0, 0)
    return bytes(panel.buffer)


BOX = b"\x00\x7f\x41\x41\x41\x41\x7f" + bytes(25)  # six columns, seven rows


class LettersTest(unittest.TestCase):
    def test_how_they_look(self):
        every = LATIN + MORE
        lines = [every[at : at + 32] for at in range(0, len(every), 32)]
        panel = Panel(len(lines))
        canvas = Canvas(panel)
        for row, line in enumerate(lines):
            canvas.text(line, 0, 12 * row)
        golden.check(self, "letters", panel.framebuf, panel.width, panel.height)

    def test_each_has_a_picture_of_its_own(self):
        seen = {}
        for character in ASCII + LATIN + MORE:
            looks = picture(character)
            self.assertNotEqual(looks, BOX, character)
            other = seen.get(looks, character)
            alike = any(character in group and other in group for group in ALIKE)
            self.assertTrue(other == character or alike, "%s and %s" % (character, other))
            seen[looks] = character

    def test_each_stays_in_its_cell(self):
        for character in LATIN + MORE:
            columns = picture(character)
            self.assertEqual((columns[8:16], columns[24:]), (bytes(8), bytes(8)), character)
            self.assertTrue(all(column < 2 for column in columns[16:24]), character)

    def test_a_box_stands_for_everything_else(self):
        for character in FOREIGN:
            self.assertEqual(picture(character), BOX, hex(ord(character)))

    def test_a_letter_with_a_mark_below_keeps_its_shape(self):
        for whole, base in (("ç", "c"), ("Ş", "S"), ("ț", "t"), ("ą", "a"), ("Ķ", "K")):
            marked, plain = picture(whole), picture(base)
            self.assertEqual([each & 0x7F for each in marked[:8]], list(plain[:8]), whole)
            self.assertTrue(any(marked[16:24]), whole)

    def test_small_letters_keep_their_height_under_a_mark(self):
        for whole, base in (("é", "e"), ("ä", "a"), ("ñ", "n"), ("ő", "o"), ("ü", "u"), ("š", "s")):
            self.assertEqual([each & 0xFC for each in picture(whole)], list(picture(base)), whole)

    def test_dark_on_light_is_the_same_picture(self):
        for text in ("Zoë Ångström", "ﬁ🔑ç"):
            panel, dark = Panel(1), Panel(1)
            Canvas(panel).text(text, 3, 1)
            dark.framebuf.fill(1)
            Canvas(dark).text(text, 3, 1, 0)
            for y in range(12):
                for x in range(256):
                    self.assertEqual(panel.framebuf.pixel(x, y), 1 - dark.framebuf.pixel(x, y))

    def test_what_is_drawn_over_stays(self):
        panel = Panel(1)
        panel.framebuf.fill(1)
        Canvas(panel).text("é", 0, 0)
        self.assertTrue(all(panel.framebuf.pixel(x, y) for x in range(8) for y in range(9)))


class ComposedTest(unittest.TestCase):
    def test_marks_join_their_letters(self):
        for apart, whole in (
            ("Cre\u0301dit", "Crédit"),
            ("A\u030angstro\u0308m", "Ångström"),
            ("S\u0326coala\u0306", "Școală"),
            ("d\u030ct\u030cu\u030ag\u0327", "ďťůģ"),
            ("I\u0307", "İ"),
        ):
            self.assertEqual(composed(apart), whole)

    def test_what_does_not_join_stays(self):
        for text in (
            "",
            "plain",
            "Crédit",
            "\u0301e",
            "q\u0301",
            "e\u0301\u0301"[:0],
            "中\u0301",
            "🔑",
        ):
            self.assertEqual(composed(text), text)
        self.assertEqual(composed("e\u0302\u0301"), "ê\u0301")

    def test_letters_take_little_memory(self):
        size = sum(
            len(data)
            for data in (
                letterforms.PAIRS, letterforms.ABOVE, letterforms.BELOW, letterforms.CELLS,
                letterforms.OWN.encode(), letterforms.FURTHER.encode(),
            )
        )  # fmt: skip
        self.assertTrue(size < 2048, size)
        letters = Letters()
        gc.collect()
        before = gc.mem_alloc()
        for character in LATIN + MORE + FOREIGN:
            letters.picture(character)
        gc.collect()
        self.assertTrue(gc.mem_alloc() - before < 2 * 4096)  # objects are twice the board's


if __name__ == "__main__":
    unittest.main()
