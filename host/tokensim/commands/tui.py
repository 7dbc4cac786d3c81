"""`tokensim run --tui`: the token in the terminal, with keys for its buttons.

Since a terminal does not report the release of a key, short press, long press and hold have keys
of their own. The OLED is drawn in half blocks, or in a small window in braille, eight pixels a
character.
"""

import contextlib
import os
import queue
import time
from collections.abc import Callable, Sequence

from tokensim.commands.terminal import CTRL_C, Cell, Terminal
from tokensim.token import SimulatedToken
from tokensim.view.picture import BLOCKS, braille

FRAMES = 20  # a second
_SHORT, _LONG, _HOLD = 0.1, 1.2, 3.4  # seconds that a button is down
_GAP = 0.1  # seconds between two presses
_POLLS = 10  # readings of a button, after which polling is steady: the first ones have pauses
_START_MAX = 5.0  # seconds after which a press is passed on, whatever the firmware does
_AHEAD = 0.5  # seconds of presses that may be queued: a repeating key must not queue a minute
# Key: seconds, and whether it is the second button.
PRESSES = {
    " ": (_SHORT, False), "l": (_LONG, False), "h": (_HOLD, False),
    "b": (_SHORT, True), "n": (_LONG, True), "m": (_HOLD, True),
}  # fmt: skip
_COLUMNS_LEAST = 60  # of a window, in which a panel of 128 pixels is squeezed a little
# 256-colour SGR: blue-white in steps from dim to full, on black; a grey frame.
_LIGHT = ("38;5;24;48;5;16", "38;5;67;48;5;16", "38;5;110;48;5;16", "38;5;153;48;5;16")
_PLAIN_LIGHT = ("2", "2", "0", "0")  # where NO_COLOR is set: see no-color.org
_FRAME, _PLAIN, _STRONG = "38;5;240", "0", "1"


class Tui:
    """Shows a running token, and presses its buttons. `port` is the value for `tokenctl --port`."""

    def __init__(self, token: SimulatedToken, terminal: Terminal, port: str) -> None:
        self._token = token
        self._terminal = terminal
        self._port = port
        self._second = token.board.wiring.button_pins()[1] is not None
        self._busy = [0.0, 0.0]  # until when (monotonic s) presses of each button are queued
        self._held: tuple[float, bool] | None = None  # a press that waits for the firmware's start
        self._coloured = not os.environ.get("NO_COLOR")
        self._drawn: object = None  # the contents of the last frame

    def run(self, stopped: Callable[[], bool]) -> None:
        """Run until `q`, Ctrl-C or stopped(); the terminal is restored afterwards."""
        due = time.monotonic()
        with self._terminal.own(), contextlib.suppress(queue.Empty):  # the token's thread ended
            while not stopped():
                self._draw()
                if self._held is not None and not self._starts():
                    held, self._held = self._held, None
                    self._press(*held)
                due = max(due + 1 / FRAMES, time.monotonic())
                while (left := due - time.monotonic()) > 0:
                    for key in self._terminal.keys(left):
                        if key in ("q", CTRL_C):
                            return
                        self._take(key)

    def _take(self, key: str) -> None:
        if key in PRESSES:
            self._press(*PRESSES[key])
        elif key == "p" and self._token.chip.powered:
            self._token.power_off()
        elif key == "p":
            self._token.power_on()
        elif key == "r" and self._token.chip.powered:
            self._token.reset()

    def _starts(self) -> bool:
        """Return whether the firmware is starting, and would ignore a button that is down."""
        chip = self._token.chip
        lately = self._token.time.now() - chip.began < _START_MAX * 1e9
        return chip.powered and lately and self._token.board.button.readings < _POLLS

    def _press(self, seconds: float, second: bool) -> None:
        if self._starts():
            self._held = self._held or (seconds, second)
            return
        now = time.monotonic()
        waits = max(0.0, self._busy[second] - now)
        if not self._token.chip.powered or waits > _AHEAD or (second and not self._second):
            return
        self._token.press(seconds, second=second)
        self._busy[second] = now + waits + seconds + _GAP

    def _draw(self) -> None:
        columns, rows = self._terminal.size()
        pixels, brightness = self._token.look()
        down = [until - _GAP > time.monotonic() for until in self._busy]
        asleep = self._token.chip.asleep
        state = (pixels, brightness, columns, rows, down, self._instead(), asleep)
        if state != self._drawn:
            self._drawn = state
            self._terminal.show(self._lines(*state))

    def _lines(
        self,
        pixels: Sequence[bytes],
        brightness: float,
        columns: int,
        rows: int,
        down: list[bool],
        instead: str,
        asleep: bool,
    ) -> list[list[Cell]]:
        below = [
            *self._hints(),
            self._buttons(down, instead, asleep),
            _text(f" tokenctl --port {self._port} status"),
        ]
        width, height = len(pixels[0]), len(pixels)
        small = (_COLUMNS_LEAST, height // 4 + 2 + len(below))
        if columns < small[0] or rows < small[1]:
            return _too_small(columns, rows, *small)
        large = columns >= width + 2 and rows >= height // 2 + 2 + len(below)
        picture = half_blocks(pixels) if large else braille(squeezed(pixels, 2 * (columns - 2)))
        lit = (_LIGHT if self._coloured else _PLAIN_LIGHT)[min(3, int(brightness * 4))]
        frame = _FRAME if self._coloured else _PLAIN
        edge = "─" * len(picture[0])
        side: Cell = ("│", frame)
        screen = [[side, *_text(line, lit), side] for line in picture]
        lines = [_text(f"┌{edge}┐", frame), *screen, _text(f"└{edge}┘", frame), *below]
        return [line[:columns] for line in lines]

    def _instead(self) -> str:
        """Return what is the case instead of a running token; empty if it runs."""
        chip = self._token.chip
        if not chip.powered:
            return "The token is off; p switches it on."
        if chip.boot_rom.loader is not None:
            return "The chip is in its loader; r starts the token."
        nothing = "The flash has nothing that starts: tokenctl flash."
        return nothing if chip.boot_rom.obstacle else ""

    def _buttons(self, down: list[bool], instead: str, asleep: bool) -> list[Cell]:
        if instead:
            return _text(f" {instead}", _STRONG)
        names = ("button", "second button") if self._second else ("button",)
        shown = [f"{'●' if each else '○'} {name}" for each, name in zip(down, names, strict=False)]
        return _text(" " + "   ".join([*shown, "asleep"] if asleep else shown), _STRONG)

    def _hints(self) -> list[list[Cell]]:
        hints = [" space: press   l: long   h: hold 3 s"]
        if self._second:
            hints.append(" b: press 2nd   n: long   m: hold 3 s")
        return [_text(hint) for hint in [*hints, " p: power       r: reset  q: quit"]]


def half_blocks(pixels: Sequence[bytes]) -> list[str]:
    """Return lines of half blocks, one for two rows of pixels."""
    return [
        "".join([BLOCKS[up + 2 * low] for up, low in zip(upper, lower, strict=True)])
        for upper, lower in zip(pixels[::2], pixels[1::2], strict=True)
    ]


def squeezed(pixels: Sequence[bytes], width: int) -> list[bytes]:
    """Return the pixels squeezed to `width` columns at most; merged pixels are lit if any was."""
    wide = len(pixels[0])
    if width >= wide:
        return list(pixels)
    rows = [bytearray(width) for _ in pixels]
    for row, source in zip(rows, pixels, strict=True):
        for place, value in enumerate(source):
            row[place * width // wide] |= value
    return [bytes(row) for row in rows]


def _text(text: str, style: str = _PLAIN) -> list[Cell]:
    return [(character, style) for character in text]


def _too_small(columns: int, rows: int, width: int, height: int) -> list[list[Cell]]:
    """Return the lines for a window that is too small: its size and the size that is needed."""
    sentence = f"This window has {columns}x{rows} characters; the token needs {width}x{height}."
    lines, line = [], ""
    for word in sentence.split():
        if line and len(line) + 1 + len(word) > columns:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}".strip()
    return [_text(each[:columns]) for each in [*lines, line][:rows]]
