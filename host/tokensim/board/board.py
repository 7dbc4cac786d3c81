"""The simulated board: chips on their bus, flash, buttons and supply, and their state on disk.

It has no processes and sockets: time is an argument, and the simulator passes on the firmware's
requests.
"""

import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from tokensim.board.button_wire import ButtonWire
from tokensim.board.flash import Flash, private
from tokensim.board.i2c import Bus
from tokensim.board.idfheap import IdfHeap
from tokensim.board.interrupts import Interrupts
from tokensim.board.models import RTCS
from tokensim.board.pins import Pins
from tokensim.board.wakeup import Wakeup
from tokensim.board.wiring import Wiring
from tokensim.chips import hmac_peripheral
from tokensim.chips.rtc_base import RtcBase
from tokensim.port.appflash import AppFlash

FLASH_SIZE = 512 * 1024  # bytes: the vault's partition
_STATE = "board.json"
_FLASH = "flash.bin"
_FLASH_AROUND = "flash-around.bin"  # what a computer wrote to the rest of the flash
_EFUSES = "efuses.json"  # includes the keys that software on the board cannot read


class NoClockChip(Exception):
    """The board has no clock chip."""

    def __init__(self) -> None:
        super().__init__("the board has no clock chip")


class OtherClockChip(Exception):
    """The board in the state folder has another clock chip than the one requested."""


@dataclass(frozen=True)
class Parts:
    """What a board is made of; None means what its state has, and for a new one the usual.

    `definition` is a board definition (usually the firmware's own), `panel` one of
    tokensim.board.wiring.PANELS in the place of its panel, `rtc` one of RTCS (a DS3231).
    `flash_size` is the size of the vault's partition, in bytes.
    """

    definition: dict[str, Any] | None = None
    panel: str | None = None
    rtc: str | None = None
    flash_size: int = FLASH_SIZE


USUAL = Parts()


class Board:
    """The hardware. `now` returns physical time in ns; `state` is a folder, or None.

    `hash_time` is how many times as long as on an ESP32 its chip takes to hash (1 to 255): tests
    that are not about a PIN's key have one that derives it in a few iterations.

    Raises tokensim.board.wiring.OtherBoard or OtherClockChip if the state has other `parts`,
    ValueError or KeyError if it is not valid.
    """

    hash_time: ClassVar[int] = 1

    def __init__(self, now: Callable[[], int], state: Path | None, parts: Parts = USUAL) -> None:
        self._path = None if state is None else state / _STATE
        saved = None
        if self._path is not None and self._path.exists():
            saved = json.loads(self._path.read_text())
        self.wiring = Wiring(parts.definition, parts.panel).of_state(saved)
        self.rtc_name = _choose(parts.rtc, saved)
        self._rtc = _fit(self.rtc_name, now)
        self.flash = Flash(None if state is None else state / _FLASH, parts.flash_size)
        self.flash_around = None if state is None else state / _FLASH_AROUND
        self.app: AppFlash | None = None  # the firmware's files, if accesses are counted
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
        self.usb = True  # USB power is present, for a board that senses it
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
        self.cell_is_dead = False  # the clock chip has no battery
        self.radio_draws = 0  # how often the radio was switched on
        self.radio_hangs = False  # whether switching the radio on hangs
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
        """Return a pin's level, by what drives or else pulls it; 1 if nothing does."""
        pulled = self.pins.level(pin)
        if pin in self.buttons:
            return self.buttons[pin].level(now) and pulled
        return int(self.usb) if pin == self.wiring.usb_pin() else pulled

    def next_edge(self) -> int | None:
        """Return when a button's wire changes next, None if it does not."""
        edges = [wire.edges[0][0] for wire in self.buttons.values() if wire.edges]
        return min(edges, default=None)

    def microvolts(self, pin: int) -> int:
        """Return the voltage at a pin: that of the battery's divider, elsewhere 0."""
        upper, lower = self.wiring.divider(pin) or (1, 0)
        return self.battery_mv * 1000 * lower // (upper + lower)

    def reset_chip(self) -> None:
        """Reset the chip: registers have their initial values, eFuses stay burnt."""
        self.wakeup.reset()
        self.pins.reset()
        self.idf_heap.reset()
        self.interrupts.reset()
        if self.hmac is not None:
            self.hmac.reset()

    def power_on(self) -> None:
        """Switch the supply on: the panel is reset; the RTC has run on its battery."""
        self.panel.reset()
        self.flash.power_on()
        self._supply_rtc(True)

    def power_off(self) -> None:
        """Switch the supply off."""
        self.panel.reset()
        self._supply_rtc(False)
        if self.cell_is_dead and self._rtc is not None:
            self._rtc.lose_power()
        self.save()

    def _supply_rtc(self, present: bool) -> None:
        if self._rtc is not None:
            self._rtc.vcc = present

    def lose_battery(self) -> None:
        """Take the RTC's cell away while the supply is off: the RTC loses its contents."""
        if self._rtc is not None:
            self._rtc.lose_power()
        self.save()

    def written(self, address: int) -> None:
        """Save the chip at `address`, which was written to, if it keeps that without supply."""
        if self._rtc is not None and address == self._rtc.ADDRESS:
            self.save()

    def _keep_efuses(self) -> None:
        """Save burnt eFuses at once: burning cannot be undone."""
        if self._efuse_file is not None:
            new = self._efuse_file.with_suffix(".new")
            with open(new, "w", opener=private) as file:
                json.dump(self.efuses.dump(), file)
            new.replace(self._efuse_file)

    def save(self) -> None:
        """Save what survives without supply, other than the flash."""
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
    """Return the name of the board's clock chip: that of the state, if there is one."""
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
