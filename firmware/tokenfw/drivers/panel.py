"""What the controllers of these panels have in common: pages, and most of their commands.

A page is eight rows, one byte a column, the lowest bit on top: so framebuf.MONO_VLSB
and the controllers have them. They also agree on how a stretch of a page goes over the
bus, in page addressing: B0h and the page, unless that is chosen already, 00h and 10h
with the column's nibbles, then data; and on the status byte, whose bit 6 says that the
display is off, as it is after a power-on reset. Nothing is sent that the panel already
shows.
"""

import framebuf
from micropython import const

_COMMANDS = const(0x00)  # control byte: what follows is commands
_COMMAND, _DATA = 0x80, 0x40  # control bytes: what follows is one command byte, is data
_PAGE, _COLUMN_LOW, _COLUMN_HIGH = 0xB0, 0x00, 0x10
_CONTRAST = const(0x81)
_IS_OFF = const(0x40)  # in the status byte
_HEAD = const(7)  # bytes: three commands with a control byte each, and the one before the data
_SAME_PAGE = const(2)  # bytes of the head that a second stretch of a page does without
_GAP = const(7)  # a new place costs 6 bytes and a START: over a shorter gap it does not pay


class Panel:
    """A panel of `width` x `height` pixels on the bus `i2c` (as machine.I2C).

    `buffer` (bytearray, framebuf.MONO_VLSB) and `framebuf` are what to draw on; `left` is
    the controller's column at which the panel begins. A driver adds `start()`, which sets
    the panel up, dark, and ON and OFF: the commands that switch it and what feeds it.
    Nothing is sent before `start`. Bus errors are OSError.
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
        self._tells = False  # the panel is switched on, and says so
        held = bytearray(len(self.buffer))
        starts = range(0, len(self.buffer), width)
        self._new = [memoryview(self.buffer)[at : at + width] for at in starts]
        self._held = [memoryview(held)[at : at + width] for at in starts]
        self._known = bytearray(height // 8)  # 1 where the copy is what the panel holds
        self._message = memoryview(bytearray(_HEAD + width))

    def set_up(self, commands):
        """Send what a driver's start() has to say; what the panel holds is unknown then."""
        self._forget()
        self._commands(
            commands
            + bytes((_CONTRAST, self._brightness, 0xA4, 0xA6))  # the RAM is shown, a 1 is lit
            + self._directions()
        )

    def power(self, on):
        """Switch the panel on or really off; it keeps its picture."""
        self._commands(self.ON if on else self.OFF)
        self._tells = False
        if on:
            try:
                self._tells = self._is_on()
            except OSError:
                pass  # it does not let itself be read

    def has_lost_power(self):
        """Return whether the panel, which was switched on, is off, so that it must be started again.

        Of one that never says whether it is on nothing can be told.
        """
        return self._tells and not self._is_on()

    def contrast(self, value):
        """Set the brightness, 0 (dim, not dark) to 255; a new start keeps it."""
        self._brightness = value
        self._commands(bytes((_CONTRAST, value)))

    def flip(self, on):
        """Turn the picture upside down, or upright again; a new start keeps it.

        Columns turn for what is written from now on only (SSD1306, section 10.1.8): all
        pages have to be sent anew.
        """
        self._flipped = bool(on)
        self._forget()
        self._commands(self._directions())

    def changed_pages(self):
        """Return the indices of the pages that differ from what the panel holds, from the top."""
        changed = []
        for page in range(len(self._new)):
            if not self._known[page] or self._new[page] != self._held[page]:
                changed.append(page)
        return changed

    def send_page(self, page):
        """Send the columns of `page` that changed, in one write or more.

        Where unchanged columns between two changed stretches outweigh the commands, each
        stretch has its own write. After an OSError the page counts as changed still.
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
        """Send columns `first` to `last` of `page` in one write and note them as held.

        The head goes from its byte `begin` on.
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
        """What the panel holds is unknown from now on."""
        for page in range(len(self._known)):
            self._known[page] = 0

    def _is_on(self):
        """Ask the panel: a status byte is read after the control byte of commands."""
        return not self._i2c.readfrom_mem(self._address, _COMMANDS, 1)[0] & _IS_OFF

    def _directions(self):
        """Return the commands for columns and rows: upright is with the connector above."""
        return bytes((0xA0, 0xC0)) if self._flipped else bytes((0xA1, 0xC8))

    def _commands(self, commands):
        self._i2c.writeto(self._address, bytes((_COMMANDS,)) + commands)
