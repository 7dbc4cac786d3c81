"""The simulated board: chips on their bus, flash, button and supply, and their state on disk.

It knows nothing of processes and sockets: time is handed in, and the
simulator asks it what the firmware asks for.
"""

import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tokensim.chips.ds3231 import DS3231
from tokensim.flash import Flash
from tokensim.i2c import Bus
from tokensim.wiring import Wiring

FLASH_SIZE = 512 * 1024  # bytes: the vault's partition
_STATE = "board.json"
_FLASH = "flash.bin"


@dataclass
class ButtonWire:
    """The level of the button's wire over time: edges to come, each (nanoseconds, pressed)."""

    pressed: bool = False
    edges: list[tuple[int, bool]] = field(default_factory=list)

    def schedule(self, start: int, duration: int, bounce: list[int]) -> int:
        """Press at `start` for `duration` ns, bouncing at both edges; return when it is over.

        `bounce` lists how many ns after an edge the contact changes once more.
        """
        if self.edges:
            start = max(start, self.edges[-1][0] + 100_000_000)
        for edge, level in ((start, True), (start + duration, False)):
            self.edges.append((edge, level))
            for number, later in enumerate(bounce):
                self.edges.append((edge + later, level == bool(number % 2)))
        return self.edges[-1][0]

    def level(self, now: int) -> int:
        """Return what the pin reads: 0 while pressed, pulled up otherwise."""
        while self.edges and self.edges[0][0] <= now:
            self.pressed = self.edges.pop(0)[1]
        return 0 if self.pressed else 1


class Board:
    """The hardware. `now` gives physical time in ns; `state` is a folder, or None for none.

    `wiring` is for a new state. Raises tokensim.wiring.OtherBoard for one that has another.
    """

    def __init__(
        self,
        now: Callable[[], int],
        state: Path | None,
        flash_size: int = FLASH_SIZE,
        wiring: Wiring | None = None,
    ) -> None:
        self._now = now
        self._path = None if state is None else state / _STATE
        saved = None
        if self._path is not None and self._path.exists():
            saved = json.loads(self._path.read_text())
        self.wiring = (wiring or Wiring()).of_state(saved)
        self.flash = Flash(None if state is None else state / _FLASH, flash_size)
        self.rtc = DS3231(now)
        self.panel = self.wiring.fit_panel()
        self.bus = Bus()
        self.bus.attach(self.rtc)
        self.bus.attach(self.panel)
        self.button = ButtonWire()
        self.second_button = ButtonWire()
        first, second = self.wiring.button_pins()
        self.buttons = {first: self.button, second: self.second_button}
        self.processor_hz = 160_000_000
        self.radio_on = False
        self.radio_draws = 0  # how often it was switched on
        self.serial = random.Random(now()).randbytes(6)  # noqa: S311 (a name, not a secret)
        if saved is not None:
            self.serial = bytes.fromhex(saved["serial"])
            self.rtc.restore(saved["rtc"])
        self.save()

    def power_on(self) -> None:
        """The supply comes: the panel starts anew, the RTC has run on its battery."""
        self.panel.reset()
        self.flash.power_on()

    def save(self) -> None:
        """Write down what outlives the supply and is not flash."""
        if self._path is not None:
            saved = {"serial": self.serial.hex(), "rtc": self.rtc.dump(), **self.wiring.dump()}
            new = self._path.with_suffix(".new")
            new.write_text(json.dumps(saved))
            new.replace(self._path)
