"""The common part of the panel drivers: pages, and the commands that their controllers share.

A page is eight rows, one byte a column with the lowest bit on top, as in framebuf.MONO_VLSB.
The controllers also share page addressing, in which some columns of a page are sent as B0h with
the page, unless that is selected already, 00h and 10h with the nibbles of the column, then the
data; and the status byte, whose bit 6 means that the display is off, as after a power-on reset.
Only what differs from the panel's contents is sent.
"""

import framebuf
from micropython import const

_COMMANDS = const(0x00)  # control byte: commands follow
_COMMAND, _DATA = 0x80, 0x40  # control bytes: one command byte follows; data follow
_PAGE, _COLUMN_LOW, _COLUMN_HIGH = 0xB0, 0x00, 0x10
_CONTRAST = const(0x81)
_IS_OFF = const(0x40)  # in the status byte
_HEAD = const(7)  # bytes: three commands, each with a control byte, and that of the data
_SAME_PAGE = const(2)  # bytes of the head that are left out if the page is selected already
_GAP = const(7)  # columns: addressing anew costs 6 bytes and a START, sending a shorter gap less


class Panel:
    """A panel of `width` x `height` pixels on the bus `i2c` (as machine.I2C).

    Draw on `framebuf` (framebuf.MONO_VLSB), or on its `buffer` (bytearray). `left` is the
    controller's column at which the panel begins, `brightness` 0 to 255. A driver adds
    `start()`, which sets the panel up, dark, and the commands ON and OFF, which switch the
    panel and its supply. Nothing is sent before start(). Bus errors are OSError.
    """

    ON = OFF = b""

    def __init__(self, i2c, address, width, height, left, brightness):
        self.width = width
        self.height = height
        self.buffer = bytearray(width * height // 8)
        self.framebuf = framebuf.FrameBuffer(self.buffer, width, height, framebuf.MONO_VLSB)
        self._i2c = i2c
        self._address = address
        self._left = left
        self._brightness = brightness
        self._flipped = False
        self._tells = False  # the panel is on, and its status byte can be read
        held = bytearray(len(self.buffer))
        starts = range(0, len(self.buffer), width)
        self._new = [memoryview(self.buffer)[at : at + width] for at in starts]
        self._held = [memoryview(held)[at : at + width] for at in starts]
        self._known = bytearray(height // 8)  # 1 for each page of which _held is certain
        self._message = memoryview(bytearray(_HEAD + width))

    def set_up(self, commands):
        """Send `commands` and the common set-up; the panel's contents are unknown afterwards."""
        self._forget()
        self._commands(
            commands
            + bytes((_CONTRAST, self._brightness, 0xA4, 0xA6))  # show the RAM; 1 is lit
            + self._directions()
        )

    def power(self, on):
        """Switch the panel and its supply on or off; it keeps its contents."""
        self._commands(self.ON if on else self.OFF)
        self._tells = False
        if on:
            try:
                self._tells = self._is_on()
            except OSError:
                pass  # it cannot be read

    def has_lost_power(self):
        """Return whether the panel was switched on but is off now: then start() it again.

        False for a panel whose status cannot be read.
        """
        return self._tells and not self._is_on()

    def contrast(self, value):
        """Set the brightness, 0 (dim, not dark) to 255; start() keeps it."""
        self._brightness = value
        self._commands(bytes((_CONTRAST, value)))

    def flip(self, on):
        """Turn the picture upside down, or upright again; start() keeps that.

        The new direction of columns applies to later writes only (SSD1306, section 10.1.8), so
        all pages have to be sent again.
        """
        self._flipped = bool(on)
        self._forget()
        self._commands(self._directions())

    def changed_pages(self):
        """Return the indexes, from the top, of the pages that differ from the panel's contents."""
        changed = []
        for page in range(len(self._new)):
            if not self._known[page] or self._new[page] != self._held[page]:
                changed.append(page)
        return changed

    def send_page(self, page):
        """Send the columns of `page` that changed, in one or more writes.

        Runs of changed columns are sent separately if that takes fewer bytes than the columns
        between them. After an OSError the page still counts as changed.
        """
        new = self._new[page]
        if not self._known[page]:
            self._send(page, 0, len(new) - 1, 0)
            self._known[page] = 1
            return
        held = self._held[page]
        first = last = -1
        begin = 0
        for column in range(len(new)):
            if new[column] != held[column]:
                if first < 0:
                    first = column
                elif column - last > _GAP:
                    self._send(page, first, last, begin)
                    first, begin = column, _SAME_PAGE
                last = column
        if first >= 0:
            self._send(page, first, last, begin)

    def _send(self, page, first, last, begin):
        """Send columns `first` to `last` of `page` in one write, and note them as held.

        The first `begin` bytes of the head are left out.
        """
        message = self._message
        column = self._left + first
        message[0] = message[2] = message[4] = _COMMAND
        message[1] = _PAGE | page
        message[3] = _COLUMN_LOW | column & 0x0F
        message[5] = _COLUMN_HIGH | column >> 4
        message[6] = _DATA
        end = _HEAD + last - first + 1
        message[_HEAD:end] = self._new[page][first : last + 1]
        self._i2c.writeto(self._address, message[begin:end])
        self._held[page][first : last + 1] = message[_HEAD:end]

    def _forget(self):
        """Note that the panel's contents are unknown."""
        for page in range(len(self._known)):
            self._known[page] = 0

    def _is_on(self):
        """Return whether the status byte, read after a control byte of commands, says on."""
        return not self._i2c.readfrom_mem(self._address, _COMMANDS, 1)[0] & _IS_OFF

    def _directions(self):
        """Return the commands for the directions of columns and rows.

        Upright means with the connector at the top.
        """
        return bytes((0xA0, 0xC0)) if self._flipped else bytes((0xA1, 0xC8))

    def _commands(self, commands):
        self._i2c.writeto(self._address, bytes((_COMMANDS,)) + commands)
