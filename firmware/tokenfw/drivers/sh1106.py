"""The SH1106 OLED controller over I2C (Sino Wealth data sheet, version 2.3).

Unlike the SSD1306, its RAM has 132 columns, of which a panel of 128 shows the middle ones;
a DC-DC converter supplies the panel; and page addressing is its only mode. Bus errors are
OSError.
"""

from micropython import const

from tokenfw.drivers.panel import Panel

_COLUMNS = const(132)
_BRIGHTNESS = const(0x80)  # until contrast(): that of a power-on reset


class SH1106(Panel):
    """The panel on the bus `i2c` (as machine.I2C); see tokenfw.drivers.panel."""

    # The converter is switched while the panel is off, as the data sheet demands.
    ON = bytes((0xAD, 0x8B, 0xAF))
    OFF = bytes((0xAE, 0xAD, 0x8A))

    def __init__(self, i2c, address=0x3C, width=128, height=64):
        super().__init__(i2c, address, width, height, (_COLUMNS - width) // 2, _BRIGHTNESS)

    def start(self):
        """Set the panel up, dark (see power()); its contents are unknown afterwards.

        The values are those of a power-on reset, which may not have happened.
        """
        self.set_up(
            bytes((
                0xAE,  # display off
                0xD5, 0x50,  # clock: divide by 1, the default frequency
                0xA8, self.height - 1,  # multiplex ratio
                0xD3, 0x00,  # no vertical offset
                0x40,  # RAM row 0 is the top row
                0xAD, 0x8A,  # converter off
                0x32,  # 8.0 V
                0xDA, 0x12 if self.height > 32 else 0x02,  # how the rows are wired
                0xD9, 0x22,  # precharge and discharge of 2 clocks each
                0xDB, 0x35,  # deselect level 0.77 of VREF
            ))
        )  # fmt: skip
