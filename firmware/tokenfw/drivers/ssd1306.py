"""The SSD1306 OLED controller over I2C (Solomon Systech data sheet, rev. 1.1).

Draw on `framebuf`, then send the pages that `changed_pages` names: of a page only
what changed goes over the bus. One whole page takes 3.1 ms at 400 kHz: the caller
yields between pages. Bus errors are OSError.
"""

from micropython import const

from tokenfw.pages import Pages

_CONTRAST = const(0x81)
_DISPLAY_OFF = const(0xAE)
_DISPLAY_ON = const(0xAF)
_CHARGE_PUMP = const(0x8D)
_PUMP_ON = const(0x14)
_PUMP_OFF = const(0x10)

_COMMANDS = const(0x00)  # control byte: what follows is commands (section 8.1.5.2)


class SSD1306:
    """The panel on the bus `i2c` (as machine.I2C). Nothing is sent before `start`.

    `buffer` (bytearray, framebuf.MONO_VLSB) and `framebuf` are what to draw on.
    """

    def __init__(self, i2c, address=0x3C, width=128, height=64):
        self.width = width
        self.height = height
        self._pages = Pages(width, height, self._write)
        self.buffer = self._pages.buffer
        self.framebuf = self._pages.framebuf
        self._i2c = i2c
        self._address = address
        self._brightness = 0xCF
        self._flipped = False

    def start(self):
        """Set the panel up, dark (see `power`); what it holds is unknown then.

        Section 10, and the application note's charge-pump example.
        """
        self._pages.forget()
        self._commands(
            bytes((
                _DISPLAY_OFF,
                0xD5, 0x80,  # clock: divide by 1, the default frequency
                0xA8, self.height - 1,  # multiplex ratio
                0xD3, 0x00,  # no vertical offset
                0x40,  # RAM row 0 is the top row
                0x20, 0x02,  # page addressing: a window would cost more bytes
                0xDA, 0x12 if self.height > 32 else 0x02,  # how the rows are wired
                _CONTRAST, self._brightness,
                0xD9, 0xF1,  # precharge for a panel that lives on the charge pump
                0xDB, 0x20,  # deselect level 0.77 of the supply
                0xA4, 0xA6,  # the RAM is shown, a 1 is a lit pixel
                0x2E,  # no scrolling
            ))
            + self._directions()
        )  # fmt: skip

    def power(self, on):
        """Switch panel and charge pump on or off; switched off, the RAM keeps its picture."""
        if on:
            self._commands(bytes((_CHARGE_PUMP, _PUMP_ON, _DISPLAY_ON)))
        else:
            self._commands(bytes((_DISPLAY_OFF, _CHARGE_PUMP, _PUMP_OFF)))

    def contrast(self, value):
        """Set the brightness, 0 (dim, not dark) to 255; a new start keeps it."""
        self._brightness = value
        self._commands(bytes((_CONTRAST, value)))

    def flip(self, on):
        """Have the picture upside down, or upright again; a new start keeps it.

        The columns turn for what is written from now on only (section 10.1.8): all
        pages have to be sent anew.
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
