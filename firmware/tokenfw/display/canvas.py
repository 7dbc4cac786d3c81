"""The drawing surface of all screens: small text, large codes and bars on a panel's frame buffer.

A panel is one of tokenfw.drivers.panel. Drawing causes no bus traffic; show() sends what changed,
and lets other tasks run between pages. A panel that does not answer is no error: it is set up
again as soon as it answers. So is one that lost power for a moment, which is detected while it
is lit, and whenever it lights up. Small text is eight pixels a character. The picture is shifted
by a pixel each time the panel lights up, so that pixels wear evenly.
"""

import asyncio

import framebuf

from otpcore.characters import characters

CELL = 8  # pixels: width and height of a character of the built-in font
GROUP_GAP = 8  # columns between the groups of a code, in addition to the gap of characters

LOW = 32  # rows, up to which a panel has layouts and faces of its own


class Canvas:
    """A drawing surface on `panel`; `width`, `height` and all coordinates are in pixels.

    `low` is True if the panel has at most LOW rows; `code_height` is the height of code().
    `wake_count` is how often the panel was lit.
    """

    def __init__(self, panel, wake_count=0):
        self.width = panel.width
        self.height = panel.height
        self.low = panel.height <= LOW
        if self.low:  # only the faces that are needed take up memory
            from tokenfw.display import glyphs32 as glyphs
        else:
            from tokenfw.display import glyphs
        self.code_height = glyphs.WIDE[1]
        # Face, and columns between its characters, the widest first. They must not be wider or
        # further apart: a screen with a new code has to be sent in 400 bytes.
        digits = ((glyphs.WIDE, 3), (glyphs.TALL, 2), (glyphs.SMALL, 2))
        self._faces = (digits, ((glyphs.LETTERS, 4),))
        self._panel = panel
        self._lit = False
        self._started = False  # whether the panel is set up, and answered the last time
        self._brightness = self._flipped = None
        self.wake_count = wake_count
        self._left = self._right = 0  # pixels by which the picture, and codes, are shifted
        self._picture = panel.framebuf
        self._letters = None  # the Letters, once a character beyond ASCII is drawn
        self._stamps = {}  # face width -> (bytearray, FrameBuffer) of one character

    def clear(self):
        self._picture.fill(0)

    def fill(self, x, y, width, height, lit=1):
        """Fill a rectangle; width and height may be 0."""
        self._picture.fill_rect(x - self._left, y, width, height, lit)

    def text(self, text, x, y, lit=1):
        """Write small text with its top left corner at x, y, CELL columns per character."""
        x -= self._left
        for character in characters(text):
            if " " <= character <= "~":
                self._picture.text(character, x, y, lit)
                if character == "m":
                    self._small_m(x, y, lit)
            else:
                self._picture.blit(self._beyond_ascii(character, lit), x, y, 1 - lit)
            x += CELL

    def _small_m(self, x, y, lit):
        """Redraw columns 3 to 7 of the built-in font's m, which looks like a capital."""
        fill = self._picture.fill_rect
        fill(x + 3, y + 2, 5, 5, 1 - lit)
        fill(x + 3, y + 2, 4, 1, lit)
        fill(x + 4, y + 3, 1, 4, lit)
        fill(x + 6, y + 3, 2, 4, lit)

    def _beyond_ascii(self, character, lit):
        if self._letters is None:
            from tokenfw.display.letters import Letters

            self._letters = Letters()
        return self._letters.picture(character, lit)

    def centred(self, text, y, lit=1):
        """Write small text centred at y; a text that is too wide starts at the left edge."""
        self.text(text, max(0, (self.width - len(text) * CELL + 1) // 2), y, lit)

    def code(self, groups, y, lit=1):
        """Draw the groups of a code as large as they fit, centred in a line at y.

        The line is `code_height` high. A code that no large face can show, or that is too long
        for all of them, is small text. With `lit` 0 it is dark on a background that must be lit.
        """
        for face, gap in self._faces_for(groups):
            width = _code_width(groups, face, gap)
            spare = self.width - width
            if spare >= 0:
                x = min(spare // 2 + self._right, spare) - self._left
                self._draw_groups(groups, face, gap, x, y, None if lit else _inverse())
                return
        self.centred(" ".join(groups), y + (self.code_height - CELL) // 2, lit)

    def _faces_for(self, groups):
        """Return ((face, gap), …) that have every character of the groups, the largest first."""
        for faces in self._faces:
            known = faces[0][0][2]
            if all(character in known for group in groups for character in characters(group)):
                return faces
        return ()

    def _draw_groups(self, groups, face, gap, x, y, palette):
        width, height, known, data = face
        cell, stamp = self._stamp(width, height)
        y += (self.code_height - height) // 2
        for group in groups:
            for character in characters(group):
                at = known.index(character) * len(cell)
                cell[:] = data[at : at + len(cell)]
                if palette is None:
                    self._picture.blit(stamp, x, y)
                else:
                    self._picture.blit(stamp, x, y, -1, palette)
                x += width + gap
            x += GROUP_GAP

    def _stamp(self, width, height):
        """Return the scratch (bytearray, FrameBuffer) for a face; made once.

        Only from MicroPython 1.26 on does blit take bytes as its source.
        """
        if width not in self._stamps:
            cell = bytearray(width * ((height + 7) // 8))
            stamp = framebuf.FrameBuffer(cell, width, height, framebuf.MONO_VLSB)
            self._stamps[width] = cell, stamp
        return self._stamps[width]

    def bar(self, x, y, width, height, part, whole):
        """Draw `part` of `whole` as a bar `height` rows high, followed by a line of one row."""
        x -= self._left
        full = width * min(part, whole) // whole
        self._picture.fill_rect(x, y, full, height, 1)
        self._picture.fill_rect(x + full, y + height // 2, width - full, 1, 1)

    async def show(self, asks=True):
        """Send what changed to the panel, page by page (3.1 ms each at most at 400 kHz).

        With `asks` False, where each byte would delay a picture, the panel is not asked whether
        it lost power. A panel that does not answer is no error.
        """
        try:
            started = self._started
            if asks and started and self._lit:
                started = not self._panel.has_lost_power()
            if not started:
                self._panel.start()
            for page in self._panel.changed_pages():
                self._panel.send_page(page)
                await asyncio.sleep_ms(0)
            if not started:
                self._panel.power(self._lit)
                self._started = True
        except OSError:
            self._started = False

    def lit(self, on):
        """Switch the panel on, with the next show(), or off at once, its supply too."""
        if on and not self._lit:
            self._left = self.wake_count & 1  # most letters begin in their second column
            self._right = self.wake_count & 2  # not down: that would touch another page
            self.wake_count += 1
            self._started = False  # while off it does not show whether it lost power
        self._lit = on
        if self._started and not on:
            try:
                self._panel.power(False)
            except OSError:
                self._started = False

    def is_gone(self):
        """Return whether the panel is off, and its RAM holds nothing but the present picture."""
        return self._started and not self._lit and not self._panel.changed_pages()

    def look(self, brightness, flipped):
        """Set the panel's brightness (0 to 255), and whether it is upside down."""
        try:
            if brightness != self._brightness:
                self._brightness = brightness
                self._panel.contrast(brightness)
            if flipped != self._flipped:
                self._flipped = flipped
                self._panel.flip(flipped)
        except OSError:
            self._started = False
            self._brightness = self._flipped = None  # sent again with the next picture


def _inverse():
    """Return a palette for blit that swaps lit and dark."""
    palette = framebuf.FrameBuffer(bytearray(2), 2, 1, framebuf.MONO_VLSB)
    palette.pixel(0, 0, 1)
    return palette


def _code_width(groups, face, gap):
    count = sum(len(group) for group in groups)
    return count * (face[0] + gap) - gap + (len(groups) - 1) * GROUP_GAP
