"""The SSD1306 OLED controller over I2C (Solomon Systech data sheet, rev. 1.1).

Draw on `framebuf`, then send the pages that `changed_pages` names. The driver keeps
a copy of what the panel holds and sends nothing that it already shows. A page is
eight rows, one byte a column, the lowest bit on top (section 8.7). One whole page
takes 3.3 ms at 400 kHz: the caller yields between pages. Bus errors are OSError.
"""

import framebuf
from micropython import const

_CONTRAST = const(0x81)
_DISPLAY_OFF = const(0xAE)
_DISPLAY_ON = const(0xAF)
_CHARGE_PUMP = const(0x8D)
_PUMP_ON = const(0x14)
_PUMP_OFF = const(0x10)
_COLUMN_WINDOW = const(0x21)
_PAGE_WINDOW = const(0x22)

# Control bytes, section 8.1.5.2: what follows is commands, one command byte, data.
_COMMANDS = const(0x00)
_COMMAND = const(0x80)
_DATA = const(0x40)

_HEAD = const(13)  # six command bytes with a control byte each, and the one before the data
_FAR = const(16)  # a new window costs 14 bytes and a START: over a shorter gap it does not pay


class SSD1306:
    """The panel on the bus `i2c` (as machine.I2C). Nothing is sent before `start`.

    `buffer` (bytearray, framebuf.MONO_VLSB) and `framebuf` are what to draw on.
    """

    def __init__(self, i2c, address=0x3C, width=128, height=64):
        self.width = width
        self.height = height
        self.buffer = bytearray(width * height // 8)
        self.framebuf = framebuf.FrameBuffer(self.buffer, width, height, framebuf.MONO_VLSB)
        self._i2c = i2c
        self._address = address
        self._held = bytearray(len(self.buffer))
        starts = range(0, len(self.buffer), width)
        self._new_pages = [memoryview(self.buffer)[at : at + width] for at in starts]
        self._held_pages = [memoryview(self._held)[at : at + width] for at in starts]
        self._known = bytearray(height // 8)  # 1 where the copy is what the panel holds
        self._message = bytearray(_HEAD + width)
        self._message_view = memoryview(self._message)

    def start(self):
        """Set the panel up, dark (see `power`); what it holds is unknown then.

        Section 10, and the application note's charge-pump example.
        """
        for page in range(len(self._known)):
            self._known[page] = 0
        self._commands(
            bytes((
                _DISPLAY_OFF,
                0xD5, 0x80,  # clock: divide by 1, the default frequency
                0xA8, self.height - 1,  # multiplex ratio
                0xD3, 0x00,  # no vertical offset
                0x40,  # RAM row 0 is the top row
                0x20, 0x00,  # horizontal addressing: the column goes on, then the page
                0xA1, 0xC8,  # upright, with the connector above: both directions turned
                0xDA, 0x12 if self.height > 32 else 0x02,  # how the rows are wired
                _CONTRAST, 0xCF,
                0xD9, 0xF1,  # precharge for a panel that lives on the charge pump
                0xDB, 0x20,  # deselect level 0.77 of the supply
                0xA4, 0xA6,  # the RAM is shown, a 1 is a lit pixel
                0x2E,  # no scrolling
            ))
        )  # fmt: skip

    def power(self, on):
        """Switch panel and charge pump on or off; switched off, the RAM keeps its picture."""
        if on:
            self._commands(bytes((_CHARGE_PUMP, _PUMP_ON, _DISPLAY_ON)))
        else:
            self._commands(bytes((_DISPLAY_OFF, _CHARGE_PUMP, _PUMP_OFF)))

    def contrast(self, value):
        """Set the brightness, 0 (dim, not dark) to 255."""
        self._commands(bytes((_CONTRAST, value)))

    def changed_pages(self):
        """Return the indices of the pages that differ from what the panel holds, from the top."""
        changed = []
        for page in range(len(self._new_pages)):
            if not self._known[page] or self._new_pages[page] != self._held_pages[page]:
                changed.append(page)
        return changed

    def send_page(self, page):
        """Send the columns of `page` that changed: one write, window commands and data in it.

        Where unchanged columns between two changed stretches outweigh the commands, each
        stretch has its own write. After an OSError the page counts as changed still.
        """
        if not self._known[page]:
            self._send(page, 0, self.width - 1)
            self._known[page] = 1
            return
        new = self._new_pages[page]
        held = self._held_pages[page]
        first = last = -1
        for column in range(self.width):
            if new[column] != held[column]:
                if first < 0:
                    first = column
                elif column - last > _FAR:
                    self._send(page, first, last)
                    first = column
                last = column
        if first >= 0:
            self._send(page, first, last)

    def _send(self, page, first, last):
        """Send columns `first` to `last` of `page` in one write and note them as held."""
        message = self._message
        self._put(0, _COLUMN_WINDOW, first, last)
        self._put(6, _PAGE_WINDOW, page, page)
        message[12] = _DATA
        count = last - first + 1
        data = self._new_pages[page][first : last + 1]
        message[_HEAD : _HEAD + count] = data
        self._i2c.writeto(self._address, self._message_view[: _HEAD + count])
        self._held_pages[page][first : last + 1] = self._message_view[_HEAD : _HEAD + count]

    def _put(self, at, command, start, end):
        message = self._message
        message[at] = message[at + 2] = message[at + 4] = _COMMAND
        message[at + 1] = command
        message[at + 3] = start
        message[at + 5] = end

    def _commands(self, commands):
        self._i2c.writeto(self._address, bytes((_COMMANDS,)) + commands)
