"""The SSD1306 OLED controller over I2C (Solomon Systech data sheet, rev. 1.1).

Draw on `framebuf`, then send the pages that changed_pages() returns; only changed columns
of a page are sent. A whole page takes 3.1 ms at 400 kHz, so the caller yields between
pages. Bus errors are OSError.
"""

from micropython import const

from tokenfw.drivers.panel import Panel

_BRIGHTNESS = const(0xCF)  # until contrast(): that of the application note's example


class SSD1306(Panel):
    """The panel on the bus `i2c` (as machine.I2C); see tokenfw.drivers.panel."""

    ON = bytes((0x8D, 0x14, 0xAF))  # the charge pump, then the display
    OFF = bytes((0xAE, 0x8D, 0x10))

    def __init__(self, i2c, address=0x3C, width=128, height=64):
        super().__init__(i2c, address, width, height, 0, _BRIGHTNESS)

    def start(self):
        """Set the panel up, dark (see power()); its contents are unknown afterwards.

        From section 10 and the charge-pump example of the application note.
        """
        self.set_up(
            bytes((
                0xAE,  # display off
                0xD5, 0x80,  # clock: divide by 1, the default frequency
                0xA8, self.height - 1,  # multiplex ratio
                0xD3, 0x00,  # no vertical offset
                0x40,  # RAM row 0 is the top row
                0x20, 0x02,  # page addressing: a window would cost more bytes
                0xDA, 0x12 if self.height > 32 else 0x02,  # how the rows are wired
                0xD9, 0xF1,  # precharge for a panel that the charge pump supplies
                0xDB, 0x20,  # deselect level 0.77 of the supply
                0x2E,  # no scrolling
            ))
        )  # fmt: skip
