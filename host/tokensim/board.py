"""The simulated board: chips on their bus, flash, button and supply, and their state on disk.

It knows nothing of processes and sockets: time is handed in, and the
simulator asks it what the firmware asks for.
"""

import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tokensim.appflash import AppFlash
from tokensim.chips import hmac_peripheral
from tokensim.chips.rtc_base import RtcBase
from tokensim.flash import Flash, private
from tokensim.i2c import Bus
from tokensim.idfheap import IdfHeap
from tokensim.interrupts import Interrupts
from tokensim.models import RTCS
from tokensim.pins import Pins
from tokensim.wakeup import Wakeup
from tokensim.wiring import Wiring

FLASH_SIZE = 512 * 1024  # bytes: the vault's partition
_STATE = "board.json"
_FLASH = "flash.bin"
_EFUSES = "efuses.json"  # with the keys that no software of the board can read


class NoClockChip(Exception):
    """The board has none."""

    def __init__(self) -> None:
        super().__init__("the board has no clock chip")


class OtherClockChip(Exception):
    """The state folder is that of a board with another clock chip than was asked for."""


@dataclass
class ButtonWire:
    """The level of the button's wire over time: edges to come, each (nanoseconds, pressed).

    `readings` counts how often the firmware has read it since the chip started.
    """

    pressed: bool = False
    edges: list[tuple[int, bool]] = field(default_factory=list)
    readings: int = 0

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
        self.readings += 1
        while self.edges and self.edges[0][0] <= now:
            self.pressed = self.edges.pop(0)[1]
        return 0 if self.pressed else 1


class Board:
    """The hardware. `now` gives physical time in ns; `state` is a folder, or None for none.

    `wiring` and `rtc`, one of RTCS, are for a new state; None stands for what the state
    has, in a new one for the firmware's own and a DS3231. Raises tokensim.wiring.OtherBoard
    and OtherClockChip for a state that has another, ValueError or KeyError for one that is none.
    """

    def __init__(
        self,
        now: Callable[[], int],
        state: Path | None,
        flash_size: int = FLASH_SIZE,
        wiring: Wiring | None = None,
        rtc: str | None = None,
    ) -> None:
        self._path = None if state is None else state / _STATE
        saved = None
        if self._path is not None and self._path.exists():
            saved = json.loads(self._path.read_text())
        self.wiring = (wiring or Wiring()).of_state(saved)
        self.rtc_name = _choose(rtc, saved)
        self._rtc = _fit(self.rtc_name, now)
        self.flash = Flash(None if state is None else state / _FLASH, flash_size)
        self.app: AppFlash | None = None  # the firmware's files, where they are counted
        self.panel = self.wiring.fit_panel()
        self.bus = Bus()
        self.bus.attach(self.panel)
        if self._rtc is not None:
            self.bus.attach(self._rtc)
        self.button = ButtonWire()
        self.second_button = ButtonWire()
        first, second = self.wiring.button_pins()
        self.buttons = {first: self.button, second: self.second_button}
        self.wakeup = Wakeup(self.wiring.chip())
        self.usb = True  # power comes over USB, as a board that senses it sees
        self.battery_mv = 4000
        self.processor_hz = 160_000_000
        self.pins = Pins(self.wiring.chip())
        self.idf_heap = IdfHeap()
        self._efuse_file = None if state is None else state / _EFUSES
        self.efuses = _burnt(self._efuse_file)
        self.efuses.on_burn = self._keep_efuses
        chip = self.wiring.chip()
        self.interrupts = Interrupts()
        has_hmac = chip in hmac_peripheral.CHIPS
        self.hmac = hmac_peripheral.HmacPeripheral(chip, self.efuses) if has_hmac else None
        self.radio_on = False
        self.random_is_stuck = False
        self.cell_is_dead = False  # the clock chip lives on the supply alone
        self.radio_draws = 0  # how often it was switched on
        self.radio_hangs = False  # when it is switched on
        self.serial = random.Random(now()).randbytes(6)  # noqa: S311 (a name, not a secret)
        if saved is not None:
            self.serial = bytes.fromhex(saved["serial"])
            if self._rtc is not None:
                self._rtc.restore(saved["rtc"])
        self.save()

    @property
    def rtc(self) -> RtcBase:
        """The clock chip; raises NoClockChip."""
        if self._rtc is None:
            raise NoClockChip
        return self._rtc

    def level(self, pin: int, now: int) -> int:
        """Return what a pin reads: what drives it, else what pulls it; up if nothing does."""
        pulled = self.pins.level(pin)
        if pin in self.buttons:
            return self.buttons[pin].level(now) and pulled
        return int(self.usb) if pin == self.wiring.usb_pin() else pulled

    def next_edge(self) -> int | None:
        """Return when a button's wire changes next, None if nothing is to come."""
        edges = [wire.edges[0][0] for wire in self.buttons.values() if wire.edges]
        return min(edges, default=None)

    def microvolts(self, pin: int) -> int:
        """Return the voltage at a pin: the battery's behind its divider, elsewhere none."""
        upper, lower = self.wiring.divider(pin) or (1, 0)
        return self.battery_mv * 1000 * lower // (upper + lower)

    def reset_chip(self) -> None:
        """The chip starts anew: registers are as they begin, and its eFuses as they were burnt."""
        self.wakeup.reset()
        self.pins.reset()
        self.idf_heap.reset()
        self.interrupts.reset()
        if self.hmac is not None:
            self.hmac.reset()

    def power_on(self) -> None:
        """The supply comes: the panel starts anew, the RTC has run on its battery."""
        self.panel.reset()
        self.flash.power_on()
        self._supply_rtc(True)

    def power_off(self) -> None:
        """The supply goes."""
        self.panel.reset()
        self._supply_rtc(False)
        if self.cell_is_dead and self._rtc is not None:
            self._rtc.lose_power()
        self.save()

    def _supply_rtc(self, present: bool) -> None:
        if self._rtc is not None:
            self._rtc.vcc = present

    def lose_battery(self) -> None:
        """The RTC loses its cell, and with it, as the supply is off, all that it held."""
        if self._rtc is not None:
            self._rtc.lose_power()
        self.save()

    def written(self, address: int) -> None:
        """Something was written to the chip at `address`: keep what outlives the supply."""
        if self._rtc is not None and address == self._rtc.ADDRESS:
            self.save()

    def _keep_efuses(self) -> None:
        """Write down what was burnt: nothing undoes that."""
        if self._efuse_file is not None:
            new = self._efuse_file.with_suffix(".new")
            with open(new, "w", opener=private) as file:
                json.dump(self.efuses.dump(), file)
            new.replace(self._efuse_file)

    def save(self) -> None:
        """Write down what outlives the supply and is not flash."""
        if self._path is not None:
            rtc = None if self._rtc is None else self._rtc.dump()
            saved = {"serial": self.serial.hex(), "rtc_name": self.rtc_name, "rtc": rtc}
            saved |= self.wiring.dump()
            new = self._path.with_suffix(".new")
            new.write_text(json.dumps(saved))
            new.replace(self._path)


def _burnt(path: Path | None) -> hmac_peripheral.Efuses:
    if path is None or not path.exists():
        return hmac_peripheral.Efuses()
    return hmac_peripheral.Efuses.load(json.loads(path.read_text()))


def _choose(wanted: str | None, saved: Any) -> str:
    """Return the name of the board's clock chip: what the state says, if there is one."""
    if saved is None:
        return wanted or "ds3231"
    if not isinstance(saved, dict):
        raise ValueError("no state of a board")
    name = saved.get("rtc_name", "ds3231")  # older states do not say
    if wanted not in (None, name):
        raise OtherClockChip(f"the clock chip of that token is {name}, not {wanted}")
    return name


def _fit(name: str, now: Callable[[], int]) -> RtcBase | None:
    model = RTCS[name]
    return None if model is None else model(now)
