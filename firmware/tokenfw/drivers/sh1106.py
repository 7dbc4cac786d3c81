"""The SH1106 OLED controller over I2C (Sino Wealth data sheet, version 2.3).

As the SSD1306's driver, but the RAM has 132 columns, of which a panel of 128 shows
those in the middle, another converter feeds the panel, and it knows pages only: no
windows, no other addressing. Bus errors are OSError.
"""

from micropython import const

from tokenfw.pages import Pages

_PUMP_VOLTAGE = const(0x30)
_CONTRAST = const(0x81)
_DC_DC = const(0xAD)
_DC_DC_OFF = const(0x8A)
_DC_DC_ON = const(0x8B)
_DISPLAY_OFF = const(0xAE)
_DISPLAY_ON = const(0xAF)

_COMMANDS = const(0x00)  # control byte: what follows is commands
_COLUMNS = const(132)


class SH1106:
    """The panel on the bus `i2c` (as machine.I2C). Nothing is sent before `start`.

    `buffer` (bytearray, framebuf.MONO_VLSB) and `framebuf` are what to draw on.
    """

    def __init__(self, i2c, address=0x3C, width=128, height=64):
        self.width = width
        self.height = height
        self._pages = Pages(width, height, self._write, (_COLUMNS - width) // 2)
        self.buffer = self._pages.buffer
        self.framebuf = self._pages.framebuf
        self._i2c = i2c
        self._address = address
        self._brightness = 0x80
        self._flipped = False

    def start(self):
        """Set the panel up, dark (see `power`); what it holds is unknown then.

        The values are those of a power-on reset, which the panel need not have had.
        """
        self._pages.forget()
        self._commands(
            bytes((
                _DISPLAY_OFF,
                0xD5, 0x50,  # clock: divide by 1, the default frequency
                0xA8, self.height - 1,  # multiplex ratio
                0xD3, 0x00,  # no vertical offset
                0x40,  # RAM row 0 is the top row
                _DC_DC, _DC_DC_OFF,
                _PUMP_VOLTAGE | 2,  # 8.0 V
                0xDA, 0x12 if self.height > 32 else 0x02,  # how the rows are wired
                _CONTRAST, self._brightness,
                0xD9, 0x22,  # precharge and discharge of 2 clocks each
                0xDB, 0x35,  # deselect level 0.77 of VREF
                0xA4, 0xA6,  # the RAM is shown, a 1 is a lit pixel
            ))
            + self._directions()
        )  # fmt: skip

    def power(self, on):
        """Switch panel and DC-DC converter on or off; switched off, the RAM keeps its picture.

        The converter is switched while the panel is off, as the data sheet wants it.
        """
        if on:
            self._commands(bytes((_DC_DC, _DC_DC_ON, _DISPLAY_ON)))
        else:
            self._commands(bytes((_DISPLAY_OFF, _DC_DC, _DC_DC_OFF)))

    def contrast(self, value):
        """Set the brightness, 0 (dim, not dark) to 255; a new start keeps it."""
        self._brightness = value
        self._commands(bytes((_CONTRAST, value)))

    def flip(self, on):
        """Have the picture upside down, or upright again; a new start keeps it.

        All pages are sent anew: then it is right whether the columns turn in what is
        shown or in what is written.
        """
        self._flipped = bool(on)
        self._pages.forget()
        self._commands(self._directions())

    def changed_pages(self):
        """Return the indices of the pages that differ from what the panel holds, from the top."""
        return self._pages.changed()

    def send_page(self, page):
        """Send what changed of `page`; after an OSError it counts as changed still."""
        self._pages.send(page)

    def _directions(self):
        """Return the commands for columns and rows: upright is with the connector above."""
        return bytes((0xA0, 0xC0)) if self._flipped else bytes((0xA1, 0xC8))

    def _commands(self, commands):
        self._write(bytes((_COMMANDS,)) + commands)

    def _write(self, message):
        self._i2c.writeto(self._address, message)
