"""SH1106 OLED controller at register level, from Sino Wealth's data sheet (version 2.3).

Commands and display data come over I2C; pixels() returns what is visible on the usual
module, whose 128 columns are at the middle segments, SEG2 to SEG129, and which is
upright with A1h and C8h. Anything that the data sheet does not define raises
ValueError, so that a driver's faults show; so do the SSD1306's windows and addressing
modes.
"""

import random

COLUMNS, PAGES, LINES = 132, 8, 64

# Double-byte commands, and their valid second bytes.
SECOND_BYTES = {
    0x81: range(0x100),  # contrast
    0xA8: range(0x40),  # multiplex ratio
    0xAD: (0x8A, 0x8B),  # DC-DC off, on
    0xD3: range(0x40),  # display offset
    0xD5: range(0x100),  # clock
    0xD9: range(0x100),  # discharge and precharge periods
    0xDA: (0x02, 0x12),  # common pads: sequential, alternative
    0xDB: range(0x100),  # VCOM deselect level
}
REGISTERS = {
    0x81: "contrast",
    0xA8: "multiplex",
    0xD3: "offset",
    0xD5: "clock",
    0xD9: "precharge",
    0xDA: "pads",
    0xDB: "vcom",
}
SWITCHES = {
    0xA0: ("reversed_columns", False),
    0xA1: ("reversed_columns", True),
    0xA4: ("all_on", False),
    0xA5: ("all_on", True),
    0xA6: ("inverted", False),
    0xA7: ("inverted", True),
    0xAE: ("on", False),
    0xAF: ("on", True),
}
READ_MODIFY_WRITE, END, NOP = 0xE0, 0xEE, 0xE3


class SH1106:
    """An SH1106 with a panel of 128 x 64 pixels, just powered up.

    `ram` holds 8 pages of 132 bytes by column address. Other attributes: `on`, `dc_dc`
    (the converter is enabled), `contrast` (0-255), `pump_voltage`, `inverted`, `all_on`.
    """

    ADDRESS: int = 0x3C

    def __init__(self, width: int = 128, height: int = LINES) -> None:
        if (width, height) != (128, LINES):
            raise ValueError("an SH1106 panel has 128 columns and 64 lines")
        self.width, self.height = width, height
        self.reset()

    def reset(self) -> None:
        """Set the values marked POR, as a power-on reset does. The RAM holds noise."""
        noise = random.Random(1106)  # noqa: S311 - not a secret
        self.ram = bytearray(noise.randbytes(COLUMNS * PAGES))
        self.on = self.all_on = self.inverted = False
        self.reversed_columns = self.reversed_rows = False
        self.dc_dc = True
        self.pump_voltage = 8.0
        self.contrast = 0x80
        self.multiplex, self.offset, self.start_line = 0x3F, 0, 0
        self.clock, self.precharge, self.pads, self.vcom = 0x50, 0x22, 0x12, 0x35
        self._column = self._page = 0
        self._return_to: int | None = None  # the column where a read-modify-write began
        self._command: int | None = None  # a double-byte command that waits for its second
        self.start()

    @property
    def lit(self) -> bool:
        """Whether the panel can emit light: the display and the converter are on."""
        return self.on and self.dc_dc

    # -- the I2C face ------------------------------------------------------------------

    def start(self) -> None:
        """Handle a START or repeated START: the next byte written is a control byte."""
        self._control: int | None = None

    def write(self, data: bytes) -> None:
        """Handle bytes after the address: control bytes (Co, D/C, six zeros), commands, data."""
        for value in data:
            control = self._control
            if control is None:
                if value & 0x3F:
                    raise ValueError(f"SH1106 control byte {value:#04x} has bits 5-0 set")
                self._control = value
                continue
            if control & 0x80:  # one byte, then a control byte again
                self._control = None
            if control & 0x40:
                self._take_data(value)
            else:
                self._take_command(value)

    def read(self, n: int) -> bytes:
        """Return n times the status: never busy; bit 6 is set while the display is off."""
        return bytes([0x00 if self.on else 0x40]) * n

    def _take_data(self, value: int) -> None:
        if self._command is not None:
            waiting, self._command = self._command, None
            raise ValueError(f"SH1106 command {waiting:#04x} got data for its second byte")
        if self._column >= COLUMNS:  # the counter stops there, and the page stays
            raise ValueError(f"SH1106 has no column {self._column}")
        self.ram[self._page * COLUMNS + self._column] = value
        self._column += 1

    def _take_command(self, value: int) -> None:
        if self._command is not None:
            command, self._command = self._command, None
            self._double_byte(command, value)
        elif value in SECOND_BYTES:
            self._command = value
        else:
            self._single_byte(value)

    def _double_byte(self, command: int, value: int) -> None:
        if value not in SECOND_BYTES[command]:
            raise ValueError(f"SH1106 command {command:#04x} does not take {value:#04x}")
        if command == 0xAD:
            self.dc_dc = value == 0x8B
        else:
            setattr(self, REGISTERS[command], value)

    def _single_byte(self, command: int) -> None:
        high, low = command & 0xF0, command & 0x0F
        if command in SWITCHES:
            name, state = SWITCHES[command]
            setattr(self, name, state)
        elif high == 0x00:
            self._column = self._column & 0xF0 | low
        elif high == 0x10:
            self._column = self._column & 0x0F | low << 4
        elif 0x30 <= command <= 0x33:
            self.pump_voltage = (6.4, 7.4, 8.0, 9.0)[low]
        elif 0x40 <= command <= 0x7F:
            self.start_line = command & 0x3F
        elif 0xB0 <= command <= 0xB7:
            self._page = low
        elif high == 0xC0:
            self.reversed_rows = bool(low & 8)  # the lower bits do not matter
        elif command == READ_MODIFY_WRITE:
            self._return_to = self._column
        elif command == END:
            self._column = self._column if self._return_to is None else self._return_to
            self._return_to = None
        elif command != NOP:
            raise ValueError(f"SH1106 has no command {command:#04x}")

    # -- the picture -------------------------------------------------------------------

    def pixels(self) -> list[bytes]:
        """Return `height` rows of `width` bytes, 1 for a lit pixel; top left first."""
        if not self.lit:
            return [bytes(self.width)] * self.height
        shown = self._lines_by_pad()
        # Upright, the top row is at the last common, and the left column at SEG129.
        return [self._row(shown.get(_pad(LINES - 1 - y, 0x12))) for y in range(LINES)]

    def _lines_by_pad(self) -> dict[int, int]:
        """Return {common pad: RAM line shown}: A8h, C0h/C8h, D3h, DAh and 40h-7Fh."""
        lines = {}
        for row in range(self.multiplex + 1):
            output = self.multiplex - row if self.reversed_rows else row
            pad = _pad((output - self.offset) % LINES, self.pads)
            lines[pad] = (row + self.start_line) % LINES
        return lines

    def _row(self, line: int | None) -> bytes:
        if line is None:
            return bytes(self.width)
        if self.all_on:
            return b"\x01" * self.width
        page, bit, flip = line // 8 * COLUMNS, line % 8, int(self.inverted)
        row = bytearray()
        for segment in range(129, 1, -1):
            # A0h: column 0 is SEG0; A1h: column 0 is SEG131.
            column = COLUMNS - 1 - segment if self.reversed_columns else segment
            row.append(self.ram[page + column] >> bit & 1 ^ flip)
        return bytes(row)


def _pad(output: int, pads: int) -> int:
    """Return the common pad of scan output 0-63: in sequence, or alternating between sides."""
    return output // 2 + (LINES // 2 if output & 1 else 0) if pads == 0x12 else output
