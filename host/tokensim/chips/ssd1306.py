"""SSD1306 OLED controller at register level, from Solomon Systech's data sheet (rev 1.5).

Commands and display data come over I2C (section 8.1.5); pixels() returns what is
visible on the usual module, which is upright with A1h and C8h. A byte that the
data sheet does not define raises ValueError, so that a driver's faults show.
Scrolling commands are accepted but nothing moves.
"""

import random

COLUMNS, PAGES, LINES = 128, 8, 64
HORIZONTAL, VERTICAL, PAGE = 0, 1, 2
PUMP_ENABLE = 0x04

# Number of argument bytes of each command that has any (table 9-1 and appendix).
ARGUMENTS = {
    0x20: 1, 0x21: 2, 0x22: 2, 0x26: 6, 0x27: 6, 0x29: 5, 0x2A: 5, 0x81: 1, 0x8D: 1,
    0xA3: 2, 0xA8: 1, 0xD3: 1, 0xD5: 1, 0xD9: 1, 0xDA: 1, 0xDB: 1,
}  # fmt: skip
SWITCHES = {
    0xA0: ("remap", False), 0xA1: ("remap", True),
    0xA4: ("all_on", False), 0xA5: ("all_on", True),
    0xA6: ("inverted", False), 0xA7: ("inverted", True),
    0xAE: ("on", False), 0xAF: ("on", True),
    0xC0: ("scan_reversed", False), 0xC8: ("scan_reversed", True),
}  # fmt: skip
WITHOUT_EFFECT = (0x2E, 0x2F, 0xE3)  # scroll off, scroll on, NOP


class SSD1306:
    """An SSD1306 with a panel of `width` x `height` pixels, just powered up.

    The panel is wired as on modules: COM pins alternating (DAh 12h) if it has
    more than 32 lines, in sequence (DAh 02h) otherwise; narrow panels are at
    the middle of the 128 segments. `ram` holds 8 pages of 128 bytes in the order
    of the panel: with A1h byte `page * 128 + column`. Other attributes: `on`,
    `pump`, `contrast` (0-255), `inverted`, `all_on`.
    """

    ADDRESS: int = 0x3C

    def __init__(self, width: int = COLUMNS, height: int = LINES):
        if not 1 <= width <= COLUMNS or not 16 <= height <= LINES:
            raise ValueError("an SSD1306 panel has up to 128 columns and 16 to 64 lines")
        self.width, self.height = width, height
        self._control: int | None = None  # the control byte in force
        self.reset()

    def reset(self) -> None:
        """Set the power-on values (section 8.5). The RAM holds noise, always the same."""
        noise = random.Random(1306)  # noqa: S311 - not a secret
        self.ram = bytearray(noise.randbytes(COLUMNS * PAGES))
        self.on = self.pump = self.all_on = self.inverted = False
        self.remap = self.scan_reversed = False
        self.contrast = 0x7F
        self.mode = PAGE
        self.multiplex, self.offset, self.start_line = 63, 0, 0
        self.com_pins, self.precharge, self.vcomh, self.clock = 0x12, 0x22, 0x20, 0x80
        self._columns, self._pages = (0, COLUMNS - 1), (0, PAGES - 1)
        self._page_mode_column = self._column = self._page = 0
        self._command: list[int] = []  # a command that still waits for arguments
        self.start()

    @property
    def lit(self) -> bool:
        """Whether the panel can emit light: display on (AFh) and charge pump on (8Dh 14h)."""
        return self.on and self.pump

    # -- the I2C face (section 8.1.5.2) ------------------------------------------------

    def start(self) -> None:
        """Handle a START or repeated START: the next byte written is a control byte."""
        self._control = None

    def write(self, data: bytes) -> None:
        """Handle bytes after the address: control bytes, commands and display data.

        A command may be split over control bytes and transactions. Raises
        ValueError for what the data sheet does not define.
        """
        for value in data:
            control = self._control
            if control is None:
                if value & 0x3F:
                    raise ValueError(f"SSD1306 control byte {value:#04x} has bits 5-0 set")
                self._control = value
                continue
            if control & 0x80:  # Co: one byte, then a control byte again
                self._control = None
            if control & 0x40:
                self._take_data(value)
            else:
                self._take_command(value)

    def read(self, n: int) -> bytes:
        """Return n times the status byte: bit 6 is set while the display is off."""
        return bytes([0x00 if self.on else 0x40]) * n

    # -- display data (section 10.1.3) -------------------------------------------------

    def _take_data(self, value: int) -> None:
        if self._command:
            waiting, self._command = self._command, []
            raise ValueError(f"SSD1306 command {waiting[0]:#04x} got data for an argument")
        # Remapping affects incoming data, not the contents of the RAM (section 10.1.8).
        place = self._column if self.remap else COLUMNS - 1 - self._column
        self.ram[self._page * COLUMNS + place] = value
        if self.mode == PAGE:
            self._column = _next(self._column, (self._page_mode_column, COLUMNS - 1), COLUMNS)
        elif self.mode == HORIZONTAL:
            if self._column == self._columns[1]:
                self._page = _next(self._page, self._pages, PAGES)
            self._column = _next(self._column, self._columns, COLUMNS)
        else:
            if self._page == self._pages[1]:
                self._column = _next(self._column, self._columns, COLUMNS)
            self._page = _next(self._page, self._pages, PAGES)

    # -- commands (table 9-1) ----------------------------------------------------------

    def _take_command(self, value: int) -> None:
        self._command.append(value)
        command, *arguments = self._command
        if len(arguments) < ARGUMENTS.get(command, 0):
            return
        self._command = []
        if not arguments:
            self._simple_command(command)
        elif command in (0x20, 0x21, 0x22):
            self._addressing_command(command, arguments)
        elif command in (0x81, 0x8D, 0xA8, 0xD3, 0xD5, 0xD9, 0xDA, 0xDB):
            self._panel_command(command, arguments[0])

    def _simple_command(self, command: int) -> None:
        if command in SWITCHES:
            name, state = SWITCHES[command]
            setattr(self, name, state)
        elif 0x40 <= command <= 0x7F:
            self.start_line = command & 0x3F
        elif command <= 0x1F:
            low, high = self._page_mode_column & 0x0F, self._page_mode_column & 0x70
            if command <= 0x0F:
                low = command
            else:
                high = (command & 0x07) << 4
            self._page_mode_column = high | low
            if self.mode == PAGE:
                self._column = high | low
        elif 0xB0 <= command <= 0xB7:
            if self.mode == PAGE:
                self._page = command & 0x07
        elif command not in WITHOUT_EFFECT:
            raise ValueError(f"SSD1306 has no command {command:#04x}")

    def _addressing_command(self, command: int, arguments: list[int]) -> None:
        """Handle 20h to 22h. In page mode windows are stored, but do not move the pointers:
        they are for the horizontal and vertical modes."""
        if command == 0x20:
            if arguments[0] & 3 == 3:
                raise ValueError("SSD1306 memory addressing mode 3 is invalid")
            self.mode = arguments[0] & 3
            return
        last = COLUMNS - 1 if command == 0x21 else PAGES - 1
        start, end = arguments
        if not 0 <= start <= end <= last:
            raise ValueError(f"SSD1306 window {command:#04x} from {start} to {end} is invalid")
        if command == 0x21:
            self._columns = (start, end)
            if self.mode != PAGE:
                self._column = start
        else:
            self._pages = (start, end)
            if self.mode != PAGE:
                self._page = start

    def _panel_command(self, command: int, argument: int) -> None:
        if command == 0x81:
            self.contrast = argument
        elif command == 0x8D:
            self.pump = bool(argument & PUMP_ENABLE)
        elif command == 0xA8:
            if argument & 0x3F < 15:
                raise ValueError(f"SSD1306 multiplex ratio {argument} is invalid")
            self.multiplex = argument & 0x3F
        elif command == 0xD3:
            self.offset = argument & 0x3F
        elif command == 0xDA:
            if argument & ~0x30 != 0x02:
                raise ValueError(f"SSD1306 COM pins {argument:#04x} is invalid")
            self.com_pins = argument
        else:
            setattr(self, {0xD5: "clock", 0xD9: "precharge", 0xDB: "vcomh"}[command], argument)

    # -- the picture -------------------------------------------------------------------

    def pixels(self) -> list[bytes]:
        """Return `height` rows of `width` bytes, 1 for a lit pixel; top left first."""
        if not self.lit:
            return [bytes(self.width)] * self.height
        shown = self._lines_by_pin()
        wired = 0x02 if self.height <= 32 else 0x12
        # Upright, the top row is at the last COM, and the left column at SEG127.
        pins = [_pin(self.height - 1 - y, wired) for y in range(self.height)]
        return [self._row(shown.get(pin)) for pin in pins]

    def _lines_by_pin(self) -> dict[int, int]:
        """Return {COM pin: RAM line shown} (sections 10.1.6, 10.1.11, 10.1.15, 10.1.18)."""
        lines = {}
        for row in range(self.multiplex + 1):
            output = self.multiplex - row if self.scan_reversed else row
            pin = _pin((output - self.offset) % LINES, self.com_pins)
            lines[pin] = (row + self.start_line) % LINES
        return lines

    def _row(self, line: int | None) -> bytes:
        if line is None:
            return bytes(self.width)
        if self.all_on:
            return b"\x01" * self.width
        left = line // 8 * COLUMNS + (COLUMNS - self.width) // 2
        bit, flip = line % 8, int(self.inverted)
        return bytes(value >> bit & 1 ^ flip for value in self.ram[left : left + self.width])


def _next(place: int, window: tuple[int, int], size: int) -> int:
    """Return the pointer after `place`, which goes back to the window's start after its end."""
    first, last = window
    return first if place == last else (place + 1) % size


def _pin(output: int, com_pins: int) -> int:
    """Return the COM pin of scan output 0-63 under a DAh setting (section 10.1.18)."""
    if com_pins & 0x10:  # alternative: even outputs on one side, odd ones on the other
        output = output // 2 + (LINES // 2 if output & 1 else 0)
    if com_pins & 0x20:  # left and right sides exchanged
        output ^= LINES // 2
    return output
